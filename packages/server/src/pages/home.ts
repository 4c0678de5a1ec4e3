import type { Person } from "vouchsafe";
import { copyableText, html, layout, type Page } from "vouchsafe/pages";
import type { ServerFrame } from "./words.ts";

export interface HomeView {
  readonly frame: ServerFrame;
  readonly person: Person | undefined;
  /** An administrator. */
  readonly operates: boolean;
  /** The MCP server's address, where the demo runs. */
  readonly mcp: string | undefined;
  readonly passwordHasChanged: boolean;
}

/** The first page: what this is, and what to do next. */
export function homePage({ frame, person, operates, mcp, passwordHasChanged }: HomeView): Page {
  const { words, messages, name } = frame;
  const links = [
    ["/my/connected_apps", messages.connectedApps.title],
    ["/my/access_tokens", messages.accessTokens.title],
    ...(operates ? ([["/admin", words.operate]] as const) : []),
    ["/my/password", words.changePassword],
    ["/sign_out", words.signOut],
  ] as const;
  const own =
    person === undefined
      ? html`<p><a href="/sign_in">${words.signIn}</a> ${words.toSeeApps}</p>`
      : html`<p>${words.signedInAs(person.email ?? person.name)}</p><ul>${links.map(([path, title]) => html`<li><a href="${path}">${title}</a></li>`)}</ul>`;
  return layout(frame, {
    page: "home",
    title: name,
    hasScript: mcp !== undefined,
    main: html`<h1>${name}</h1>
${passwordHasChanged ? html`<p class="note" role="status">${words.passwordChanged}</p>` : ""}
${mcp === undefined ? "" : html`<p>${words.connectHere}</p>${copyableText(`claude mcp add --transport http notes ${mcp}`, messages)}`}
${own}`,
  });
}
