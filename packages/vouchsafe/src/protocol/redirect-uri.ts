/** Which redirect URIs a client may use. */
export interface RedirectUriPolicy {
  /** Private-use schemes without their colon; undefined allows any but the dangerous ones. RFC 8252 §7.1 */
  readonly schemes: readonly string[] | undefined;
  /** Only `http` on a loopback host. */
  readonly loopbackOnly: boolean;
}

/** Schemes that run or read something in the browser itself. */
const dangerousSchemes = ["javascript", "data", "vbscript", "file", "blob", "about", "view-source", "filesystem"];

/** Schemes of the network: never private-use. */
const networkSchemes = ["http", "https", "ws", "wss", "ftp", "urn", "mailto"];

/**
 * Whether a browser that met this URI could run a script or open a local file. Browsers skip leading control characters
 * and every tab and line break, so the scheme is read as they would.
 */
export function isDangerousRedirectUri(uri: string): boolean {
  const scheme = /^([^:/?#]*):/.exec(uri.replace(/[\p{Cc}\s]/gu, ""))?.[1];
  return scheme !== undefined && dangerousSchemes.includes(scheme.toLowerCase());
}

/**
 * Whether a client under this policy may be sent to this URI: https, http on a loopback host, or an allowed private-use
 * scheme; no wildcard, dot segment, user information or fragment. OAuth 2.1 §2.3, RFC 8252 §7
 */
export function isUsableRedirectUri(uri: string, policy: RedirectUriPolicy): boolean {
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?]*))?([^?]*)(\?.*)?$/.exec(uri);
  if (parts === null || !allowedCharacters.test(uri) || !URL.canParse(uri)) return false;
  const [, scheme = "", authority, path = ""] = parts;
  if (hasDotSegment(path)) return false;
  if (policy.loopbackOnly) return loopback.test(uri) && hasUsablePort(authority);
  if (scheme === "https") return authority !== undefined && hostAndPort.test(authority) && hasUsablePort(authority);
  if (scheme === "http") return loopback.test(uri) && hasUsablePort(authority);
  return isPrivateUse(scheme, policy) && !(authority ?? "").includes("@");
}

/** Printable ASCII without `#`, `*`, `\` and what never appears in a URI. */
const allowedCharacters = /^[\x21\x24-\x29\x2B-\x3B\x3D\x3F-\x5B\x5D\x5F\x61-\x7A\x7E]+$/;

const hostAndPort = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

const loopback = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?((?:[/?].*)?)$/;

function hasUsablePort(authority = ""): boolean {
  const port = /:(\d+)$/.exec(authority)?.[1];
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

/** `..`, also percent-encoded, and also with the path parameter that some servers cut off (`..;`). */
const hasDotSegment = (path: string): boolean => path.split("/").some((segment) => /^(?:\.|%2e){1,2}(?:;|$)/i.test(segment));

function isPrivateUse(scheme: string, { schemes }: RedirectUriPolicy): boolean {
  const name = scheme.toLowerCase();
  if (dangerousSchemes.includes(name) || networkSchemes.includes(name)) return false;
  return schemes === undefined || schemes.includes(name);
}

/**
 * Compares as plain strings; for `http` on a loopback host the port may differ, and nothing else.
 * OAuth 2.1 §4.1.1 (draft 16), RFC 8252 §7.3
 */
export function matchesRedirectUri(requested: string, registered: string): boolean {
  if (requested === registered) return true;
  const wanted = loopback.exec(requested);
  const known = loopback.exec(registered);
  if (wanted === null || known === null) return false;
  return wanted[1] === known[1] && wanted[3] === known[3] && hasUsablePort(wanted[2] === undefined ? "" : `:${wanted[2]}`);
}

/** Where a redirect URI leads, as pages show it. */
export type Destination =
  | { readonly kind: "website"; readonly host: string }
  | { readonly kind: "loopback"; readonly host: string }
  | { readonly kind: "private-use"; readonly scheme: string };

export function destinationOf(uri: string): Destination {
  const { protocol, host } = new URL(uri);
  if (protocol === "https:") return { kind: "website", host };
  if (protocol === "http:") return { kind: "loopback", host };
  return { kind: "private-use", scheme: protocol.slice(0, -1) };
}
