import { domainToUnicode } from "node:url";

/**
 * A host as pages show it. One with letters beyond ASCII is shown as it is written and as it is looked up: the first can be
 * recognised, the second cannot be mistaken. RFC 5891 §4
 */
export function shownHost(host: string): string {
  const [, name = host, port = ""] = /^(.*?)(:\d+)?$/.exec(host) ?? [];
  const written = name.includes("xn--") ? domainToUnicode(name) : name;
  return written === name || written === "" ? host : `${written}${port} (${host})`;
}
