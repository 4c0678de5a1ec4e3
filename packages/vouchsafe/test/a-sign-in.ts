/** Sign-in at a host app that says when somebody signed in, and what became of a request on its way there and back. */
import { authorizePath, type Browser, browserOf, open } from "./a-person.ts";
import { type App, aServer, type Fields, issuer, photoPrinter, type Server } from "./a-server.ts";

/** A host app that says when somebody signed in: their session is the time. */
function aServerWithTimes(): Server {
  const server = aServer({
    signedIn: (request) => {
      const [, at] = /session=ada\.(\d+)/.exec(request.headers.get("cookie") ?? "") ?? [];
      return at === undefined ? undefined : { id: "ada", name: "Ada", signedInAt: Number(at), sessionId: at };
    },
  });
  return server;
}

export function signIn(browser: Browser): Browser {
  browser.cookies.set("session", `ada.${browser.server.clock.now}`);
  return browser;
}

/** What came of a request: a page, or where it led: to sign-in with a hint, or back to the app with an error or a code. */
export function outcomeOf(response: Response): string {
  if (response.status === 200) return "asked";
  const target = URL.parse(response.headers.get("location") ?? "", issuer);
  if (target?.pathname === "/sign_in") return `sign-in ${target.searchParams.get("prompt") ?? ""}`.trim();
  return target?.searchParams.get("error") ?? (target?.searchParams.has("code") ? "code" : `status ${response.status}`);
}

export const ask = (browser: Browser, app: App, more: Fields = {}): Promise<Response> => open(browser, authorizePath(app, more));
export const outcome = async (browser: Browser, app: App, more: Fields = {}): Promise<string> => outcomeOf(await ask(browser, app, more));

/** Where sign-in would lead back to. */
export const wayBack = (response: Response): string =>
  new URL(response.headers.get("location") ?? "", issuer).searchParams.get("returnTo") ?? "";

export async function someone() {
  const server = aServerWithTimes();
  return { server, app: await photoPrinter(server), browser: signIn(browserOf(server, "nobody")) };
}
