import { type Context, circumstances, noteStep } from "../context.ts";
import { addressBlock } from "../http/client-address.ts";
import { type Headers, json, redirect } from "../http/responses.ts";
import { responseUri } from "../protocol/authorization-request.ts";
import { errorBody, OAuthError } from "../protocol/errors.ts";
import { StorageError } from "../store/store.ts";

/** How an endpoint shows an error to a person. Endpoints that only programs call have none. */
export type ShowError = (error: OAuthError, context: Context) => Response;

/**
 * The one catch: makes an answer of whatever a step threw, and an audit event of every refusal. A refusal goes back to
 * the client where its redirect URI is trusted, to the person on a page, or to the program as JSON, with the headers that
 * are common to all answers of its endpoint.
 */
export function errorResponse(thrown: unknown, context: Context, show: ShowError | undefined, common: Headers = {}): Response {
  const error = thrown instanceof OAuthError ? thrown : failure(thrown, context);
  if (error === thrown) noteRefusal(error, context);
  noteRefusedStep(error, context);
  if (context.answerTo !== undefined) return redirectError(error, context.answerTo, context);
  if (show !== undefined) return show(error, context);
  return json(errorBody(error), error.status, { ...common, ...refusalHeaders(error) });
}

/** The headers a refusal carries, whatever its body is. */
export function refusalHeaders({ options: { headers = {}, retryAfter } }: OAuthError): Headers {
  return retryAfter === undefined ? headers : { ...headers, "retry-after": String(retryAfter) };
}

/** OAuth 2.1 §4.1.2.1, with the issuer (RFC 9207 §2). */
function redirectError(error: OAuthError, answerTo: NonNullable<Context["answerTo"]>, { config }: Context): Response {
  const { error: code, error_description: description } = errorBody(error);
  return redirect(
    responseUri(answerTo.redirectUri, { error: code, error_description: description, state: answerTo.state, iss: config.issuer }),
  );
}

/** What is not a refusal is ours: the details go to the operator, whole, and nowhere else. */
function failure(thrown: unknown, { config, requestId, flow: { id } }: Context): OAuthError {
  config.onError(thrown, id === undefined ? { requestId } : { requestId, flowId: id });
  if (thrown instanceof StorageError) return new OAuthError("temporarily_unavailable", "storage failed", { retryAfter: 1 });
  return new OAuthError("server_error", "an unexpected error");
}

/** Why an attempt to connect did not come further, or what was connected could not be used. */
function noteRefusedStep({ code: error, message: reason, options: { grantId } }: OAuthError, context: Context): void {
  noteStep(context, "refused", { endpoint: context.endpoint, error, reason, ...(grantId === undefined ? {} : { grantId }) });
}

function noteRefusal(error: OAuthError, context: Context): void {
  const { endpoint, refusals } = context;
  const kind = JSON.stringify([endpoint, error.code, error.message, addressBlock(context.address())]);
  const refusal = {
    ...circumstances(context),
    endpoint,
    reason: error.message,
    ...(error.options.clientId === undefined ? {} : { clientId: error.options.clientId }),
  };
  if (error.options.shownAs?.page === "looks-false") refusals.note(kind, { ...refusal, type: "impersonation.stopped" });
  else if (error.status === 429) refusals.note(kind, { ...refusal, type: "rate.limited" });
  else if (error.code === "invalid_client") refusals.note(kind, { ...refusal, type: "client.authentication_failed" });
  else if (error.code === "insufficient_scope") refusals.note(kind, { ...refusal, type: "scope.violated" });
  else refusals.note(kind, { ...refusal, type: "request.refused", error: error.code });
}
