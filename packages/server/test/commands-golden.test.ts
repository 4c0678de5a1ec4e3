/** What the commands print, word for word, over a database with a known story. `vitest run -u` writes the files anew. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sqlite } from "vouchsafe/sqlite";
import { App } from "./app.ts";
import { createService } from "./interop/operator-client.ts";
import { Person } from "./person.ts";
import { environmentOf, type RunningServer, runCommand, startServer } from "./running-server.ts";

const file = (name: string): string => join(import.meta.dirname, "golden", `${name}.txt`);

const directory = mkdtempSync(join(tmpdir(), "vouchsafe-"));
let server: RunningServer;
/** What is different each time, and what stands for it in the files. */
const names = new Map<string, string>();

beforeAll(async () => {
  server = await startServer({ directory, environment: { OAUTH_AUDIT_RETENTION: "never" } });
  for (const email of ["ada@example.com", "grace@example.com"]) {
    const added = await server.command(["users", "add", email, "--password-stdin", "--json"], "a-long-password");
    names.set((JSON.parse(added.stdout) as { id: string }).id, email.split("@")[0] ?? "");
  }
  const ada = new Person(server.origin);
  await ada.signIn("ada@example.com", "a-long-password");
  const budget = await App.register(server);
  names.set(budget.clientId, "budget-app");
  const { refresh_token: refreshToken, access_token: accessToken } = await budget.connect(ada);
  await budget.refresh(refreshToken);
  await budget.notes(accessToken);
  const printer = await App.register(server, { client_name: "Photo printer" });
  names.set(printer.clientId, "photo-printer");
  const code = await printer.code(ada);
  await printer.redeem(code);
  await printer.redeem(code);
  const backup = await createService(server, "client_secret_basic");
  names.set(backup.client_id, "night-backup");
  for (let asked = 0; asked < 3; asked++)
    await fetch(`${server.origin}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${backup.client_id}:${backup.client_secret}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials", resource: `${server.origin}/api/notes` }),
    });
  await server.command(["tokens", "create", "grace@example.com", "--name", "nightly export", "--scope", "read", "--ends", "never"]);
  await noteFlows();
  await untilUseIsKnown(budget.clientId);
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** When something was last used is written down in batches. */
async function untilUseIsKnown(clientId: string): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt++)
    if ((await server.command(["clients", "show", clientId])).stdout.includes("last_used_at")) return;
  throw new Error("the use of a token was not written down");
}

/** Two attempts to connect: a cookbook that was let in, and one that asked amiss. */
async function noteFlows(): Promise<void> {
  const store = sqlite(join(server.directory, "vouchsafe.db"), { synchronous: "normal", busyTimeout: 5000 });
  const [grace] = [...names].find(([, name]) => name === "grace") ?? [""];
  const at = Date.UTC(2020, 0, 1, 10);
  const of = { client: { id: "cookbook", name: "Cookbook" }, address: "192.0.2.7" };
  await store.flows.note([
    { ...of, flowId: "let-in", at, name: "requested", requestId: "req-1", family: "firefox" },
    { ...of, flowId: "let-in", at: at + 4000, name: "consent_shown", subject: grace, requestId: "req-2", family: "firefox" },
    {
      ...of,
      flowId: "let-in",
      at: at + 9000,
      name: "allowed",
      subject: grace,
      grantId: "cookbook-grant",
      requestId: "req-3",
      family: "firefox",
    },
    { ...of, flowId: "let-in", at: at + 9500, name: "redeemed", grantId: "cookbook-grant", requestId: "req-4", family: "cookbook" },
    { ...of, flowId: "amiss", at: at + 60_000, name: "requested", requestId: "req-5", family: "firefox" },
    {
      ...of,
      flowId: "amiss",
      at: at + 60_001,
      name: "refused",
      requestId: "req-6",
      endpoint: "authorize",
      error: "invalid_scope",
      reason: "there is no scope recipes",
    },
  ]);
  await store.close();
}

/** Alike at every run: each id, time and secret has a placeholder of its own length, so that tables stay aligned. */
function settled(text: string): string {
  const known = [...names].reduce((result, [id, name]) => result.replaceAll(id, `<${name}>`.padEnd(id.length, ".")), text);
  return known
    .replace(/20(?!20-01-01)\d\d-\d\d-\d\dT[\d:.]+Z/g, "20XX-XX-XXTXX:XX:XX.XXXZ")
    .replace(/command line \([^)]*\)/g, "command line (ada)")
    .replace(/flows [\w-]{20}$/gm, "flows <id>")
    .replace(/request_id=[\w-]+/g, "request_id=<id>")
    .replace(/\d+ events, as/g, "20 events, as")
    .replace(/^(?:\d+|id) +(?=20XX\S+ +\w+\.|at +type)/gm, "id  ")
    .replaceAll(server.origin, "http://localhost:3000")
    .replaceAll(directory, "/srv")
    .replace(/(?<![\w-])(?=[\w-]*[A-Z0-9])[\w-]{22}(?![\w-])/g, "<id>".padEnd(22, "."));
}

const expectGolden = (name: string, ...commands: readonly (readonly string[])[]): Promise<void> =>
  expectOutput(name, commands, server.command);

async function expectOutput(name: string, commands: readonly (readonly string[])[], run: RunningServer["command"]): Promise<void> {
  let text = "";
  for (const args of commands) {
    const { code, stdout, stderr } = await run(args);
    const shown = args.map((argument) => (argument.includes(" ") ? JSON.stringify(argument) : argument)).join(" ");
    text += `$ vouchsafe ${shown}\n${stdout}${stderr.replace(/^(?=.)/gm, "stderr: ")}exit code ${code}\n\n`;
  }
  await expect(settled(text)).toMatchFileSnapshot(file(name));
}

const idOf = (wanted: string): string => [...names].find(([, name]) => name === wanted)?.[0] ?? "";

describe("what the commands print", () => {
  it("users", () =>
    expectGolden("users", ["users", "list"], ["users", "revoke", "ada@example.com", "--dry-run"], ["users", "list", "--search", "nobody"]));

  it("clients", () =>
    expectGolden(
      "clients",
      ["clients", "list"],
      ["clients", "list", "--registered", "operator", "--json"],
      ["clients", "show", idOf("budget-app")],
      ["clients", "revoke", idOf("budget-app"), "--dry-run"],
      ["clients", "delete", idOf("night-backup"), "--dry-run", "--json"],
    ));

  it("grants", () => expectGolden("grants", ["grants", "list"], ["grants", "list", "--user", "grace@example.com", "--json"]));

  it("tokens", () =>
    expectGolden("tokens", ["tokens", "list"], ["tokens", "list", "--limit", "1"], ["tokens", "revoke", "1", "--dry-run"]));

  it("stats", () => expectGolden("stats", ["stats"]));

  it("security-report", () => expectGolden("security-report", ["security-report", "--since", "7d"]));

  it("flows", () =>
    expectGolden("flows", ["flows", "--client", "cookbook"], ["flows", "let-in"], ["flows", "amiss"], ["flows", "amiss", "--json"]));

  it("audit", () =>
    expectGolden("audit", ["audit", "list", "--type", "client.registered", "--type", "personal_token.created"], ["audit", "verify"]));

  it("keys", () => expectGolden("keys", ["keys", "list"]));

  it("cleanup, where the server has not done it by itself", async () => {
    await server.stop();
    const env = environmentOf(directory, 1, { OAUTH_AUDIT_RETENTION: "90d" });
    await expectOutput("cleanup", [["cleanup", "--dry-run"], ["cleanup", "--json"], ["cleanup"]], (args) =>
      runCommand(args, { cwd: directory, env }),
    );
  });
});

describe("the help of the commands", () => {
  it("shows an example for every command, and is what it was", async () => {
    const built = new URL("../dist/index.js", import.meta.url).href;
    const { createProgram } = (await import(built)) as { createProgram: (first: string) => Promise<Command> };
    let all = "";
    for (const command of commandsOf(await createProgram(""))) {
      let help = "";
      command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 100 }).outputHelp();
      if (command.commands.length === 0) expect(help, command.name()).toContain("Example:\n  ");
      all += `${help}\n`;
    }
    await expect(all).toMatchFileSnapshot(file("help"));
  });
});

const commandsOf = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(commandsOf)];
