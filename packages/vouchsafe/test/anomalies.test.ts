import { describe, expect, it } from "vitest";
import { Anomalies } from "../src/anomalies.ts";
import type { AuditEvent } from "../src/audit.ts";
import type { Configuration } from "../src/config.ts";
import { clientNamed } from "../src/store/contract/cast.ts";
import { memory } from "../src/store/memory/memory.ts";
import type { Store } from "../src/store/store.ts";
import { aServer, budgetApp, days, lastEvent, minutes, photoPrinter, register, type Server, send } from "./a-server.ts";

const start = 1_800_000_000_000; // a full hour
const hour = 60 * minutes;
const rule = { points: 10, duration: 10 * minutes };

/** Anomalies over a store in memory, and what they file. */
function aWatch(rules: Configuration["anomalies"], over: Partial<Store> = {}) {
  const store = memory();
  const errors: unknown[] = [];
  const anomalies = new Anomalies({ rules, store: { ...store, ...over }, onError: (error) => errors.push(error) });
  store.subscribe((event) => anomalies.note(event));
  const happen = async (times: number, event: (index: number) => AuditEvent): Promise<void> => {
    for (let index = 0; index < times; index++) await store.record([event(index)]);
    await anomalies.settled();
  };
  const cases = () => store.events.filter(({ type }) => type === "suspicious.activity");
  return { store, errors, happen, cases };
}

const wrongSecret = (at: number, more: Partial<AuditEvent> = {}): AuditEvent =>
  ({ at, type: "client.authentication_failed", endpoint: "token", reason: "client secret is wrong", count: 1, ...more }) as AuditEvent;
const issued = (at: number, clientId = "budget"): AuditEvent => ({
  at,
  type: "token.issued",
  grantType: "client_credentials",
  clientId,
  subject: clientId,
  scope: ["read"],
});

describe("too much of something", () => {
  const rules = { client_authentication_burst: rule, sign_in_burst: rule, scope_violation_burst: rule, registration_storm: rule };

  it("becomes one case, which says of what, how much, in how long and about whom", async () => {
    const { happen, cases } = aWatch(rules);
    await happen(9, (index) => wrongSecret(start + index, { clientId: "budget", address: "203.0.113.7" }));
    expect(cases()).toEqual([]);
    await happen(1, () => wrongSecret(start + 10, { clientId: "budget", address: "203.0.113.7" }));
    expect(cases()).toEqual([
      {
        at: start + 10,
        type: "suspicious.activity",
        kind: "client_authentication_burst",
        seen: 10,
        within: 10 * minutes,
        clientId: "budget",
      },
    ]);
  });

  it("is no case where it takes longer than its time", async () => {
    const { happen, cases } = aWatch(rules);
    await happen(100, (index) => wrongSecret(start + index * 70_000, { clientId: "budget" }));
    expect(cases()).toEqual([]);
  });

  it("is one case while it goes on, and another one after a time in which it was less", async () => {
    const { happen, cases } = aWatch(rules);
    await happen(500, (index) => wrongSecret(start + index * 10_000, { clientId: "budget" }));
    expect(cases()).toHaveLength(1);
    const end = start + 500 * 10_000;
    await happen(20, (index) => wrongSecret(end + index * 70_000, { clientId: "budget" }));
    expect(cases()).toHaveLength(1);
    await happen(30, (index) => wrongSecret(end + 20 * 70_000 + index, { clientId: "budget" }));
    expect(cases()).toHaveLength(2);
  });

  it("counts what one event stands for", async () => {
    const { happen, cases } = aWatch(rules);
    await happen(1, () => wrongSecret(start, { clientId: "budget", count: 40 }));
    expect(cases()).toMatchObject([{ seen: 40 }]);
  });

  it("is told apart by client, and by the network it came from where no client is known", async () => {
    const { happen, cases } = aWatch(rules);
    await happen(9, () => wrongSecret(start, { clientId: "budget" }));
    await happen(9, () => wrongSecret(start, { clientId: "printer" }));
    await happen(10, (index) => wrongSecret(start, { address: `2001:db8:1:2::${index}` }));
    expect(cases()).toEqual([expect.objectContaining({ address: "2001:db8:1:2::/64" })]);
    expect(cases()[0]).not.toHaveProperty("clientId");
  });

  it("is found where somebody tries ids that are nobody's, each once", async () => {
    const { happen, cases } = aWatch(rules);
    await happen(10, (index) => wrongSecret(start, { clientId: `guess${index}`, reason: "client is unknown", address: "203.0.113.7" }));
    expect(cases()).toMatchObject([{ kind: "client_authentication_burst", address: "203.0.113.7" }]);
  });

  it("is found in sign-ins as one person from anywhere, in scopes that tokens do not have, and in registrations", async () => {
    const { happen, cases } = aWatch(rules);
    await happen(10, (index) => ({
      at: start,
      type: "sign_in.failed",
      reason: "wrong",
      subject: "ada",
      address: `203.0.113.${index}`,
      count: 1,
    }));
    await happen(10, () => ({ at: start, type: "scope.violated", reason: "needs write", clientId: "budget", count: 1 }));
    await happen(10, (index) => ({ at: start, type: "client.registered", clientId: `c${index}`, name: "App", origin: "dynamic" }));
    await happen(20, (index) => ({ at: start, type: "client.registered", clientId: `o${index}`, name: "App", origin: "operator" }));
    const common = { at: start, type: "suspicious.activity", seen: 10, within: 10 * minutes };
    expect(cases()).toEqual([
      { ...common, kind: "sign_in_burst", subject: "ada" },
      { ...common, kind: "scope_violation_burst", clientId: "budget" },
      { ...common, kind: "registration_storm" },
    ]);
  });

  it("is found where somebody tries many accounts from one place, and is one case where it is one account", async () => {
    const { happen, cases } = aWatch(rules);
    const failed = (subject: string, at = start): AuditEvent => ({
      at,
      type: "sign_in.failed",
      reason: "wrong",
      subject,
      address: "203.0.113.7",
      count: 1,
    });
    await happen(30, () => failed("ada"));
    expect(cases()).toMatchObject([{ kind: "sign_in_burst", subject: "ada", seen: 10 }]);
    await happen(30, (index) => failed(`person${index}`, start + hour));
    expect(cases().slice(1)).toMatchObject([{ kind: "sign_in_burst", address: "203.0.113.7", seen: 10 }]);
    expect(cases()[1]).not.toHaveProperty("subject");
  });

  it("is no case where its rule is off", async () => {
    const { happen, cases } = aWatch({});
    await happen(500, () => wrongSecret(start, { clientId: "budget" }));
    expect(cases()).toEqual([]);
  });

  it("takes bounded memory: of very many networks the ones that are still busy are remembered", async () => {
    const { happen, cases } = aWatch(rules);
    await happen(5, () => wrongSecret(start, { clientId: "budget" }));
    await happen(1, () => wrongSecret(start, { clientId: "printer" }));
    await happen(4000, (index) => wrongSecret(start + 1, { address: `10.0.${index >> 8}.${index & 255}` }));
    await happen(1, () => wrongSecret(start + 2 * minutes, { clientId: "budget" }));
    await happen(2000, (index) => wrongSecret(start + 2 * minutes, { address: `10.1.${index >> 8}.${index & 255}` }));
    await happen(9, () => wrongSecret(start + 2 * minutes, { clientId: "printer" }));
    expect(cases()).toEqual([]);
    await happen(4, () => wrongSecret(start + 2 * minutes, { clientId: "budget" }));
    expect(cases()).toMatchObject([{ clientId: "budget" }]);
  });

  it("is reported, and stops nothing, where the case cannot be written; what happens next files it", async () => {
    const lost = new Error("the disk is full");
    const disk = { isFull: true };
    const { happen, errors, cases, store } = aWatch(rules, {
      record: (events) => (disk.isFull ? Promise.reject(lost) : store.record(events)),
    });
    await happen(10, () => wrongSecret(start, { clientId: "budget" }));
    expect(errors).toEqual([lost]);
    expect(cases()).toEqual([]);
    disk.isFull = false;
    await happen(5, () => wrongSecret(start, { clientId: "budget" }));
    expect(errors).toEqual([lost]);
    expect(cases()).toMatchObject([{ clientId: "budget", seen: 11 }]);
  });
});

describe("a surge of tokens", () => {
  const rules = { issuance_surge: rule };

  /** A client that is a day old, and had so many tokens an hour. */
  async function aClient(hourly: number, createdAt = start - days) {
    const watch = aWatch(rules);
    await watch.store.addClient(clientNamed("budget", { createdAt }), {
      at: createdAt,
      type: "client.registered",
      clientId: "budget",
      name: "Budget app",
      origin: "dynamic",
    });
    for (let at = createdAt; at < start; at += hour) {
      const each = hour / Math.max(1, hourly);
      await watch.happen(hourly, (index) => issued(at + Math.floor(index * each)));
    }
    return watch;
  }

  it("is a case where it is more than ten times what the client usually gets", async () => {
    const { happen, cases } = await aClient(12); // two within ten minutes
    await happen(19, (index) => issued(start + index)); // beside the one of five minutes ago
    expect(cases()).toEqual([]);
    await happen(30, (index) => issued(start + 20 + index));
    expect(cases()).toEqual([
      { at: start + 20, type: "suspicious.activity", kind: "issuance_surge", seen: 21, within: 10 * minutes, clientId: "budget" },
    ]);
  });

  it("is none for a client that always gets that many, and asks about it once", async () => {
    const { happen, cases, store } = await aClient(60); // ten within ten minutes
    let asked = 0;
    const reports = { ...store.reports };
    Object.assign(store.reports, {
      countsOfClients: (...given: Parameters<typeof reports.countsOfClients>) => {
        asked++;
        return reports.countsOfClients(...given);
      },
    });
    await happen(100, (index) => issued(start + 20 * minutes + index));
    expect(cases()).toEqual([]);
    expect(asked).toBe(1);
  });

  it("counts refreshed tokens too", async () => {
    const { happen, cases } = await aClient(0);
    await happen(5, (index) => issued(start + index));
    await happen(5, (index) => ({
      at: start + index,
      type: "token.refreshed",
      clientId: "budget",
      subject: "ada",
      grantId: "g1",
      scope: ["read"],
    }));
    expect(cases()).toMatchObject([{ seen: 10, clientId: "budget" }]);
  });

  it("needs ten times the number of a client that nobody knows for an hour", async () => {
    const { happen, cases } = await aClient(0, start - hour / 2);
    await happen(99, (index) => issued(start + index));
    expect(cases()).toEqual([]);
    await happen(1, () => issued(start + 99));
    expect(cases()).toMatchObject([{ seen: 100 }]);
  });

  it("is measured by the client's own life where that is shorter than a day", async () => {
    const { happen, cases } = await aClient(12, start - 2 * hour);
    await happen(19, (index) => issued(start + index));
    expect(cases()).toEqual([]);
    await happen(1, () => issued(start + 20));
    expect(cases()).toHaveLength(1);
  });

  it("is still found by the plain number, times ten, where nobody can say what is usual", async () => {
    const broken = { client: () => Promise.reject(new Error("the database is locked")) };
    const { happen, cases, errors } = aWatch(rules, broken);
    await happen(100, (index) => issued(start + index));
    expect(cases()).toMatchObject([{ seen: 100 }]);
    expect(errors).toHaveLength(1);
  });
});

describe("a server", () => {
  const kinds = ({ events }: Server) => events.flatMap((event) => (event.type === "suspicious.activity" ? [event.kind] : []));

  it("files a case of a client whose secret somebody guesses, when it closes at the latest", async () => {
    const server = aServer({ anomalies: { client_authentication_burst: "5/10m" } });
    const app = { ...(await photoPrinter(server)), secret: "a guess" };
    for (let guess = 0; guess < 5; guess++) await send(server, app, "/oauth/token", { grant_type: "client_credentials" });
    await server.oauth.close();
    expect(kinds(server)).toEqual(["client_authentication_burst"]);
    expect(lastEvent(server, "suspicious.activity")).toMatchObject({ clientId: app.id, seen: 5, within: 10 * minutes });
  });

  it("files a case where apps register in masses", async () => {
    const server = aServer({ anomalies: { registration_storm: "3/1m" } });
    for (let app = 0; app < 3; app++) await budgetApp(server);
    await server.oauth.close();
    expect(kinds(server)).toEqual(["registration_storm"]);
  });

  it("files none where the operator wants none, and forgives what is usual", async () => {
    const [without, usual] = [aServer({ anomalies: false }), aServer()];
    for (const server of [without, usual]) {
      for (let app = 0; app < 50; app++) await register(server, { redirect_uris: ["http://127.0.0.1/"] });
      await server.oauth.close();
      expect(kinds(server)).toEqual([]);
    }
    for (let app = 0; app < 60; app++) await budgetApp(without);
    expect(kinds(without)).toEqual([]);
  });
});
