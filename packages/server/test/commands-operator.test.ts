import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { limitOf, readPages } from "../src/cli/listing.ts";
import { startProgress } from "../src/cli/progress.ts";
import { App } from "./app.ts";
import { createService } from "./interop/operator-client.ts";
import { Person } from "./person.ts";
import { environmentOf, type Finished, type RunningServer, runCommand, startServer } from "./running-server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
  for (const email of ["ada@example.com", "grace@example.com"])
    await server.command(["users", "add", email, "--password-stdin"], "a-long-password");
});
afterAll(() => server.stop());

const json = async <Document>(...args: string[]): Promise<Document> =>
  JSON.parse((await server.command([...args, "--json"])).stdout) as Document;

const signedIn = async (email: string): Promise<Person> => {
  const person = new Person(server.origin);
  await person.signIn(email, "a-long-password");
  return person;
};

/** A command that could not be done says so in one sentence, and prints nothing. */
function expectSentence({ code, stdout, stderr }: Finished, expected: number): void {
  expect([code, stdout]).toEqual([expected, ""]);
  expect(stderr.trim().split("\n")).toHaveLength(1);
}

describe("an operator ends, by command", () => {
  it("one connection, a person's, or a client's, after a rehearsal that changes nothing", async () => {
    const ada = await signedIn("ada@example.com");
    const app = await App.register(server);
    const connect = async () => (await app.connect(ada)).access_token;
    const reach = { people: 1, connections: 1, personal_tokens: 0, client_tokens: 0 };
    const grantId = async () => (await json<{ id: string }[]>("grants", "list", "--client", app.clientId))[0]?.id ?? "";
    for (const end of [
      async () => ["grants", "revoke", await grantId()],
      () => ["users", "revoke", "ada@example.com"],
      () => ["clients", "revoke", app.clientId],
    ]) {
      const token = await connect();
      const args = await end();
      expect(await json(...args, "--dry-run")).toEqual(reach);
      expect((await app.notes(token)).status).toBe(200);
      expect(await json(...args)).toEqual(reach);
      expect((await app.notes(token)).status).toBe(401);
    }
  });

  it("nothing at all where it only rehearses: to disable a person or client, or to delete a client", async () => {
    const grace = await signedIn("grace@example.com");
    const app = await App.register(server);
    const { access_token: token } = await app.connect(grace);
    for (const args of [
      ["users", "disable", "grace@example.com"],
      ["clients", "disable", app.clientId],
      ["clients", "delete", app.clientId],
    ]) {
      const { code, stdout, stderr } = await server.command([...args, "--dry-run"]);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^connections +1$/m)]);
      expect(stderr).toBe("Nothing was changed. It would touch 1 connection, of one person.\n");
    }
    expect((await app.notes(token)).status).toBe(200);
  });

  it("a personal token that an operator made, by the id it is listed under", async () => {
    const made = await server.command([
      "tokens",
      "create",
      "grace@example.com",
      "--name",
      "nightly export",
      "--scope",
      "read",
      "--ends",
      "1d",
    ]);
    const use = () => fetch(`${server.origin}/api/notes`, { headers: { authorization: `Bearer ${made.stdout.trim()}` } });
    expect((await use()).status).toBe(200);
    const [listed] = await json<{ id: string; state: string }[]>("tokens", "list", "--user", "grace@example.com", "--kind", "personal");
    expect(listed?.state).toBe("active");
    expect(await json("tokens", "revoke", listed?.id ?? "")).toMatchObject({ personal_tokens: 1 });
    expect((await use()).status).toBe(401);
    expect((await server.command(["tokens", "revoke", listed?.id ?? ""])).stderr).toMatch(/had ended already/);
  });

  it("under a name that stands in the audit", async () => {
    const { client_id: id } = await createService(server, "client_secret_basic");
    await server.command(["clients", "disable", id]);
    const [event] = await json<{ operator: string }[]>("audit", "list", "--client", id, "--type", "client.disabled");
    expect(event?.operator).toMatch(/^command line/);
  });
});

describe("a command that cannot be done", () => {
  it.each([
    ["clients", "show", "nobody"],
    ["clients", "revoke", "nobody"],
    ["grants", "revoke", "nothing"],
    ["grants", "list", "--user", "nobody@example.com"],
    ["tokens", "revoke", "nothing"],
    ["tokens", "create", "nobody@example.com", "--name", "export"],
    ["users", "revoke", "nobody@example.com", "--dry-run"],
    ["flows", "nothing"],
  ])("says that there is no such thing, with exit code 4: %s %s %s %s", async (...args) => {
    expectSentence(await server.command(args.filter((argument) => argument !== undefined)), 4);
  });

  it.each([
    ["stats", "--since", "long ago"],
    ["security-report", "--until", "2026-13-01"],
    ["stats", "--since", "2026-02-30"],
    ["audit", "list", "--since", "2025-02-29T10:00:00Z"],
    ["stats", "--since", "1h", "--until", "2h"],
    ["flows", "--outcome", "splendid"],
    ["flows", "some-flow", "--since", "1h"],
    ["grants", "list", "--state", "sleeping"],
    ["clients", "list", "--registered", "by post"],
    ["tokens", "list", "--kind", "paper"],
    ["tokens", "list", "--limit", "0"],
    ["audit", "list", "--type", "tea.served"],
    ["audit", "export", "--format", "constructor"],
    ["audit", "export", "--limit", "many"],
    ["registration-tokens", "create", "--uses", "none"],
    ["users", "admin", "ada@example.com", "perhaps"],
  ])("says what is malformed, with exit code 2: %s %s %s %s", async (...args) => {
    expectSentence(await server.command(args.filter((argument) => argument !== undefined)), 2);
  });

  it("says that somebody must be left who may administer, with exit code 1", async () => {
    await server.command(["users", "admin", "ada@example.com", "on"]);
    expectSentence(await server.command(["users", "admin", "ada@example.com", "off"]), 1);
  });

  it.each([
    [3, ["--url", "https://auth.example.com"]],
    [2, ["--admin-token-stdin"]],
  ])("does not go elsewhere without a token: exit code %i for %j", async (code, flags) => {
    expectSentence(await server.command(["stats", ...flags]), code);
  });

  it.each(["http://auth.example.com", "https://ada:secret@auth.example.com", "auth.example.com"])("sends no token to %s", async (url) => {
    const env = environmentOf(server.directory, 1, { VOUCHSAFE_ADMIN_TOKEN: "the-admin-token-of-this-test-is-long" });
    const finished = await runCommand(["stats", "--url", url], { cwd: server.directory, env });
    expectSentence(finished, 2);
    expect(finished.stderr).not.toContain("secret");
  });
});

describe("what a client calls itself", () => {
  it("moves no cursor and colours no screen", async () => {
    const { stdout } = await server.command([
      "clients",
      "create",
      "--public",
      "--name",
      "Budget \u001B[2Japp",
      "--redirect-uri",
      "http://127.0.0.1/",
    ]);
    const listed = await server.command(["clients", "list"]);
    expect(stdout + listed.stdout).not.toContain("\u001B");
  });
});

describe("stats", () => {
  it("count what the audit tells", async () => {
    interface Statistics {
      readonly counts: { readonly registrations: Readonly<Record<string, number>> };
    }
    const { counts } = await json<Statistics>("stats", "--since", "1h");
    const registered = await json<{ origin: string }[]>("audit", "list", "--type", "client.registered", "--limit", "1000");
    expect(counts.registrations["dynamic"]).toBe(registered.filter(({ origin }) => origin === "dynamic").length);
  });
});

describe("a list", () => {
  const people = Array.from({ length: 450 }, (_, index) => index);
  const page = ({ limit = 50, after = "0" }) => {
    const end = Number(after) + limit;
    return Promise.resolve({ items: people.slice(Number(after), end), ...(end < people.length ? { next: String(end) } : {}) });
  };

  it.each([
    [undefined, 450, undefined],
    ["450", 450, undefined],
    ["201", 201, "201"],
    ["7", 7, "7"],
  ])("follows the pages until there are as many as --limit %s says", async (limit, length, next) => {
    const all = await readPages(limit === undefined ? {} : { limit }, page);
    expect([all.items.length, all.next]).toEqual([length, next]);
    expect(all.items).toEqual(people.slice(0, length));
  });

  it.each(["0", "-1", "1.5", "many", ""])("has no limit of %j", (limit) => expect(() => limitOf(limit)).toThrow(/--limit/));
});

describe("a progress bar", () => {
  const drawn = (isTTY: boolean): string => {
    let text = "";
    let now = 0;
    const progress = startProgress("Exporting", { isTTY, write: (part) => (text += part) }, () => now);
    for (const part of [0, 0.5, undefined]) {
      progress.show(part);
      now += 200;
    }
    progress.end();
    return text;
  };

  it("is drawn on a terminal and wiped in the end", () => {
    expect(drawn(true)).toBe(
      `\rExporting [${" ".repeat(30)}]   0 %\rExporting [${"=".repeat(15)}${" ".repeat(15)}]  50 %\rExporting [  ===${" ".repeat(25)}]\r\u001B[K`,
    );
  });

  it("is nothing where nobody watches", () => expect(drawn(false)).toBe(""));
});
