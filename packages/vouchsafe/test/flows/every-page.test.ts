import { describe, expect, it } from "vitest";
import { allow, authorizePath, browserOf, connect, consentPage, open, press } from "../a-person.ts";
import { aServer, budgetApp, issuer as httpsIssuer } from "../a-server.ts";

/** Every page of the library, with its path: pages on the way between apps, and the person's own. */
async function everyPage(issuer = httpsIssuer) {
  const links: string[] = [];
  const server = aServer({ issuer, onNewConnection: ({ notMeUrl }) => void links.push(notMeUrl.slice(issuer.length)) });
  const [app, browser] = [await budgetApp(server), browserOf(server)];
  await connect(server, app);
  await allow(browser, app, { prompt: "consent" });
  const decided = await press(browser, await consentPage(browser, app), "deny");
  const between = [authorizePath(app), decided.headers.get("location") ?? "", "/oauth/authorize?client_id=nobody", "/oauth/done?r=none"];
  const below = [`/${app.id}`, `/${app.id}/disconnect`, `/${app.id}/edit`, "/all/disconnect", "/ended", "/nobody/edit"];
  const own = ["", ...below].map((path) => `/my/connected_apps${path}`);
  const load = (paths: readonly string[]) => Promise.all(paths.map(async (path) => [path, await open(browser, path)] as const));
  return { between: await load(between), own: await load([...own, "/my/access_tokens", ...links, `${links[0]}x`]) };
}

describe("every page", () => {
  it("is framed by nobody, kept nowhere, guessed at by no browser, and asks for no power over the device", async () => {
    const { between, own } = await everyPage();
    for (const [path, { headers }] of [...between, ...own]) {
      expect(headers.get("content-type"), path).toBe("text/html; charset=utf-8");
      expect(headers.get("content-security-policy"), path).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      );
      expect(headers.get("referrer-policy"), path).toBe("no-referrer");
      expect(headers.get("cache-control"), path).toBe("no-store");
      expect(headers.get("x-frame-options"), path).toBe("DENY");
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("permissions-policy"), path).toMatch(/^\w+=\(\)(?:, \w+=\(\))+$/);
    }
  });

  it("tells browsers to come by https alone, where the issuer is https", async () => {
    for (const [issuer, expected] of [
      [httpsIssuer, "max-age=31536000; includeSubDomains"],
      ["http://localhost:3000", null],
    ] as const) {
      const { between, own } = await everyPage(issuer);
      for (const [path, { headers }] of [...between, ...own]) expect(headers.get("strict-transport-security"), path).toBe(expected);
    }
  });

  it("is cut off from whoever opened it where it is the person's own, and not where an app opened it in a popup", async () => {
    const { between, own } = await everyPage();
    for (const [path, { headers }] of own) expect(headers.get("cross-origin-opener-policy"), path).toBe("same-origin");
    for (const [path, { headers }] of between) expect(headers.get("cross-origin-opener-policy"), path).toBeNull();
  });

  it("is one column of 30 rem at most in the system's font, in light and dark, and nothing on it moves or runs", async () => {
    const { between, own } = await everyPage();
    for (const [path, response] of [...between, ...own]) {
      const html = await response.text();
      expect(html, path).toContain("main{max-width:30rem;");
      expect(html, path).toContain("font:1rem/1.5 system-ui,sans-serif");
      expect(html, path).toContain("@media (prefers-color-scheme:dark)");
      expect(html, path).not.toMatch(/animation|transition|scroll-behavior|<script|<link|<img|@import|url\(/i);
    }
  });
});
