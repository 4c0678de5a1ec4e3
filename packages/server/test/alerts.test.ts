/** What the standalone server tells its operator: by webhook, by mail, or in the log. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type AuditEvent, rateLimitsInMemory } from "vouchsafe";
import { postgres } from "vouchsafe/postgres";
import { type SqlStore, sqlite } from "vouchsafe/sqlite";
import { newDatabase } from "../../vouchsafe/test/a-postgres/new-database.ts";
import { answering, aReceiver } from "../../vouchsafe/test/a-receiver.ts";
import { accountSchema } from "../src/account-schema.ts";
import { mailAlerts } from "../src/alerts.ts";
import { untoldAlerts } from "../src/untold-alerts.ts";
import { aMailServer, textOf } from "./a-mail-server.ts";
import { AccountHolder } from "./interop/account-holder.ts";
import { LoopbackApp } from "./interop/loopback-app.ts";
import { Person } from "./person.ts";
import { environmentOf, freePort, type RunningServer, runCommand, startServer } from "./running-server.ts";
import { startHere } from "./server-here.ts";

async function aServer(environment: Record<string, string>, again: { directory?: string; port?: number } = {}): Promise<RunningServer> {
  const server = await startServer({ environment, ...again });
  onTestFinished(async () => void (await server.stop()));
  return server;
}

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vouchsafe-alerts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Somebody redeems a code of ada's a second time. */
async function replayACode(server: RunningServer): Promise<LoopbackApp> {
  const ada = await AccountHolder.join(server, "ada");
  const app = await LoopbackApp.register(server.origin, "Photo Printer");
  onTestFinished(app.callback.close);
  const asked = await app.ask({ scope: "read" });
  await ada.allow(asked.link, ["read"]);
  const answer = await app.answer(asked);
  await app.redeem(asked, answer);
  await expect(app.redeem(asked, answer)).rejects.toThrow();
  return app;
}

const appsThatRegister = async ({ origin }: RunningServer, names: readonly string[]): Promise<void> => {
  for (const name of names) await (await LoopbackApp.register(origin, name)).callback.close();
};

describe("the webhook of the settings", () => {
  it("gets what is worth looking at, signed", async () => {
    const receiver = await aReceiver();
    const server = await aServer({ OAUTH_WEBHOOK_URL: receiver.url, OAUTH_WEBHOOK_SECRET: receiver.secret });
    const app = await replayACode(server);
    await expect.poll(() => receiver.messages.length, { timeout: 8000 }).toBe(1);
    const [message] = receiver.messages;
    expect(message?.isGenuine).toBe(true);
    expect(message?.body).toMatchObject({ type: "code.replayed", data: { client_id: app.client.client_id } });
    expect(server.output()).not.toContain(receiver.secret);
  });

  it("gets the events that the operator names, and what failed once more after a restart, also what a command did", async () => {
    const [receiver, place] = [await aReceiver(), { directory: aFolder(), port: await freePort() }];
    const environment = {
      OAUTH_WEBHOOK_URL: receiver.url,
      OAUTH_WEBHOOK_SECRET: receiver.secret,
      OAUTH_WEBHOOK_EVENTS: "account.created, account.disabled",
    };
    receiver.answer = answering(500);
    const first = await aServer(environment, place);
    await first.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
    await expect.poll(() => receiver.messages.map(({ body }) => body.type), { timeout: 8000 }).toEqual(["account.created"]);
    await expect.poll(first.output).toContain("the receiver answered 500");
    await first.stop();

    receiver.answer = answering(200);
    await first.command(["users", "disable", "ada@example.com"]);
    expect(receiver.messages).toHaveLength(1); // a command delivers nothing itself
    await aServer(environment, place);
    await expect.poll(() => receiver.messages.length, { timeout: 15_000 }).toBe(3);
    const [failed, ...arrived] = receiver.messages;
    expect(arrived.map(({ body }) => body.type).sort()).toEqual(["account.created", "account.disabled"]);
    expect(arrived.map(({ id }) => id)).toContain(failed?.id);
    expect(receiver.messages.every(({ isGenuine }) => isGenuine)).toBe(true);
  });

  it.each([
    ["an event that there is none of", "code.replaid", "has code.replaid, which is no event; did you mean code.replayed?"],
    ["no event at all", ",", "names no event"],
  ])("is refused for %s", async (_, events, words) => {
    const folder = aFolder();
    const environment = environmentOf(folder, 3000, { OAUTH_WEBHOOK_EVENTS: events });
    const { code, stderr } = await runCommand(["config", "print"], { cwd: folder, env: environment });
    expect(stderr).toContain(words);
    expect(code).toBe(5);
  });

  it("gets every event where the operator says all", async () => {
    const receiver = await aReceiver();
    const server = await aServer({
      OAUTH_WEBHOOK_URL: receiver.url,
      OAUTH_WEBHOOK_SECRET: receiver.secret,
      OAUTH_WEBHOOK_EVENTS: "all",
    });
    await appsThatRegister(server, ["Budget app"]);
    await expect.poll(() => receiver.messages.map(({ body }) => body.type), { timeout: 8000 }).toContain("client.registered");
  });
});

describe("the alert of a security case", () => {
  it("is a mail that says what happened, what was ended and where to look", async () => {
    const { mails, port } = await aMailServer();
    const server = await aServer({
      SMTP_URL: `smtp://notes:mail-password@127.0.0.1:${port}`,
      OAUTH_ALERT_EMAIL: "Grace <grace@example.com>",
    });
    await replayACode(server);
    const alerts = () => mails.filter(({ envelope }) => envelope.rcptTo.some(({ address }) => address === "grace@example.com"));
    await expect.poll(() => alerts().length, { timeout: 10_000 }).toBe(1);
    const text = textOf(alerts()[0]?.content ?? "");
    expect(text).toMatch(/^Subject: .*localhost.*A_code_of.*was_redeemed_a_second_time/m);
    expect(text).toContain('What happened: A code of "Photo Printer" was redeemed a second time.');
    expect(text).toContain("What was ended: The connection it had opened was ended.");
    expect(text).toContain(`Where to look: ${server.origin}/admin/security`);
  });

  it("stands in the log where there is no mail server", async () => {
    const server = await aServer({ OAUTH_ALERT_EMAIL: "grace@example.com", OAUTH_ANOMALY_REGISTRATION: "2/10m" });
    await appsThatRegister(server, ["One", "Two"]);
    await expect.poll(server.output, { timeout: 8000 }).toContain('"msg":"2 apps registered themselves within 10 minutes."');
    const line = server
      .output()
      .split("\n")
      .find((one) => one.includes("2 apps registered"));
    expect(JSON.parse(line ?? "")).toMatchObject({ level: "warn", type: "suspicious.activity", ended: "Nothing was ended." });
  });

  it("is about sign-ins too: many accounts tried from one place", async () => {
    const server = await aServer({ OAUTH_ALERT_EMAIL: "grace@example.com", OAUTH_ANOMALY_SIGN_IN: "3/10m" });
    for (const name of ["ada", "sofia"])
      await server.command(["users", "add", `${name}@example.com`, "--password-stdin"], "a-long-password");
    const stranger = new Person(server.origin);
    for (const name of ["ada", "sofia", "nobody"]) await stranger.signIn(`${name}@example.com`, "a-wrong-password");
    await expect.poll(server.output, { timeout: 8000 }).toMatch(/"msg":"3 sign-ins from [\w.:/]+ failed within 10 minutes\."/);
  });
});

describe("alerts by mail", () => {
  afterEach(() => void vi.useRealTimers());

  const stopped: AuditEvent = { at: 1, type: "impersonation.stopped", reason: "it calls itself Claude", count: 1 };

  /** The mailbox of grace, to whom each process that is given writes of the cases it was handed. */
  async function anInbox(stores: readonly SqlStore[], fail = () => false) {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    const mails: { subject: string; text: string }[] = [];
    const errors: unknown[] = [];
    const processes = stores.map((store) =>
      mailAlerts({
        to: "grace@example.com",
        issuer: "https://auth.example.com",
        sendMail: async (mail) => {
          if (fail()) throw new Error("the mail server is away");
          mails.push(mail);
        },
        findNames: async () => ({}),
        limits: store.rateLimits ?? rateLimitsInMemory,
        untold: untoldAlerts(store),
        onError: (error) => errors.push(error),
      }),
    );
    for (const store of stores) {
      await store.database.migrate(accountSchema, "accounts");
      onTestFinished(() => store.close());
    }
    const happen = async (times = 1): Promise<void> => {
      for (let index = 0; index < times; index++)
        await processes[index % processes.length]?.deliver(stopped, { id: "msg_1", signal: new AbortController().signal });
    };
    return { mails, errors, happen };
  }

  /** Without our own timeouts, which the time that is made to pass here would use up. */
  async function ownPool(connectionString: string): Promise<SqlStore> {
    const pool = new Pool({ connectionString });
    onTestFinished(() => pool.end());
    return postgres(pool);
  }

  const more = (number: number): unknown =>
    expect.objectContaining({
      subject: `auth.example.com: ${number} more security ${number === 1 ? "case" : "cases"}`,
      text: expect.stringContaining("https://auth.example.com/admin/security") as string,
    });

  it("are twenty an hour at most, and one more that says how many more there were", async () => {
    const { mails, happen } = await anInbox([sqlite(":memory:")]);
    await happen(57);
    expect(mails).toHaveLength(20);
    await vi.advanceTimersByTimeAsync(3_600_000);
    await expect.poll(() => mails.slice(20)).toEqual([more(37)]);
    await happen();
    expect(mails.at(-1)?.subject).toBe("auth.example.com: An app was stopped: it calls itself Claude.");
    await vi.advanceTimersByTimeAsync(7_200_000);
    await happen(21);
    await vi.advanceTimersByTimeAsync(3_600_000);
    await expect.poll(() => mails.at(-1)).toEqual(more(1));
    expect(mails).toHaveLength(43);
  });

  it("are twenty an hour of all processes of a PostgreSQL together, and one more", async () => {
    const url = await newDatabase();
    const { mails, happen, errors } = await anInbox([await ownPool(url), await ownPool(url), await ownPool(url)]);
    await happen(57);
    expect(mails).toHaveLength(20);
    await vi.advanceTimersByTimeAsync(3_600_000);
    await expect.poll(() => mails.slice(20), { timeout: 10_000 }).toEqual([more(37)]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    await happen(3);
    expect(mails).toHaveLength(21);
    expect(errors).toEqual([]);
  });

  it("tell the rest another time where the mail server was away when the hour was over", async () => {
    let isAway = false;
    const { mails, happen, errors } = await anInbox([sqlite(":memory:")], () => isAway);
    await happen(22);
    isAway = true;
    await vi.advanceTimersByTimeAsync(3_600_000);
    await expect.poll(() => errors).toEqual([new Error("the mail server is away")]);
    isAway = false;
    await happen(23);
    await vi.advanceTimersByTimeAsync(3_600_000);
    await expect.poll(() => mails.slice(40)).toEqual([more(5)]);
  });

  it("are tried again where the mail server was away, and do not use up the hour", async () => {
    let isAway = true;
    const { mails, happen, errors } = await anInbox([sqlite(":memory:")], () => isAway);
    for (let index = 0; index < 30; index++) await expect(happen()).rejects.toThrow("away");
    isAway = false;
    await happen(20);
    expect(mails).toHaveLength(20);
    expect(errors).toEqual([]);
  });

  it("are counted together by the servers of a PostgreSQL, whichever brings them", async () => {
    const { mails, port } = await aMailServer();
    const database = await newDatabase();
    const settings = {
      databaseUrl: database,
      secret: "a-secret-of-both-servers-of-thirty-two-bytes",
      smtpUrl: `smtp://notes:mail-password@127.0.0.1:${port}`,
      alertEmail: "grace@example.com",
    };
    for (const delivered of [15, 20]) {
      const server = await startHere(settings);
      await server.standalone.store.record(Array.from({ length: 15 }, (_, index) => ({ ...stopped, at: Date.now(), count: index + 1 })));
      await expect.poll(async () => server.standalone.store.deliveries.count(), { timeout: 10_000 }).toBe(0);
      await server.stop();
      expect(mails).toHaveLength(delivered);
    }
  });
});
