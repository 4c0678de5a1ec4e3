/** An authorization request that the client pushed before it sent the person. RFC 9126 */
export interface PushedRequest {
  /** Also the id of the authorization request, and of the grant to come. */
  readonly id: string;
  readonly clientId: string;
  /** The request's parameters, as they were pushed, and nothing else. */
  readonly query: string;
  /** Milliseconds. */
  readonly expiresAt: number;
}

const prefix = "urn:ietf:params:oauth:request_uri:";

/** The reference that stands for a pushed request. RFC 9126 §2.2 */
export const requestUriOf = ({ id }: PushedRequest): string => prefix + id;

/** The id behind a `request_uri` of ours; undefined for any other, which is never fetched. */
export const pushedRequestId = (requestUri: string | undefined): string | undefined =>
  requestUri?.startsWith(prefix) === true ? requestUri.slice(prefix.length) : undefined;
