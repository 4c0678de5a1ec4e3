import type { AuthorizationServer } from "vouchsafe";
import { pageResponse } from "vouchsafe/pages";
import type { Session } from "./accounts.ts";
import { homePage } from "./pages/home.ts";
import { frameFor } from "./pages/words.ts";
import { passwordChanged } from "./password.ts";
import type { Handler } from "./router.ts";
import { personOf } from "./sign-in.ts";

export interface HomeOptions {
  readonly sessionOf: (request: Request) => Promise<Session | undefined>;
  readonly oauth: () => AuthorizationServer;
  /** The MCP server's address, where the demo runs. */
  readonly mcp: string | undefined;
}

export function showHome({ sessionOf, oauth, mcp }: HomeOptions): Handler {
  return async (request) => {
    const session = await sessionOf(request);
    const person = session && personOf(session);
    // Nobody who was sent a link is told so.
    const token = new URL(request.url).searchParams.get(passwordChanged) ?? undefined;
    const passwordHasChanged = person !== undefined && token !== undefined && oauth().forms.check(request, passwordChanged, token);
    const operates = session?.account.isAdmin === true;
    return pageResponse(homePage({ frame: frameFor(oauth().look, request), person, operates, mcp, passwordHasChanged }));
  };
}
