import { describe, expect, it } from "vitest";
import type { PageDescription } from "../../src/appearance.ts";
import { en } from "../../src/messages/en.ts";
import { html } from "../../src/pages/html.ts";
import { allow, authorizePath, browserOf, connect, consentPage, open } from "../a-person.ts";
import { aServer, budgetApp } from "../a-server.ts";
import { pseudoLocale } from "../pseudo-locale.ts";

describe("the host app on every page", () => {
  const branding = {
    name: "Ada's Notes",
    logo: "/logo.svg",
    accentColor: "#ffcc00",
    links: { Privacy: "https://notes.example/privacy", Imprint: "/imprint" },
  };

  it.each(["/my/connected_apps", "/my/access_tokens", "/oauth/authorize?client_id=nobody", "/oauth/done?r=old"])(
    "is there with its name, logo and links: %s",
    async (path) => {
      const page = await (await open(browserOf(aServer({ branding })), path)).text();
      expect(page).toContain('<img src="/logo.svg" alt="" height="24"><strong>Ada&#39;s Notes</strong>');
      expect(page).toContain('<a href="https://notes.example/privacy" target="_blank" rel="noopener">Privacy</a>');
      expect(page).toContain('<a href="/imprint" target="_blank" rel="noopener">Imprint</a>');
    },
  );

  it.each([
    [{ id: "ada", name: "Ada", email: "ada@example.com" }, "ada@example.com"],
    [{ id: "ada", name: "Ada" }, "Ada"],
  ])("says beside its name who is signed in: %j", async (person, shown) => {
    const page = await (await open(browserOf(aServer({ signedIn: () => person })), "/my/access_tokens")).text();
    expect(page).toContain(`<strong>Notes</strong><span>${shown}</span></header>`);
  });

  it("has its colour in the one stylesheet that the policy allows", async () => {
    const plain = await open(browserOf(aServer()), "/my/connected_apps");
    const yellow = await open(browserOf(aServer({ branding })), "/my/connected_apps");
    const source = (response: Response) => /style-src ('sha256-[^']+');/.exec(response.headers.get("content-security-policy") ?? "")?.[1];
    expect(source(yellow)).toBeDefined();
    expect(source(yellow)).not.toBe(source(plain));
  });
});

describe("a host app that puts its own surroundings around our pages", () => {
  const around = ({ page, title, person }: PageDescription) => ({
    above: html`<nav class="${page}">${title} for ${person?.name ?? "nobody"}</nav>`,
    below: "<b>not HTML</b>",
  });

  it("has them above and below, and is told which page it is and who sees it", async () => {
    const server = aServer({ pages: { around } });
    const app = await budgetApp(server);
    const consent = await (await open(browserOf(server), authorizePath(app))).text();
    expect(consent).toContain('<body>\n<nav class="consent">Allow &quot;Budget app&quot; to use your Notes account? for Ada</nav><main>');
    expect(consent).toContain("</main>\n&lt;b&gt;not HTML&lt;/b&gt;</body>");
    const error = await (await open(browserOf(server, "nobody"), "/oauth/authorize?client_id=nobody")).text();
    expect(error).toContain('<nav class="error">We don&#39;t know this app for nobody</nav>');
  });

  it("is told in which language the page is, and which way that runs", async () => {
    const seen: PageDescription[] = [];
    const watching = (page: PageDescription) => {
      seen.push(page);
      return {};
    };
    const server = aServer({ languages: [en, pseudoLocale], pages: { around: watching } });
    for (const language of ["en", "ar"]) await open(browserOf(server), "/my/access_tokens", { "accept-language": language });
    expect(seen.map(({ page, language, direction }) => [page, language, direction])).toEqual([
      ["access-tokens", "en", "ltr"],
      ["access-tokens", "ar", "rtl"],
    ]);
  });

  it("cannot take anything from the page, its headers or its policy", async () => {
    const [ours, theirs] = [aServer(), aServer({ pages: { around } })];
    const pageOf = async (server: typeof ours) => {
      const response = await open(browserOf(server), "/my/access_tokens");
      const main = /<main>[\s\S]*<\/main>/.exec(await response.text())?.[0] ?? "";
      return {
        main: main.replace(/value="[\w-]{20,}"/g, ""),
        headers: Object.fromEntries([...response.headers].filter(([name]) => name !== "set-cookie")),
      };
    };
    expect(await pageOf(theirs)).toEqual(await pageOf(ours));
  });

  it("may have a stylesheet of its own on the issuer's origin, and no script", async () => {
    const server = aServer({ pages: { stylesheet: "/assets/notes.css" } });
    const response = await open(browserOf(server), "/my/access_tokens");
    expect(await response.text()).toContain('<link rel="stylesheet" href="/assets/notes.css">');
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(new RegExp(`style-src 'sha256-[^']+' ${server.issuer}/assets/notes.css;`));
    expect(policy).not.toContain("script-src");
  });

  it("loses its surroundings and nothing else where they cannot be made, also on the page of an error", async () => {
    const failing = () => {
      throw new Error("no navigation today");
    };
    const server = aServer({ pages: { around: failing } });
    const [app, browser] = [await budgetApp(server), browserOf(server)];
    expect(await allow(browser, app)).not.toBe("");
    expect((await open(browser, "/oauth/authorize?client_id=nobody")).status).toBe(400);
    expect(server.errors).toContainEqual(new Error("no navigation today"));
  });

  it.each([
    ["gives a promise", async () => ({ above: html`<nav></nav>` })],
    ["puts a promise into them", () => ({ above: html`<nav>${Promise.resolve("late")}</nav>` })],
    [
      "gives what cannot be written",
      () => ({
        below: {
          toString: () => {
            throw new Error("no footer");
          },
        },
      }),
    ],
  ])("loses them where it %s, and the page is whole", async (_, late) => {
    const server = aServer({ pages: { around: late as never } });
    const page = await consentPage(browserOf(server), await budgetApp(server));
    expect(page.html).toContain('<button class="primary" name="decision" value="allow">');
    expect(page.html).not.toContain("[object");
    expect(server.errors).toHaveLength(1);
  });

  it("takes no part in what a person can do: a whole connection is made", async () => {
    const server = aServer({ pages: { around, stylesheet: "/app.css" } });
    expect((await connect(server, await budgetApp(server))).access).not.toBe("");
  });
});
