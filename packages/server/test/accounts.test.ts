import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { App } from "./app.ts";
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
    ["no-address", password, "That isn&#39;t an e-mail address."],
    ["short@example.com", "short", "A password has 8 to 256 characters."],
    ["taken@example.com", password, "There is an account with this e-mail."],
  ])("is refused in words: %s", async (email, chosen, words) => {
    await signedUp("taken@example.com");
    const stranger = new Person(server.origin);
    const page = await stranger.submit(await stranger.open("/sign_up"), "/sign_up", { email, password: chosen });
    expect([page.status, page.html.includes(words)]).toEqual([400, true]);
  });

  it("takes passwords of 8 to 256 characters, and an address in any case, which then is one account", async () => {
    for (const [name, length, status] of [
      ["seven", 7, 400],
      ["eight", 8, 200],
      ["most", 256, 200],
      ["more", 257, 400],
    ] as const) {
      const stranger = new Person(server.origin);
      const fields = { email: `${name}@example.com`, password: "p".repeat(length) };
      const page = await stranger.submit(await stranger.open("/sign_up"), "/sign_up", fields);
      expect([name, page.status]).toEqual([name, status]);
      if (status === 400) expect(page.html).toContain(`value="${name}@example.com"`);
    }
    await signedUp("Emmy@Example.COM");
    expect((await new Person(server.origin).signIn("emmy@example.com", password)).html).toContain("You are signed in as emmy@example.com");
  });

  it("ends the session that the browser had", async () => {
    const { person: here } = await signedUp("sofia@example.com");
    const before = here.cookies;
    await here.submit(await here.open("/sign_up"), "/sign_up", { email: "emilie@example.com", password });
    expect((await here.open("/")).html).toContain("You are signed in as emilie@example.com");
    const kept = await fetch(`${server.origin}/`, { headers: { cookie: before } });
    expect(await kept.text()).not.toContain("You are signed in");
  });

  it("is limited for one address, which is told to wait", async () => {
    const small = await startServer({ environment: { OAUTH_RATE_LIMIT_REGISTER: "1/1m" } });
    onTestFinished(async () => void (await small.stop()));
    const statuses: number[] = [];
    for (const email of ["first@example.com", "second@example.com"]) {
      const stranger = new Person(small.origin);
      statuses.push((await stranger.submit(await stranger.open("/sign_up"), "/sign_up", { email, password })).status);
    }
    expect(statuses).toEqual([200, 429]);
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

  it("is said to be done to nobody who is not signed in, whatever the link says", async () => {
    expect((await new Person(server.origin).open("/?password=changed")).html).not.toContain("Your password is changed");
  });

  it("is refused in words where the new one is too short, and changes nothing", async () => {
    const { person } = await signedUp("rosalind@example.com");
    const page = await person.submit(await person.open("/my/password"), "/my/password", { current_password: password, password: "short" });
    expect([page.status, page.html]).toEqual([400, expect.stringContaining("A password has 8 to 256 characters.")]);
    expect((await new Person(server.origin).signIn("rosalind@example.com", password)).status).toBe(200);
  });

  it("needs our own form, of this very session, on a page that is the person's own", async () => {
    const { person } = await signedUp("barbara@example.com");
    const { person: other } = await signedUp("chien@example.com");
    const page = await person.open("/my/password");
    expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    const fields = { current_password: password, password: "another-password" };
    for (const form of [{ csrf: "forged" }, (await other.open("/my/password")).hidden()]) {
      const body = new URLSearchParams({ ...form, ...fields });
      const refused = await person.send("/my/password", { method: "POST", body, headers: { origin: server.origin } });
      expect(refused.status).toBe(400);
    }
    expect((await new Person(server.origin).signIn("barbara@example.com", password)).status).toBe(200);
  });

  it("voids the codes that are on their way to apps, as signing out everywhere does; connections stay", async () => {
    const app = await App.register(server);
    const { person } = await signedUp("lise@example.com");
    const { access_token: connected } = await app.connect(person);
    const codes = [await app.code(person)];
    await person.submit(await person.open("/my/password"), "/my/password", { current_password: password, password: "another-password" });
    codes.push(await app.code(person));
    await person.submit(await person.open("/sign_out"), "/sign_out", { everywhere: "yes" });
    for (const code of codes) expect((await app.redeem(code)).status).toBe(400);
    expect((await app.notes(connected)).status).toBe(200);
  });

  it("shares its tries with signing in, so that nobody has them twice", async () => {
    const { person } = await signedUp("ida@example.com");
    for (const guess of ["first", "second", "third"]) await new Person(server.origin).signIn("ida@example.com", guess);
    const page = await person.submit(await person.open("/my/password"), "/my/password", {
      current_password: password,
      password: "another-password",
    });
    expect([page.status, page.html]).toEqual([429, expect.stringContaining("Too many tries.")]);
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

  it("here alone leaves other sessions and codes; needs our own form", async () => {
    const app = await App.register(server);
    const { person: here } = await signedUp("maria@example.com");
    const elsewhere = new Person(server.origin);
    await elsewhere.signIn("maria@example.com", password);
    const code = await app.code(here);
    const body = new URLSearchParams({ csrf: "forged", everywhere: "yes" });
    expect((await here.send("/sign_out", { method: "POST", body, headers: { origin: server.origin } })).status).toBe(400);
    expect((await here.open("/")).html).toContain("You are signed in as maria@example.com");

    const before = here.cookies;
    await here.submit(await here.open("/sign_out"), "/sign_out", {});
    expect((await here.open("/")).html).not.toContain("You are signed in");
    expect(here.cookies).not.toContain("session");
    const kept = await fetch(`${server.origin}/`, { headers: { cookie: before } });
    expect(await kept.text()).not.toContain("You are signed in");
    expect((await elsewhere.open("/")).html).toContain("You are signed in as maria@example.com");
    expect((await app.redeem(code)).status).toBe(200);
  });

  it("and signing in on the way to an app speak the language that it asked for", async () => {
    const app = await App.register(server);
    expect((await new Person(server.origin).open(app.request({ ui_locales: "de" }))).html).toContain("Konto anlegen");
  });

  it("speaks the language of the browser", async () => {
    const german = { headers: { "accept-language": "de" } };
    const page = await (await fetch(`${server.origin}/sign_in`, german)).text();
    expect(page).toContain("Konto anlegen");
    expect(page).toContain('<html lang="de"');
  });
});
