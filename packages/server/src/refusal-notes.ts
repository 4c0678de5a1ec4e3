import { type AuthorizationServer, addressBlock, clientAddress } from "vouchsafe";
import { WrongAdminToken } from "./admin-access.ts";
import { endpointOf, marksOf, pathOf, type RouterOptions } from "./router.ts";

/** Brings the refusals of our own pages and of the admin API into the audit, beside the library's. */
export function createRefusalNotes(oauth: () => AuthorizationServer, trustProxy: number | readonly string[]): RouterOptions["onRefusal"] {
  return (error, request, info, mark) => {
    const address = clientAddress(info.address, request.headers.get("x-forwarded-for"), trustProxy);
    const endpoint = endpointOf(pathOf(request.url));
    const { clientId } = error.options;
    const kind = JSON.stringify([endpoint, error.code, error.message, addressBlock(address)]);
    const refusal = {
      at: Date.now(),
      ...marksOf(mark),
      address,
      endpoint,
      reason: error.message,
      ...(clientId === undefined ? {} : { clientId }),
    };
    if (error.status === 429) oauth().noteRefusal(kind, { ...refusal, type: "rate.limited" });
    else if (error instanceof WrongAdminToken) oauth().noteRefusal(kind, { ...refusal, type: "client.authentication_failed" });
    else oauth().noteRefusal(kind, { ...refusal, type: "request.refused", error: error.code });
  };
}
