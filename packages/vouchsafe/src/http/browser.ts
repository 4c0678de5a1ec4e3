import type { Keyring } from "../keys/sealing.ts";
import { mintIdentifier } from "../protocol/secret.ts";

/** The browser a request comes from, by a cookie of ours that says nothing about who uses it. */
export interface Browser {
  readonly id: string;
  /** `Set-Cookie` for a browser that had none; empty for one that had. */
  readonly headers: Readonly<Record<string, string>>;
}

/** `isSecure`: the issuer is https, so that the cookie can be bound to this very host. */
export function recogniseBrowser(request: Request, isSecure: boolean): Browser {
  const name = isSecure ? "__Host-vouchsafe" : "vouchsafe";
  const known = readCookie(request, name);
  if (known !== undefined && /^[A-Za-z0-9_-]{22}$/.test(known)) return { id: known, headers: {} };
  const id = mintIdentifier();
  return { id, headers: { "set-cookie": `${name}=${id}; Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}` } };
}

/** The value of a cookie, where it was sent exactly once. */
export function readCookie(request: Request, name: string): string | undefined {
  const header = request.headers.get("cookie") ?? "";
  let found: string | undefined;
  for (let start = 0; start <= header.length; ) {
    const end = header.indexOf(";", start) < 0 ? header.length : header.indexOf(";", start);
    const at = header.indexOf("=", start);
    if (at >= start && at < end && header.slice(start, at).trim() === name) {
      if (found !== undefined) return undefined;
      found = header.slice(at + 1, end).trim();
    }
    start = end + 1;
  }
  return found;
}

/** A form of ours: which one, for whom, about what. */
export interface Form {
  readonly name: string;
  readonly browser: Browser;
  readonly subject?: string | undefined;
  readonly sessionId?: string | undefined;
  /** What the form is about: the request to decide, the app to disconnect. */
  readonly about?: string;
}

/** The `csrf` field: good for this form, this browser and this session alone. */
export const formToken = (keys: Keyring, form: Form): string => keys.sign("form", formText(form));

/** Whether a form that came back is one that we gave to this browser and session, and whether our own page sent it. */
export function isOwnForm(request: Request, keys: Keyring, origin: string, form: Form, token: string | undefined): boolean {
  return token !== undefined && isSameOriginRequest(request, origin) && keys.verify("form", formText(form), token);
}

const formText = ({ name, browser, subject, sessionId, about }: Form): string =>
  JSON.stringify([name, browser.id, subject, sessionId, about]);

/**
 * Whether a page of ours sent the request. `Origin` alone would not do: with `Referrer-Policy: no-referrer` Chromium sends
 * `Origin: null` even for our own forms, and `Sec-Fetch-Site` then still tells the truth.
 */
export function isSameOriginRequest(request: Request, origin: string): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const sender = request.headers.get("origin");
  if (sender !== null) return sender === origin;
  const referer = request.headers.get("referer");
  return referer === null || URL.parse(referer)?.origin === origin;
}
