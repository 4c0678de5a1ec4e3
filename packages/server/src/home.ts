import type { AuthorizationServer, Person } from "vouchsafe";
import { pageResponse } from "vouchsafe/pages";
import { homePage } from "./pages/home.ts";
import { frameFor } from "./pages/words.ts";
import { passwordChanged } from "./password.ts";
import type { Handler } from "./router.ts";

export interface HomeOptions {
  readonly signedIn: (request: Request) => Person | undefined;
  readonly isAdmin: (person: Person) => boolean;
  readonly oauth: () => AuthorizationServer;
  /** The MCP server's address, where the demo runs. */
  readonly mcp: string | undefined;
}

export function showHome({ signedIn, isAdmin, oauth, mcp }: HomeOptions): Handler {
  return (request) => {
    const person = signedIn(request);
    // Nobody who was sent a link is told so.
    const token = new URL(request.url).searchParams.get(passwordChanged) ?? undefined;
    const passwordHasChanged = person !== undefined && token !== undefined && oauth().forms.check(request, passwordChanged, token);
    const operates = person !== undefined && isAdmin(person);
    return pageResponse(homePage({ frame: frameFor(oauth().look, request), person, operates, mcp, passwordHasChanged }));
  };
}
