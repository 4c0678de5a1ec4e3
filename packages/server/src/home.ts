import type { Person } from "vouchsafe";
import { html, layout, pageResponse } from "vouchsafe/pages";
import { wordsFor } from "./words.ts";

export interface HomeOptions {
  readonly hostName: string;
  readonly isSecure: boolean;
  /** The MCP server's address, where the demo runs. */
  readonly mcp: string | undefined;
}

/** The first page: what this is, and what to do next. */
export function homePage(request: Request, person: Person | undefined, { hostName, isSecure, mcp }: HomeOptions): Response {
  const { words, messages } = wordsFor(request);
  const hasChanged = person !== undefined && new URL(request.url).searchParams.get("password") === "changed";
  const main = html`<h1>${hostName}</h1>
${hasChanged ? html`<p class="note" role="status">${words.passwordChanged}</p>` : ""}
${mcp === undefined ? "" : html`<p>${words.connectHere}</p><code class="address">claude mcp add --transport http notes ${mcp}</code>`}
${
  person === undefined
    ? html`<p><a href="/sign_in">${words.signIn}</a> ${words.toSeeApps}</p>`
    : html`<p>${words.signedInAs(person.email ?? person.name)}</p><ul><li><a href="/my/connected_apps">${messages.connectedApps.title}</a></li><li><a href="/my/access_tokens">${messages.accessTokens.title}</a></li><li><a href="/my/password">${words.changePassword}</a></li><li><a href="/sign_out">${words.signOut}</a></li></ul>`
}`;
  return pageResponse(layout({ hostName, messages, title: hostName, main }), { isSecure });
}
