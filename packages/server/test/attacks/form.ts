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

export function formOf(html: string): Form | undefined {
  const form = /<form\b([^>]*\bmethod="post"[^>]*)>([\s\S]*?)<\/form>/i.exec(html);
  if (form === null) return undefined;
  const inputs = [...(form[2] ?? "").matchAll(/<input\b[^>]*>/gi)].map(([tag]) => tag);
  const hidden = inputs.filter((tag) => attribute(tag, "type") === "hidden").map(fieldOf);
  return {
    action: attribute(form[1] ?? "", "action"),
    hidden,
    ticked: inputs.filter((tag) => /type="(checkbox|radio)"/.test(tag) && /\schecked\b/.test(tag)).map(fieldOf),
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
