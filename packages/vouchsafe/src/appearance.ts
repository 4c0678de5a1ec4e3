import type { HtmlEscapedString } from "hono/utils/html";
import type { Messages } from "./messages/messages.ts";
import type { Person } from "./person.ts";
import { isShowable } from "./protocol/shown-name.ts";

/** The host app, as people know it. */
export interface BrandingOptions {
  /** Default: the issuer's host. */
  readonly name?: string;
  /** A picture beside the name: a path of the issuer's origin (`/logo.svg`), or a `data:` URL of at most 2048 characters. */
  readonly logo?: string;
  /** Of links and buttons: `#2451b3`. It is made darker for light pages and lighter for dark ones, as far as it takes to read it. */
  readonly accentColor?: string;
  /** At the foot of every page: `{ Privacy: "https://example.com/privacy" }`. */
  readonly links?: Readonly<Record<string, string>>;
}

/** For pages in the host app's own surroundings. What stands in them, and the headers they are sent with, stay as they are. */
export interface PageHooks {
  /** A stylesheet besides ours: a path of the issuer's origin. */
  readonly stylesheet?: string;
  /**
   * What to put above and below a page. Make it with `html` of `vouchsafe/pages`, which escapes every value; plain text is
   * escaped too. No script runs: the policy of the pages forbids it. Where it throws, the page is shown without.
   */
  readonly around?: (page: PageDescription) => Surroundings;
}

export interface PageDescription {
  /**
   * `consent`, `done`, `error`, `connected-apps`, `connected-app`, `ended-connections`, `edit-connection`, `disconnect`,
   * `not-me`, `access-tokens`, `new-access-token`.
   */
  readonly page: string;
  readonly title: string;
  /** A language tag: `de`. */
  readonly language: string;
  readonly direction: "ltr" | "rtl";
  /** Undefined where nobody needs to be signed in. */
  readonly person: Person | undefined;
}

export interface Surroundings {
  readonly above?: HtmlEscapedString | string;
  readonly below?: HtmlEscapedString | string;
}

/** The host app on every page, with every default in place. */
export interface Branding {
  readonly name: string;
  readonly logo: string | undefined;
  readonly accentColor: string;
  readonly links: readonly { readonly words: string; readonly href: string }[];
}

/** Catalogues of words; the first one is for whoever wants none of them. */
export type Languages = readonly [Messages, ...Messages[]];

type Report = (problem: string) => void;

/** The colour of a host app that names none. */
const ownAccent = "#2451b3";

export function checkBranding(
  { name, logo, accentColor = ownAccent, links = {} }: BrandingOptions,
  issuer: string,
  report: Report,
): Branding {
  const isSmallImage = /^data:image\/[a-z+]+[;,]/.test(logo ?? "") && (logo ?? "").length <= 2048;
  if (logo !== undefined && !isOwnPath(logo) && !isSmallImage)
    report("branding.logo: it is neither a path such as /logo.svg nor a data: URL of at most 2048 characters");
  if (name !== undefined && !isShowable(name)) report(`branding.name: ${JSON.stringify(name)} is no name`);
  if (!/^#[0-9a-f]{6}$/i.test(accentColor))
    report(`branding.accentColor: ${JSON.stringify(accentColor)} is no colour such as ${ownAccent}`);
  for (const [words, href] of Object.entries(links))
    if (!isOwnPath(href) && URL.parse(href)?.protocol !== "https:")
      report(`branding.links: ${JSON.stringify(words)} leads to no https URL and no path such as /privacy`);
  return {
    name: name ?? URL.parse(issuer)?.host ?? "",
    logo,
    accentColor,
    links: Object.entries(links).map(([words, href]) => ({ words, href })),
  };
}

export function checkPages(pages: PageHooks, report: Report): PageHooks {
  if (pages.stylesheet !== undefined && !isOwnPath(pages.stylesheet))
    report(`pages.stylesheet: ${JSON.stringify(pages.stylesheet)} is no path such as /app.css`);
  return pages;
}

/** A path of the issuer's origin, as it can stand in a policy and in an attribute. */
const isOwnPath = (path: string): boolean => /^\/(?!\/)[A-Za-z0-9._~/%-]*$/.test(path);

export function checkLanguages(languages: Languages, report: Report): Languages {
  const tags = languages.map(({ language }) => language);
  if (tags.length === 0) report("languages: there is none");
  for (const tag of tags) if (!isLanguageTag(tag)) report(`languages: ${JSON.stringify(tag)} is no language tag such as de or pt-BR`);
  if (new Set(tags).size < tags.length) report(`languages: one of ${tags.join(", ")} is there twice`);
  return languages;
}

/** RFC 5646 */
function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
