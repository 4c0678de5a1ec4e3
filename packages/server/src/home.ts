import type { Person } from "vouchsafe";
import { en, html, layout, pageResponse } from "vouchsafe/pages";

export interface HomeOptions {
  readonly hostName: string;
  readonly isSecure: boolean;
  /** The MCP server's address, where the demo runs. */
  readonly mcp: string | undefined;
}

/** The first page: what this is, and what to do next. */
export function homePage(person: Person | undefined, { hostName, isSecure, mcp }: HomeOptions): Response {
  const main = html`<h1>${hostName}</h1>
${mcp === undefined ? "" : html`<p>Connect an MCP client to your notes:</p><code class="address">claude mcp add --transport http notes ${mcp}</code>`}
${
  person === undefined
    ? html`<p><a href="/sign_in">Sign in</a> to see which apps can use your account.</p>`
    : html`<p>You are signed in as ${person.email ?? person.name}.</p><p><a href="/my/connected_apps">${en.connectedApps.title}</a> · <a href="/my/access_tokens">${en.accessTokens.title}</a> · <a href="/sign_out">${en.connectedApps.signOut}</a></p>`
}`;
  return pageResponse(layout({ hostName, messages: en, title: hostName, main }), { isSecure });
}
