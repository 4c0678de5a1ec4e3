import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selfSignedCertificate } from "../interop/self-signed-certificate.ts";
import { environmentOf, type Finished, type RunningServer, runCommand, startServer } from "../running-server.ts";
import { members, metadataOf, startFlawed } from "./flawed-server.ts";
import { troublesIn } from "./printed-checks.ts";

describe("vouchsafe doctor URL, looking at a server of ours", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ args: ["dev"] });
  });
  afterAll(() => server.stop());

  it("prints a line for each check, always in the same order, and ends with 0", async () => {
    const { code, stdout, stderr } = await server.command(["doctor", `${server.origin}/mcp`]);
    expect(stdout.replaceAll(server.origin, "ORIGIN")).toBe(`\
ok       reachable                     ORIGIN/mcp is a protected resource.
ok       challenge                     401 names "ORIGIN/.well-known/oauth-protected-resource/mcp".
ok       challenge form                Bearer comes first, with scope "read".
ok       resource metadata             ORIGIN/.well-known/oauth-protected-resource/mcp has it.
ok       resource metadata, path form  ORIGIN/.well-known/oauth-protected-resource/mcp has it.
ok       resource                      "ORIGIN/mcp" is what was asked for.
ok       authorization servers         "ORIGIN" is named.
ok       resource metadata, members    They have the form that clients read.
ok       server metadata               ORIGIN/.well-known/oauth-authorization-server has it.
ok       server metadata, members      They have what clients cannot do without.
ok       PKCE                          S256 is announced.
ok       iss                           It is announced for authorization responses.
ok       registration                  Clients can come by dynamic registration and by metadata document.
ok       client authentication         none, client_secret_basic, client_secret_post, private_key_jwt.
ok       OpenID discovery              ORIGIN/.well-known/openid-configuration answers 404 application/json.
ok       issuer                        "ORIGIN", byte for byte.
ok       issuer, everywhere            One document says it.
ok       issuer, form                  It is this computer's own.
ok       issuer, by another Host       It does not follow the request.
ok       endpoints                     All are on the issuer's origin.
ok       authorization endpoint        It answers 400 text/html to a request without a client.
ok       token endpoint                An empty request is refused by 401 "invalid_client".
ok       token endpoint, no-store      Its answers are kept by nobody.
ok       key set                       2 public keys: "ES256".
ok       content type                  Metadata is application/json.
ok       compression                   Nothing is compressed that was not asked for.
ok       caching                       Metadata is kept no longer than a day.
ok       CORS, resource metadata       Any web page may read it, without cookies.
ok       CORS, server metadata         Any web page may read it, without cookies.
ok       CORS, metadata preflight      mcp-protocol-version may be sent.
ok       CORS, token endpoint          Any web page may read it, without cookies.
ok       CORS, token preflight         authorization, content-type may be sent.
ok       CORS, registration preflight  content-type may be sent.
ok       CORS, challenge               Web pages may read it.
ok       CORS, resource preflight      authorization, content-type, mcp-protocol-version may be sent.
ok       redirects                     No endpoint redirects programs.
ok       clock                         Server and this computer are at most 30 s apart.
`);
    expect(stderr).toBe("37 checks, no findings, no warnings. No credential was sent, and nothing was registered or changed.\n");
    expect(code).toBe(0);
  });

  it("finds nothing wrong with the issuer, and registers nobody", async () => {
    const clients = (): unknown => {
      const database = new DatabaseSync(join(server.directory, "vouchsafe.db"), { readOnly: true });
      const count = database.prepare("SELECT count(*) AS count FROM clients").get();
      database.close();
      return count;
    };
    const before = clients();
    const finished = await server.command(["doctor", `${server.origin}/`, "--json"]);
    expect(troublesIn(finished)).toEqual([]);
    expect(finished.code).toBe(0);
    expect(clients()).toEqual(before);
  });

  it("says in its help, with an example, what it does not do", async () => {
    const { stdout } = await server.command(["doctor", "--help"]);
    expect(stdout.replace(/\s+/g, " ")).toContain("Sends no credential, and registers and changes nothing");
    expect(stdout).toContain("vouchsafe doctor https://notes.example.com/mcp");
  });

  it("names our own setting where our server has the wrong issuer", async () => {
    const { port } = new URL(server.origin);
    const finished = await server.command(["doctor", `http://127.0.0.1:${port}`, "--json"]);
    expect(finished.code).toBe(1);
    expect(troublesIn(finished)).toContainEqual(["issuer", "finding", `OAUTH_ISSUER=http://127.0.0.1:${port}`]);
  });
});

describe("vouchsafe doctor URL, looking at others", () => {
  const doctor = (args: readonly string[], more: Record<string, string> = {}): Promise<Finished> =>
    runCommand(["doctor", ...args], { cwd: tmpdir(), env: environmentOf(tmpdir(), 3000, more) });

  it("ends with 1 on findings, each with what to change and who demands it, and with 0 on warnings alone", async () => {
    const server = "/.well-known/oauth-authorization-server";
    await using mistaken = await startFlawed(members(server, (origin) => ({ issuer: `${origin}/` })));
    const { code, stdout, stderr } = await doctor([`${mistaken.origin}/mcp`]);
    expect(code).toBe(1);
    expect(stdout.replaceAll(mistaken.origin, "ORIGIN")).toContain(`
finding  issuer                        The metadata says "ORIGIN/" where clients expect "ORIGIN": clients compare each byte, a final slash too.
                                       change: "issuer": "ORIGIN"
                                       source: RFC 8414 §3.3
`);
    expect(stderr).toMatch(/^\d+ checks, 1 finding, no warnings\./);
    await using lax = await startFlawed(
      members(server, (origin) => ({ ...metadataOf(origin), authorization_response_iss_parameter_supported: false })),
    );
    const warned = await doctor([`${lax.origin}/mcp`, "--json"]);
    expect(warned.stderr).toMatch(/^\d+ checks, no findings, 1 warning\./);
    expect(troublesIn(warned)).toEqual([["iss", "warning", expect.stringContaining("authorization_response_iss_parameter_supported")]]);
    expect(warned.code).toBe(0);
  });

  it("trusts what the computer trusts, and warns before a certificate ends", async () => {
    const certificate = selfSignedCertificate();
    await using secure = await startFlawed(undefined, { certificate });
    const folder = mkdtempSync(join(tmpdir(), "vouchsafe-"));
    writeFileSync(join(folder, "ca.pem"), certificate.cert);
    const finished = await doctor([`${secure.origin}/mcp`, "--json"], { NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") });
    rmSync(folder, { recursive: true });
    expect(troublesIn(finished).map(([check, status]) => [check, status])).toEqual([
      ["certificate", "warning"],
      ["HSTS", "warning"],
    ]);
    expect(finished.code).toBe(0);
  });

  it("shows nothing of a server's that a terminal would obey", async () => {
    await using rude = await startFlawed(members("/.well-known/oauth-authorization-server", () => ({ issuer: "\u001b[2J\u202e\u009b0m" })));
    const { stdout } = await doctor([`${rude.origin}/mcp`]);
    expect(stdout).toContain("\\u001b[2J\\u202e\\u009b0m");
    expect(stdout).not.toMatch(/[\p{Cc}\p{Cf}](?<!\n)/u);
  });

  it.each(["auth.example.com", "ftp://auth.example.com", "https://ada:secret@auth.example.com"])(
    "refuses a URL it cannot look at with 2: %s",
    async (url) => {
      const { code, stdout, stderr } = await doctor([url]);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^The URL to look at .+\n$/);
    },
  );
});
