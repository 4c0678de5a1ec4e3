/** What a browser would send if the person pressed a button without changing anything on the page. */
export interface FilledForm {
  /** Where it goes; undefined for the page's own address. */
  readonly action: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads the only form of a page: its hidden fields, and the boxes and choices that are ticked. */
export function filledForm(page: string): FilledForm {
  const fields: Record<string, string> = {};
  for (const [input] of page.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(input, "name");
    const isSent = attribute(input, "type") === "hidden" || /\schecked\b/.test(input);
    if (name !== undefined && isSent) fields[name] = attribute(input, "value") ?? "on";
  }
  return { action: attribute(/<form\b[^>]*>/.exec(page)?.[0] ?? "", "action"), fields };
}

/** Where a page that goes on by itself goes. */
export function refreshTarget(page: string): string | undefined {
  const meta = /<meta http-equiv="refresh"[^>]*>/.exec(page)?.[0];
  return meta === undefined ? undefined : attribute(meta, "content")?.replace(/^\d+;url=/, "");
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value?.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
