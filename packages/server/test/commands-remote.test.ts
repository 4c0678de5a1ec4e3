import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { App } from "./app.ts";
import { Person } from "./person.ts";
import { environmentOf, type Finished, type RunningServer, runCommand, startServer } from "./running-server.ts";

const token = "the-admin-token-of-this-test-is-long";

let server: RunningServer;
let app: App;
beforeAll(async () => {
  server = await startServer({ environment: { OAUTH_ADMIN_TOKEN: token } });
  await server.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
  const ada = new Person(server.origin);
  await ada.signIn("ada@example.com", "a-long-password");
  app = await App.register(server);
  await app.refresh((await app.connect(ada)).refresh_token);
  // Written every few seconds: two commands that are compared would else be before it and behind it.
  const isWritten = async (): Promise<void> => expect((await server.command(["flows", "--json"])).stdout).toContain('"connected"');
  await vi.waitFor(isWritten, { timeout: 15_000, interval: 200 });
});
afterAll(() => server.stop());

/** Elsewhere: without the server's database, and with this token. */
const afar = (
  args: readonly string[],
  environment: Record<string, string> = { VOUCHSAFE_ADMIN_TOKEN: token },
  input?: string,
): Promise<Finished> =>
  runCommand([...args, "--url", server.origin], {
    cwd: server.directory,
    env: { ...environmentOf(`${server.directory}/elsewhere`, 1), ...environment },
    ...(input === undefined ? {} : { input }),
  });

describe("a command over the admin API", () => {
  it.each([
    [["users", "list"]],
    [["clients", "list"]],
    [["grants", "list"]],
    [["tokens", "list", "--kind", "refresh"]],
    [["audit", "list", "--type", "token.issued", "--since", "1h"]],
    [["audit", "verify"]],
    [["flows", "--limit", "3"]],
    [["keys", "list"]],
    [["registration-tokens", "list"]],
    [["security-report"]],
    [["cleanup", "--dry-run"]],
    [["users", "revoke", "ada@example.com", "--dry-run"]],
  ])("answers as over the database: %j", async (args) => {
    const [here, there] = [await server.command([...args, "--json"]), await afar([...args, "--json"])];
    expect(there).toEqual(here);
    expect(here.code).toBe(0);
  });

  it("counts the same", async () => {
    const counts = ({ stdout }: Finished): unknown => (JSON.parse(stdout) as { counts: unknown }).counts;
    expect(counts(await afar(["stats", "--json"]))).toEqual(counts(await server.command(["stats", "--json"])));
  });

  it.each([["jsonl"], ["csv"]])("exports the same events as %s", async (format) => {
    const args = ["audit", "export", "--format", format, "--type", "token.issued", "--type", "token.refreshed"];
    const [here, there] = [await server.command(args), await afar(args)];
    expect(there.stdout).toBe(here.stdout);
    expect(here.stdout.trim().split("\n").length).toBeGreaterThan(1);
  });

  it("changes what it is told to, with the token on stdin", async () => {
    const disabled = await afar(["clients", "disable", app.clientId, "--json", "--admin-token-stdin"], {}, `${token}\n`);
    expect(JSON.parse(disabled.stdout)).toMatchObject({ client_id: app.clientId, disabled_at: expect.any(String) as unknown });
    expect((await afar(["clients", "enable", app.clientId])).code).toBe(0);
    const added = await afar(["users", "add", "grace@example.com", "--password-stdin"], { OAUTH_ADMIN_TOKEN: token }, "a-long-password");
    expect([added.code, added.stdout]).toEqual([0, ""]);
    expect((await new Person(server.origin).signIn("grace@example.com", "a-long-password")).html).toContain("grace@example.com");
  });

  it("makes a client whose secret works, and gives it another", async () => {
    const made = await afar([
      "clients",
      "create",
      "--name",
      "Night Backup",
      "--confidential",
      "--grant-type",
      "client_credentials",
      "--json",
    ]);
    const { client_id: id, client_secret: secret } = JSON.parse(made.stdout) as { client_id: string; client_secret: string };
    const ask = (one: string) =>
      fetch(`${server.origin}/oauth/token`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${id}:${one}`)}` },
        body: new URLSearchParams({ grant_type: "client_credentials", resource: `${server.origin}/api/notes` }),
      });
    expect((await ask(secret)).status).toBe(200);
    const next = (await afar(["clients", "secret", id])).stdout.trim();
    expect([(await ask(secret)).status, (await ask(next)).status]).toEqual([401, 200]);
  });

  it.each([
    [4, ["clients", "show", "nobody"]],
    [4, ["flows", "nothing"]],
    [4, ["tokens", "revoke", "nothing"]],
    [2, ["grants", "list", "--state", "sleeping"]],
    [2, ["audit", "list", "--type", "tea.served"]],
    [2, ["users", "add", "grace"]],
    [1, ["users", "add", "ada@example.com"]],
  ])("ends with exit code %i and the sentence that it has over the database: %j", async (code, args) => {
    const [here, there] = [await server.command(args), await afar(args)];
    // A description on the wire has no double quotes. RFC 6749 §5.2
    expect(there).toEqual({ code, stdout: here.stdout, stderr: here.stderr.replaceAll('"', "'") });
  });

  it.each([["another-token-that-is-long-enough-too"], ["vs_pat_no-such-token"]])("is not authorised by %s", async (wrong) => {
    const { code, stdout, stderr } = await afar(["stats"], { VOUCHSAFE_ADMIN_TOKEN: wrong });
    expect([code, stdout, stderr.trim().split("\n").length]).toEqual([3, "", 1]);
    expect(stderr).not.toContain(wrong);
  });

  it("says in one sentence that nobody answers", async () => {
    const { code, stderr } = await runCommand(["stats", "--url", "http://127.0.0.1:9"], {
      cwd: server.directory,
      env: environmentOf(server.directory, 1, { VOUCHSAFE_ADMIN_TOKEN: token }),
    });
    expect([code, stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(stderr).toContain("http://127.0.0.1:9");
  });
});
