/** The token of an `Authorization: Bearer` header, the only place we take one from. RFC 6750 §2.1 */
export function readBearer(request: Request): string | undefined {
  const header = request.headers.get("authorization");
  return header === null ? undefined : /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1];
}
