import { describe, expect, it } from "vitest";
import { chooseMessages } from "../../src/messages/choose.ts";
import { de } from "../../src/messages/de.ts";
import { en } from "../../src/messages/en.ts";
import { authorizePath, browserOf, consentPage, open, press } from "../a-person.ts";
import { aServer, budgetApp, minutes } from "../a-server.ts";
import { pseudoLocale } from "../pseudo-locale.ts";

const isWords = (value: unknown): value is (...values: unknown[]) => string => typeof value === "function";

/** The names of every word of a catalogue, with what kind of word it is. */
const namesOf = (value: unknown, path = ""): readonly string[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => namesOf(inner, `${path}.${name}`))
    : [`${path} ${typeof value}`];

describe("the languages of pages", () => {
  it.each([
    ["", "", "en"],
    ["", "de", "de"],
    ["", "de-AT, en;q=0.5", "de"],
    ["", "fr, de;q=0.4, en;q=0.8", "en"],
    ["", "de;q=0, en", "en"],
    ["", "de;q=0, fr", "en"],
    ["", "DE-at", "de"],
    ["", "den, fr", "en"],
    ["de", "en", "de"],
    ["fr de-CH", "en", "de"],
    ["fr", "de", "de"],
    ["xx".repeat(1000), ",;=q,,de;q=x", "de"],
  ])("are chosen by ui_locales %j, then by Accept-Language %j: %s", (uiLocales, acceptLanguage, language) => {
    expect(chooseMessages([en, de], uiLocales, acceptLanguage).language).toBe(language);
  });

  it("have every word, and no empty one", () => {
    expect(namesOf(de)).toEqual(namesOf(en));
    const words = JSON.stringify(de, (_, value: unknown) => (isWords(value) ? value(2, 3, 4, 5) : value));
    expect(words).not.toMatch(/:"",|:""}|undefined|NaN/);
  });

  it("go with the person from the question to the answer, as the client asked for them", async () => {
    const server = aServer();
    const [app, browser] = [await budgetApp(server), browserOf(server)];
    const page = await consentPage(browser, app, { ui_locales: "de" });
    expect(page.html).toContain('<html lang="de" dir="ltr">');
    expect(page.html).toContain("Nicht erlauben");
    const decided = await press(browser, page, "deny");
    const done = await (await open(browser, decided.headers.get("location") ?? "")).text();
    expect(done).toContain("Nichts wurde weitergegeben.");
  });

  it("are no reason for a page of ours where they are named twice: the client is told, as of any parameter", async () => {
    const server = aServer();
    const app = await budgetApp(server);
    const response = await open(browserOf(server), authorizePath(app, { ui_locales: ["en", "en"] }));
    expect(response.headers.get("location")).toMatch(/^http:\/\/127\.0\.0\.1:4711\/callback\?error=invalid_request&/);
  });

  it("are the browser's on a person's own pages, and on errors", async () => {
    const server = aServer();
    const german = { "accept-language": "de-DE,de;q=0.9,en;q=0.5" };
    expect(await (await open(browserOf(server), "/my/connected_apps", german)).text()).toContain("Verbundene Apps");
    expect(await (await open(browserOf(server), "/my/access_tokens", german)).text()).toContain("Ein Token ist ein Passwort");
    expect(await (await open(browserOf(server), "/oauth/authorize?client_id=nobody", german)).text()).toContain(
      "Wir kennen diese App nicht",
    );
  });

  it("go with the person to a page that says that they were too late, and to the sign-in of a pushed request", async () => {
    const server = aServer();
    const [app, browser] = [await budgetApp(server), browserOf(server)];
    const page = await consentPage(browser, app, { ui_locales: "de" });
    server.clock.now += 11 * minutes;
    expect(await (await press(browser, page, "allow")).text()).toContain("Diese Anfrage ist zu alt");
    const described = await server.oauth.describeRequest(authorizePath(app, { ui_locales: "de en" }));
    expect(described?.uiLocales).toBe("de en");
  });

  it("are those of the operator's words too, where there are any for them", async () => {
    const server = aServer({
      scopes: {
        read: { description: { en: "Read your notes", de: "Deine Notizen lesen" } },
        write: "Change your notes",
        share: { description: { fr: "Partager" } },
      },
    });
    const page = await consentPage(browserOf(server), await budgetApp(server), { scope: "read write share", ui_locales: "de" });
    for (const words of ["Deine Notizen lesen", "Change your notes", "Partager"]) expect(page.html).toContain(words);
  });

  it("may be others, and run from right to left", async () => {
    const server = aServer({ languages: [pseudoLocale] });
    const app = await budgetApp(server);
    const html = await (await open(browserOf(server), authorizePath(app))).text();
    expect(html).toContain('<html lang="ar" dir="rtl">');
    const shown = html.replace(/<style>.*<\/style>/s, "").replace(/<details>.*<\/details>/s, "");
    for (const [, text = ""] of shown.matchAll(/>([^<>]+)</g))
      if (/[a-z]{3}/i.test(text) && !/^(Notes|ada@example\.com|.*your notes)$/i.test(text.trim()))
        expect(text).toMatch(/[⟦⟧]|127\.0\.0\.1/);
  });
});
