import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { LoopbackApp } from "./interop/loopback-app.ts";
import { notesApi, readNotes } from "./interop/notes-api.ts";
import { type Page, Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ environment: { OAUTH_RATE_LIMIT_REGISTER: "100/1m", OAUTH_RATE_LIMIT_SIGN_IN: "3/1m" } });
});
afterAll(() => server.stop());

const password = "a-long-password";

/** Somebody new, who has just made an account. */
async function signedUp(email: string): Promise<{ person: Person; home: Page }> {
  const person = new Person(server.origin);
  const home = await person.submit(await person.open("/sign_up"), "/sign_up", { email, password });
  return { person, home };
}

describe("making an account", () => {
  it("signs in at once, and takes the app's request along", async () => {
    const app = await LoopbackApp.register(server.origin, "Household Budget");
    onTestFinished(app.callback.close);
    const asked = await app.ask({ scope: "read", resource: notesApi(server) });
    const linus = new Person(server.origin);
    const signIn = await linus.open(asked.link.pathname + asked.link.search);
    const toSignUp = /href="(\/sign_up\?[^"]*)"/.exec(signIn.html)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const page = await linus.open(toSignUp);
    expect(page.html).toContain("an app that named itself &quot;Household Budget&quot;");
    const consent = await linus.submit(page, "/sign_up", { email: "linus@example.com", password });
    const place = await linus.decide(consent, "allow", { scope: "read" });
    await fetch(place);
    const tokens = await app.redeem(asked, await app.answer(asked));
    expect(await readNotes(server, tokens.access_token)).toBe(200);
  });

  it.each([
    ["no-address", password, "This is no e-mail address."],
    ["short@example.com", "short", "A password has 8 to 256 characters."],
    ["taken@example.com", password, "There is an account with this e-mail."],
  ])("is refused in words: %s", async (email, chosen, words) => {
    await signedUp("taken@example.com");
    const stranger = new Person(server.origin);
    const page = await stranger.submit(await stranger.open("/sign_up"), "/sign_up", { email, password: chosen });
    expect([page.status, page.html.includes(words)]).toEqual([400, true]);
  });

  it("leads to no other site, whatever the link says", async () => {
    for (const [number, place] of ["//evil.example", "https://evil.example/", "/\\evil.example"].entries()) {
      const stranger = new Person(server.origin);
      const page = await stranger.open(`/sign_up?${new URLSearchParams({ return_to: place }).toString()}`);
      expect(page.hidden()["return_to"]).toBe("/");
      const body = new URLSearchParams({ ...page.hidden(), return_to: place, email: `led-astray-${number}@example.com`, password });
      const response = await stranger.send("/sign_up", { method: "POST", body, headers: { origin: server.origin } });
      expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
    }
  });

  it("needs our own form, and can be switched off", async () => {
    const forged = await fetch(`${server.origin}/sign_up`, {
      method: "POST",
      body: new URLSearchParams({ email: "forged@example.com", password, csrf: "forged" }),
    });
    expect(forged.status).toBe(400);
    const closed = await startServer({ environment: { OAUTH_SIGN_UP: "off" } });
    try {
      expect((await fetch(`${closed.origin}/sign_up`)).status).toBe(404);
      expect(await (await fetch(`${closed.origin}/sign_in`)).text()).not.toContain("/sign_up");
    } finally {
      await closed.stop();
    }
  });
});

describe("changing a password", () => {
  it("needs the one there is, and signs out everywhere else", async () => {
    const { person: here } = await signedUp("ada@example.com");
    const elsewhere = new Person(server.origin);
    await elsewhere.signIn("ada@example.com", password);
    const wrong = await here.submit(await here.open("/my/password"), "/my/password", {
      current_password: "guessed",
      password: "another-one",
    });
    expect([wrong.status, wrong.html.includes("That is not your password.")]).toEqual([401, true]);

    const page = await here.open("/my/password");
    const changed = await here.submit(page, "/my/password", { current_password: password, password: "another-password" });
    expect(changed.html).toContain("Your password is changed.");
    expect((await here.open("/my/connected_apps")).html).toContain("Connected apps");
    expect((await elsewhere.open("/my/connected_apps")).html).toContain('name="password"');
    expect((await new Person(server.origin).signIn("ada@example.com", password)).status).toBe(401);
    expect((await new Person(server.origin).signIn("ada@example.com", "another-password")).status).toBe(200);
  });

  it("is slowed down for whoever guesses the one there is", async () => {
    const { person } = await signedUp("grace@example.com");
    const statuses: number[] = [];
    for (let guess = 0; guess < 4; guess++) {
      const page = await person.open("/my/password");
      statuses.push((await person.submit(page, "/my/password", { current_password: `guess ${guess}`, password: "another-one" })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
  });
});

describe("signing out", () => {
  it("everywhere ends every session, and no other person's", async () => {
    const { person: here } = await signedUp("hedy@example.com");
    const elsewhere = new Person(server.origin);
    await elsewhere.signIn("hedy@example.com", password);
    const { person: other } = await signedUp("mary@example.com");
    await here.submit(await here.open("/sign_out"), "/sign_out", { everywhere: "yes" });
    for (const person of [here, elsewhere]) expect((await person.open("/my/connected_apps")).html).toContain('name="password"');
    expect((await other.open("/my/connected_apps")).html).toContain("Connected apps");
  });

  it("speaks the language of the browser", async () => {
    const german = { headers: { "accept-language": "de" } };
    const page = await (await fetch(`${server.origin}/sign_in`, german)).text();
    expect(page).toContain("Konto anlegen");
    expect(page).toContain('<html lang="de"');
  });
});
