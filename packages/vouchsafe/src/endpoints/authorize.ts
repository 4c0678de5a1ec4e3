import type { Endpoint } from "../context.ts";
import { readFormText } from "../http/form.ts";
import { ask } from "./ask.ts";
import { decide } from "./decide.ts";

/** Authorization endpoint: a request, by GET or POST, or the decision on one. OAuth 2.1 §3.1, §4.1.1 */
export const authorize: Endpoint = async (request, context) => {
  if (request.method !== "POST") return ask(queryOf(request.url), request, context);
  const body = await readFormText(request);
  if (/(?:^|&)decision=/.test(body)) return decide(body, request, context);
  return ask([queryOf(request.url), body].filter((part) => part !== "").join("&"), request, context);
};

const queryOf = (url: string): string => {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at + 1);
};
