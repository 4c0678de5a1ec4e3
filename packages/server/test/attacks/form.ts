/** The POST form of one of our pages, with what it would send as it stands. */
export interface Form {
  readonly action: string;
  readonly hidden: readonly Field[];
  /** The boxes and choices that are ticked. */
  readonly ticked: readonly Field[];
  /** The hidden field that proves where the form came from. */
  readonly csrf: Field | undefined;
}

export type Field = readonly [name: string, value: string];

export const formOf = (html: string): Form | undefined => allFormsOf(html)[0];

/** In the order of the page. */
export const allFormsOf = (html: string): readonly Form[] =>
  [...html.matchAll(/<form\b([^>]*\bmethod="post"[^>]*)>([\s\S]*?)<\/form>/gi)].map(([, tag = "", content = ""]) => readForm(tag, content));

function readForm(tag: string, content: string): Form {
  const inputs = [...content.matchAll(/<input\b[^>]*>/gi)].map(([input]) => input);
  const hidden = inputs.filter((input) => attribute(input, "type") === "hidden").map(fieldOf);
  return {
    action: attribute(tag, "action"),
    hidden,
    ticked: inputs.filter((input) => /type="(checkbox|radio)"/.test(input) && /\schecked\b/.test(input)).map(fieldOf),
    csrf: hidden.find(([name]) => /csrf/i.test(name)),
  };
}

/** What the page sends the browser to without being asked: the done page's refresh. */
export function refreshOf(html: string): string | undefined {
  const target = /<meta http-equiv="refresh" content="\d+;url=([^"]*)">/.exec(html)?.[1];
  return target === undefined ? undefined : unescapeHtml(target);
}

const unescapeHtml = (text: string): string =>
  text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export const encodeFields = (fields: readonly Field[]): string =>
  new URLSearchParams(fields.map(([name, value]) => [name, value])).toString();

const fieldOf = (tag: string): Field => [attribute(tag, "name"), attribute(tag, "value")];
const attribute = (tag: string, name: string): string => unescapeHtml(new RegExp(`\\s${name}="([^"]*)"`).exec(` ${tag}`)?.[1] ?? "");
