import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { serveLogo } from "../src/logo.ts";
import { environmentOf, freePort, runCommand, startServer } from "./running-server.ts";

const logo = '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><circle cx="12" cy="12" r="9"/></svg>';

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vouchsafe-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function problemsOf(environment: Record<string, string>): Promise<string> {
  const folder = aFolder();
  const { code, stderr } = await runCommand(["serve"], { cwd: folder, env: environmentOf(folder, await freePort(), environment) });
  expect(code).toBe(5);
  return stderr;
}

describe("the standalone server under its operator's name", () => {
  it("has name, logo, colour and links on its own pages and on the library's", async () => {
    const directory = aFolder();
    writeFileSync(join(directory, "notes.svg"), logo);
    const server = await startServer({
      directory,
      environment: {
        OAUTH_NAME: "Ada's Notes",
        OAUTH_LOGO: join(directory, "notes.svg"),
        OAUTH_ACCENT_COLOR: "#0a7d4f",
        OAUTH_LINKS: "Privacy = https://notes.example/privacy?from=sign-in, Imprint=/imprint",
      },
    });
    onTestFinished(async () => void (await server.stop()));
    for (const path of ["/", "/sign_in", "/sign_up", "/oauth/authorize?client_id=nobody"]) {
      const page = await (await fetch(server.origin + path)).text();
      expect(page, path).toContain('<img src="/logo" alt="" height="24"><strong>Ada&#39;s Notes</strong>');
      expect(page, path).toContain("--accent:#0a7d4f");
      expect(page, path).toMatch(/<a href="https:\/\/notes\.example\/privacy\?from=sign-in" [^>]+>Privacy<\/a><a href="\/imprint"/);
    }
    const picture = await fetch(`${server.origin}/logo`);
    expect(await picture.text()).toBe(logo);
    expect(picture.headers.get("content-type")).toBe("image/svg+xml");
    expect(picture.headers.get("content-security-policy")).toContain("sandbox");
  });

  it.each([
    ["notes.svg", "image/svg+xml"],
    ["NOTES.PNG", "image/png"],
    ["notes.webp", "image/webp"],
    ["notes.jpg", "image/jpeg"],
    ["notes.jpeg", "image/jpeg"],
    ["notes.gif", "image/gif"],
  ])("serves its logo as the picture that it is, and no browser guesses at it: %s", async (name, mediaType) => {
    const file = join(aFolder(), name);
    writeFileSync(file, logo);
    const { headers } = serveLogo(file)();
    expect([headers.get("content-type"), headers.get("x-content-type-options")]).toEqual([mediaType, "nosniff"]);
  });

  it("does not start where one of them cannot be, and says which", async () => {
    expect(await problemsOf({ OAUTH_LOGO: "/nowhere/notes.svg" })).toContain("OAUTH_LOGO: /nowhere/notes.svg cannot be read");
    expect(await problemsOf({ OAUTH_LOGO: "/nowhere/notes.exe" })).toContain("OAUTH_LOGO");
    expect(await problemsOf({ OAUTH_ACCENT_COLOR: "green" })).toContain("branding.accentColor");
    expect(await problemsOf({ OAUTH_LINKS: "Privacy=javascript:alert(1)" })).toContain("branding.links");
    expect(await problemsOf({ OAUTH_LINKS: "Privacy" })).toContain("OAUTH_LINKS");
    expect(await problemsOf({ OAUTH_PROTECTED_BRANDS: "Acme=https://acme.example" })).toContain("protectedBrands");
    expect(await problemsOf({ SMTP_URL: "mail.example.com" })).toContain("SMTP_URL: the value is no URL");
  });

  it("takes brands and links from the configuration file, hosts as a list or as text, and says what is none", async () => {
    const folder = aFolder();
    const printed = async (file: unknown) => {
      writeFileSync(join(folder, "vouchsafe.config.json"), JSON.stringify(file));
      return runCommand(["config", "print", "--json"], { cwd: folder, env: environmentOf(folder, 3000) });
    };
    const hosts = ["acme.example", "acme.dev"];
    for (const said of [hosts, hosts.join(" ")]) {
      const { code, stdout } = await printed({ protectedBrands: [{ name: "Acme", hosts: said }], links: { Imprint: "/imprint" } });
      expect(code).toBe(0);
      const value = (variable: string) =>
        (JSON.parse(stdout) as { variable: string; value: string }[]).find((row) => row.variable === variable)?.value ?? "";
      expect(JSON.parse(value("OAUTH_PROTECTED_BRANDS"))).toEqual([{ name: "Acme", hosts }]);
      expect(JSON.parse(value("OAUTH_LINKS"))).toEqual({ Imprint: "/imprint" });
    }
    for (const brand of [{ name: "Acme" }, { hosts }, { name: "Acme", hosts: [7, null] }]) {
      const { code, stderr } = await printed({ protectedBrands: [brand] });
      expect([code, stderr]).toEqual([5, expect.stringContaining("OAUTH_PROTECTED_BRANDS")]);
    }
  });

  it("guards the operator's own brands too", async () => {
    const server = await startServer({ environment: { OAUTH_PROTECTED_BRANDS: "Acme Budget=acme.example acme.dev,Other=other.example" } });
    onTestFinished(async () => void (await server.stop()));
    const stopped = async (redirectUri: string) => {
      const metadata = { client_name: "Acme Budget (official)", redirect_uris: [redirectUri], token_endpoint_auth_method: "none" };
      const registered = await fetch(`${server.origin}/oauth/register`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(metadata),
      });
      const { client_id: id } = (await registered.json()) as { client_id: string };
      const query = new URLSearchParams({ client_id: id, redirect_uri: redirectUri, response_type: "code" });
      return (await (await fetch(`${server.origin}/oauth/authorize?${query}`, { redirect: "manual" })).text()).includes(
        "This may not be Acme Budget",
      );
    };
    expect(await stopped("https://elsewhere.example/callback")).toBe(true);
    expect(await stopped("https://app.acme.dev/callback")).toBe(false);
  });
});
