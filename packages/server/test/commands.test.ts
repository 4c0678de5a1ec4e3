import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { App } from "./app.ts";
import { Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const password = "a-long-password";

describe("vouchsafe --version", () => {
  it("prints the version of the package, and nothing else", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
    expect(await server.command(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
    expect(await server.command(["-V"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe("vouchsafe users, beside a running server", () => {
  it("adds an account with the password on stdin, once", async () => {
    expect(await server.command(["users", "add", "Ada@Example.com", "--password-stdin"], `${password}\n`)).toMatchObject({
      code: 0,
      stdout: "",
    });
    expect((await server.command(["users", "add", "ada@example.com", "--password-stdin"], password)).code).toBe(1);
    const listed = JSON.parse((await server.command(["users", "list", "--json"])).stdout) as unknown[];
    expect(listed).toHaveLength(1);
    expect(listed[0]).toMatchObject({ email: "ada@example.com", admin: false, disabled: false });
  });

  it("refuses a password that is too short, and an address that is none, as usage", async () => {
    expect((await server.command(["users", "add", "grace@example.com", "--password-stdin"], "short")).code).toBe(2);
    expect((await server.command(["users", "add", "grace", "--password-stdin"], password)).code).toBe(2);
    expect((await server.command(["users", "ad", "grace@example.com"])).code).toBe(2);
  });

  it("makes a password where none is given, and it works", async () => {
    const { stdout } = await server.command(["users", "add", "grace@example.com", "--json"]);
    const { password: made } = JSON.parse(stdout) as { password: string };
    const grace = new Person(server.origin);
    expect((await grace.signIn("grace@example.com", made)).html).toContain("grace@example.com");
  });

  it("disables a person at once: sessions end, tokens are refused, a code on its way is void; enabling restores the grant", async () => {
    const ada = new Person(server.origin);
    await ada.signIn("ada@example.com", password);
    const app = await App.register(server);
    const tokens = await app.connect(ada);
    const code = await app.code(ada);
    expect((await server.command(["users", "disable", "ada@example.com"])).code).toBe(0);
    expect((await app.notes(tokens.access_token)).status).toBe(401);
    expect((await app.refresh(tokens.refresh_token)).status).toBe(400);
    expect(await (await app.redeem(code)).json()).toMatchObject({ error: "invalid_grant" });
    expect((await ada.open("/my/connected_apps")).html).toContain('name="password"');
    expect((await server.command(["users", "enable", "ada@example.com"])).code).toBe(0);
    expect((await app.notes(tokens.access_token)).status).toBe(200);
  });

  it("changes a password: the old one and every session are over", async () => {
    const ada = new Person(server.origin);
    await ada.signIn("ada@example.com", password);
    expect((await server.command(["users", "password", "ada@example.com", "--password-stdin"], "another-password")).code).toBe(0);
    expect((await ada.open("/my/connected_apps")).html).toContain('name="password"');
    expect((await ada.signIn("ada@example.com", password)).status).toBe(401);
    expect((await ada.signIn("ada@example.com", "another-password")).status).toBe(200);
  });

  it("says that nobody has an address with exit code 4", async () => {
    expect((await server.command(["users", "disable", "nobody@example.com"])).code).toBe(4);
  });
});

describe("vouchsafe clients create", () => {
  it("prints client_id and, once, client_secret, and the client can use them", async () => {
    const args = [
      "clients",
      "create",
      "--name",
      "Reports",
      "--confidential",
      "--grant-type",
      "client_credentials",
      "--scope",
      "read",
      "--json",
    ];
    const client = JSON.parse((await server.command(args)).stdout) as { client_id: string; client_secret: string };
    const response = await fetch(`${server.origin}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${client.client_id}:${client.client_secret}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials", resource: `${server.origin}/api/notes` }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ token_type: "Bearer", scope: "read" });
  });

  it.each([
    [["--public", "--confidential"], "not both"],
    [["--public", "--auth-method", "client_secret_basic"], "contradicts"],
    [["--confidential", "--redirect-uri", "javascript:alert(1)"], "cannot be a redirect URI"],
    [["--confidential", "--grant-type", "password"], "no grant type"],
    [["--confidential", "--scope", "everything"], "no scope"],
    [["--public", "--grant-type", "client_credentials"], "confidential"],
  ])("refuses %j as usage", async (flags, words) => {
    const { code, stderr } = await server.command(["clients", "create", "--name", "Reports", ...flags]);
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });
});

describe("vouchsafe registration-tokens", () => {
  it("opens registration in token mode for as many clients as it has uses", async () => {
    const closed = await startServer({ environment: { OAUTH_REGISTRATION: "token" } });
    try {
      const { stdout } = await closed.command(["registration-tokens", "create", "--uses", "1"]);
      const register = (token: string) =>
        fetch(`${closed.origin}/oauth/register`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
          body: JSON.stringify({ client_name: "Photo printer", redirect_uris: ["https://printer.example/callback"] }),
        });
      expect((await register("vs_iat_wrong")).status).toBe(401);
      expect((await register(stdout.trim())).status).toBe(201);
      expect((await register(stdout.trim())).status).toBe(401);
      const [listed] = JSON.parse((await closed.command(["registration-tokens", "list", "--json"])).stdout) as {
        id: string;
        uses_left: number;
      }[];
      expect(listed?.uses_left).toBe(0);
      expect((await closed.command(["registration-tokens", "revoke", listed?.id ?? ""])).code).toBe(0);
      expect((await closed.command(["registration-tokens", "revoke", listed?.id ?? ""])).code).toBe(4);
    } finally {
      await closed.stop();
    }
  });
});
