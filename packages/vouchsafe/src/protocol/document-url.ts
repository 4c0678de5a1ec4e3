/** Which URLs that a client names may be fetched. */
export interface DocumentUrlPolicy {
  /** Our own host, with its port, which is never asked. */
  readonly ownHost: string;
  /** Hosts the operator trusts, with or without a port: there any port will do, or that one. */
  readonly trustedHosts: readonly string[];
  /** Hosts of this computer may be asked too, also by http: for tests. */
  readonly allowLoopback: boolean;
}

/**
 * Whether a client id is the URL of a metadata document: https, in its normal form, with a path, without user information
 * and fragment. Client ID Metadata Document §3
 */
export function isClientIdUrl(id: string, policy: DocumentUrlPolicy): boolean {
  return id.length <= 2048 && isFetchableUrl(id, policy) && new URL(id).pathname !== "/";
}

/** What an id that is meant as a URL looks like; whether it is one we accept is `isClientIdUrl`'s to say. */
export const looksLikeUrl = (id: string): boolean => /^\s*https?:/i.test(id);

/**
 * Whether a URL may be fetched at all, as far as its text tells: addresses behind names are checked when they are connected
 * to. A URL that is not in its normal form is refused: two parsers might read it differently.
 */
export function isFetchableUrl(text: string, policy: DocumentUrlPolicy): boolean {
  const url = URL.parse(text);
  if (url === null || url.href !== text || text.includes("#") || url.username !== "" || url.password !== "") return false;
  if (url.host === policy.ownHost) return false;
  if (policy.allowLoopback && isLoopbackName(url.hostname)) return url.protocol === "https:" || url.protocol === "http:";
  return url.protocol === "https:" && isPublicName(url.hostname) && (url.port === "" || isTrustedHost(url.host, policy));
}

/** Whether the operator vouches for a host, `example.dev` or `example.dev:8443`. */
export function isTrustedHost(host: string, { trustedHosts }: Pick<DocumentUrlPolicy, "trustedHosts">): boolean {
  return trustedHosts.includes(host) || trustedHosts.includes(host.replace(/:\d+$/, ""));
}

export const isLoopbackName = (hostname: string): boolean => /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);

/** A name of the public DNS, or a literal address. RFC 6761, RFC 6762, RFC 9476 */
function isPublicName(hostname: string): boolean {
  if (hostname.startsWith("[")) return true;
  return hostname.includes(".") && !/(?:\.|^)(?:localhost|local|internal|arpa|onion|alt)$/.test(hostname) && !hostname.endsWith(".");
}
