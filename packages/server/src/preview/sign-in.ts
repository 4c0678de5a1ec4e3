import type { DescribedRequest } from "vouchsafe";
import type { Page } from "vouchsafe/pages";
import { homePage } from "../pages/home.ts";
import { passwordPage } from "../pages/password.ts";
import { signInPage } from "../pages/sign-in.ts";
import { signOutPage } from "../pages/sign-out.ts";
import { signUpPage } from "../pages/sign-up.ts";
import type { ServerFrame } from "../pages/words.ts";
import { ada } from "./cast.ts";

/** The standalone server's own pages. */
export function accountPages(frame: ServerFrame): readonly (readonly [string, Page])[] {
  const { words } = frame;
  const signIn = { frame, asking: claude, email: "", problem: undefined, hidden: {}, signUpPath: "/sign-up" };
  const signUp = { frame, asking: claude, email: "", problem: undefined, hidden: {}, signInPath: "/sign-in" };
  const password = { frame, person: ada, problem: undefined, hidden: {}, action: "#" };
  const home = { frame, operates: false, mcp: "http://localhost:3000/mcp", passwordHasChanged: false };
  return [
    ["home", homePage({ ...home, person: undefined })],
    ["home/signed-in", homePage({ ...home, person: ada })],
    ["home/operator", homePage({ ...home, person: ada, operates: true })],
    ["sign-in", signInPage(signIn)],
    ["sign-in/named-itself", signInPage({ ...signIn, asking: tool })],
    ["sign-in/mismatch", signInPage({ ...signIn, email: ada.email, problem: words.mismatch })],
    ["sign-in/throttled", signInPage({ ...signIn, email: ada.email, problem: words.tooMany(30) })],
    ["sign-up", signUpPage(signUp)],
    ["sign-up/taken", signUpPage({ ...signUp, email: ada.email, problem: words.taken })],
    ["sign-out", signOutPage({ frame, person: ada, hidden: {} })],
    ["password", passwordPage(password)],
    ["password/wrong", passwordPage({ ...password, problem: words.wrongPassword })],
  ];
}

const claude: DescribedRequest = {
  clientName: "Claude",
  tier: "checked",
  site: "claude.ai",
  destination: { kind: "website", host: "claude.ai" },
  uiLocales: "",
};

const tool: DescribedRequest = {
  clientName: "My tool",
  tier: "named-itself",
  site: "",
  destination: { kind: "loopback", host: "localhost:63785" },
  uiLocales: "",
};
