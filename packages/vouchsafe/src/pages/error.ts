import type { Messages } from "../messages/messages.ts";
import type { OAuthError } from "../protocol/errors.ts";
import { shownName } from "./client-name.ts";
import { type Html, html } from "./html.ts";
import { layout, type Page, technicalDetails } from "./layout.ts";
import type { Frame } from "./look.ts";
import { shownHost } from "./shown-host.ts";

export interface ErrorView {
  readonly frame: Frame;
  readonly requestId: string;
  /** The attempt to connect, where it is a step of one. */
  readonly flowId?: string | undefined;
  /** Below a person's own pages. */
  readonly isOwn?: boolean;
}

/** What a person sees instead of the wire's error. */
export function errorPage(error: OAuthError, { frame, requestId, flowId, isOwn = false }: ErrorView): Page {
  const { messages } = frame;
  const [headline, help, address] = explain(error, messages);
  return layout(frame, {
    page: "error",
    isOwn,
    title: headline,
    main: html`<h1>${headline}</h1>
${help === "" ? "" : html`<p>${help}</p>`}
${address === undefined ? "" : html`<code class="address">${address}</code>`}
${technicalDetails(messages, {
  error: error.code,
  error_description: error.description,
  [messages.requestId]: requestId,
  ...(flowId === undefined ? {} : { [messages.flowId]: flowId }),
})}`,
  });
}

function explain(error: OAuthError, messages: Messages): readonly [headline: string, help: string | Html, address?: string] {
  const { errors } = messages;
  const { shownAs, retryAfter } = error.options;
  switch (shownAs?.page) {
    case "unknown-client":
      return errors.unknownClient;
    case "too-old":
      return errors.tooOld;
    case "form-too-old": {
      const [headline, help, again] = errors.formTooOld;
      return [headline, html`${help} <a href="${shownAs.path}">${again}</a>`];
    }
    case "document-unreachable": {
      const [headline, help] = errors.documentUnreachable;
      return [headline, help(shownHost(shownAs.host))];
    }
    case "looks-false": {
      const [headline, until, after] = errors.looksFalse;
      const { brand, host } = shownAs;
      return [headline(brand), html`${until(brand)} <b>${shownHost(host)}</b>${after(brand)}`];
    }
    case "not-connected":
      return errors.notConnected;
    case "unregistered-redirect": {
      const [headline, help] = errors.unregisteredRedirect;
      return [headline, help(shownName(shownAs.client, messages)), shownAs.redirectUri.slice(0, 300)];
    }
    case undefined:
      break;
  }
  if (error.status === 429) return [errors.wait(retryAfter ?? 1), ""];
  if (error.status === 503) return errors.unavailable;
  if (error.status >= 500) return errors.ourFault;
  if (error.status === 404) return errors.notFound;
  return errors.badRequest;
}
