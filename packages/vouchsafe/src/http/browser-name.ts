import type { BrowserName } from "../protocol/grant.ts";

/** Reads `User-Agent`. Undefined where it names no browser; of whatever else it says nothing is kept. RFC 9110 §10.1.5 */
export const browserName = (request: Request): Promise<BrowserName | undefined> => browserNamed(request.headers.get("user-agent") ?? "");

/** The same, of the header's text. */
export async function browserNamed(userAgent: string): Promise<BrowserName | undefined> {
  if (userAgent === "") return undefined;
  // Loaded with the first decision: no other request needs it.
  const { default: bowser } = await import("bowser");
  const { browser, os } = bowser.parse(userAgent.slice(0, longest));
  return isName(browser.name) && isName(os.name) ? { browser: browser.name, system: os.name } : undefined;
}

const longest = 500;

/** What no header names is guessed from it, so that it can be anything. */
const isName = (name: string | undefined): name is string => name !== undefined && /^[A-Za-z][A-Za-z0-9 -]{0,29}$/.test(name);
