import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventFormats } from "../src/operator/event-formats.ts";
import { type Ask, addPeople, adminEnvironment, adminToken, asking, bearer, describedBy, signedIn } from "./admin-api.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
let ask: Ask;

beforeAll(async () => {
  server = await startServer({ environment: { ...adminEnvironment, OAUTH_SHUTDOWN_GRACE: "2s" } });
  await addPeople(server);
  ask = asking(server, await describedBy(server), bearer(adminToken));
});
afterAll(() => server.stop());

interface Told {
  readonly id: number;
  readonly type: string;
  readonly operator?: string;
}

/** Somebody who listens: what they have been told, and whether the stream has ended. */
class Listener {
  readonly response: Response;
  readonly #parts: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(response: Response) {
    this.response = response;
    this.#parts = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  }

  static async open(headers: Readonly<Record<string, string>>, query = ""): Promise<Listener> {
    return new Listener(await fetch(`${server.origin}/admin/api/v1/events/stream${query}`, { headers }));
  }

  get events(): readonly Told[] {
    return [...this.#text.matchAll(/^id: (\d+)\ndata: (.+)\n\n/gm)].map(([, id, data = ""]) => {
      const event = JSON.parse(data) as Told;
      expect(Number(id)).toBe(event.id);
      return event;
    });
  }

  get heartbeats(): number {
    return this.#text.split(": still here").length - 1;
  }

  /** Reads on until so many events were told. */
  async until(count: number): Promise<readonly Told[]> {
    while (this.events.length < count) {
      const { done, value } = await this.#parts.read();
      if (done) throw new Error(`the stream ended: ${this.#text}`);
      this.#text += this.#decoder.decode(value, { stream: true });
    }
    return this.events;
  }

  async untilEnd(): Promise<void> {
    for (let part = await this.#parts.read(); !part.done; part = await this.#parts.read())
      this.#text += this.#decoder.decode(part.value, { stream: true });
  }

  close(): Promise<void> {
    return this.#parts.cancel();
  }
}

const happen = async (): Promise<number> => {
  await ask("POST", "/registration_tokens");
  const { items } = (await ask("GET", "/events?limit=1")).body as { items: readonly Told[] };
  return items[0]?.id ?? 0;
};

describe("the stream of events", () => {
  it("tells each event when it happens, in the documents of the list", async () => {
    const listener = await Listener.open(bearer(adminToken));
    expect(listener.response.headers.get("content-type")).toBe("text/event-stream");
    expect(listener.response.headers.get("cache-control")).toBe("no-store");
    const id = await happen();
    const [event] = await listener.until(1);
    expect(event).toMatchObject({ id, type: "registration_token.created", operator: "admin token" });
    const { items } = (await ask("GET", "/events?limit=1")).body as { items: readonly Told[] };
    expect(event).toEqual(items[0]);
    await listener.close();
  });

  it("goes on after the event that was seen last, and leaves none out", async () => {
    const seen = await happen();
    const ids = [await happen(), await happen(), await happen()];
    const listener = await Listener.open({ ...bearer(adminToken), "last-event-id": String(seen) }, "?type=registration_token.created");
    expect((await listener.until(3)).map(({ id }) => id)).toEqual(ids);
    const next = await happen();
    expect((await listener.until(4)).at(-1)?.id).toBe(next);
    await listener.close();
  });

  it("tells what another process did, before it has to say that it is still there", async () => {
    const listener = await Listener.open(bearer(adminToken), "?type=registration_token.created");
    const { code } = await server.command(["registration-tokens", "create"]);
    expect(code).toBe(0);
    await listener.until(1);
    expect(listener.heartbeats).toBe(0);
    await listener.close();
  });

  it("tells only of the types that are asked for", async () => {
    const listener = await Listener.open(bearer(adminToken), "?type=client.registered&type=key.rotated");
    await happen();
    await ask("POST", "/clients", { client_name: "Budget app", grant_types: ["client_credentials"] });
    expect((await listener.until(1)).map(({ type }) => type)).toEqual(["client.registered"]);
    await listener.close();
  });

  it("ends when the right is lost", async () => {
    await ask("POST", "/users", { email: "alan@example.com", password: "a-long-password", admin: true });
    const alan = await signedIn(server, "alan@example.com");
    const listener = await Listener.open({ cookie: alan.cookies });
    await happen();
    await listener.until(1);
    await ask("POST", "/users/alan@example.com/admin", { admin: false });
    await happen();
    await listener.untilEnd();
    expect(listener.events.map(({ type }) => type)).not.toContain("account.no_longer_admin");
    expect((await Listener.open({ cookie: alan.cookies })).response.status).toBe(403);
  });

  it("has room for 20 listeners, and again when some have gone", async () => {
    const listeners = await Promise.all(Array.from({ length: 20 }, () => Listener.open(bearer(adminToken))));
    expect(listeners.map(({ response }) => response.status)).toEqual(Array.from({ length: 20 }, () => 200));
    const late = await Listener.open(bearer(adminToken));
    expect([late.response.status, late.response.headers.get("retry-after")]).toEqual([503, "10"]);
    await Promise.all(listeners.map((listener) => listener.close()));
    await expect
      .poll(async () => {
        const again = await Listener.open(bearer(adminToken));
        await again.close();
        return again.response.status;
      })
      .toBe(200);
  });

  it("refuses a last event that is none", async () => {
    expect((await ask("GET", "/events/stream", undefined, { "last-event-id": "abc" })).status).toBe(400);
    expect((await ask("GET", "/events/stream?type=nothing")).status).toBe(400);
  });

  it("does not keep a server that stops", async () => {
    const own = await startServer({ environment: adminEnvironment });
    const listener = new Listener(await fetch(`${own.origin}/admin/api/v1/events/stream`, { headers: bearer(adminToken) }));
    const ended = listener.untilEnd();
    expect(await own.stop()).toBe(0);
    await ended;
    expect(own.output()).toContain('"inTime":true');
  });
});

describe("the export of events", () => {
  it("has all that match, the oldest first, as JSON Lines", async () => {
    for (let more = 0; more < 60; more++) await ask("POST", "/registration_tokens");
    const { headers, text } = await ask("GET", "/events?format=jsonl&type=registration_token.created");
    expect(headers.get("content-disposition")).toBe('attachment; filename="events.jsonl"');
    const events = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Told);
    expect(events.length).toBeGreaterThan(60);
    expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).sort((a, b) => a - b));
    const { items } = (await ask("GET", "/events?limit=1&type=registration_token.created")).body as { items: readonly Told[] };
    expect(events.at(-1)).toEqual(items[0]);
  });

  it("is the same as a table", async () => {
    const { client_id } = (await ask("POST", "/clients", { client_name: 'Budget, "app"', grant_types: ["client_credentials"] })).body;
    const { headers, text } = await ask("GET", `/events?format=csv&type=client.registered&client=${String(client_id)}`);
    expect(headers.get("content-disposition")).toBe('attachment; filename="events.csv"');
    const [head, line = "", end] = text.split("\n");
    expect([head, end]).toEqual(["id,at,type,subject,client_id,event", ""]);
    expect(line).toMatch(/^\d+,[\w:.-]+,client\.registered,,[\w-]+,"\{""id"":\d+,.*""name"":""Budget, \\""app\\"""".*\}"$/);
  });

  it("has nothing in a table that a spreadsheet takes for a formula, a column or a line", () => {
    const written = (client_id: string) =>
      eventFormats.csv.line({ id: 1, at: "2026-11-22T10:00:00.000Z", type: "client.deleted", client_id }).split(",{")[0];
    expect(written("=cmd|' /C calc'!A0")).toContain(",'=cmd|' /C calc'!A0,");
    for (const begun of ["+1", "-1", "@SUM", "\tx"]) expect(written(begun)).toContain(`,'${begun},`);
    expect(written('a,"b"\nc')).toContain(',"a,""b""\nc",');
  });

  it("begins with the head of a table also where nothing matches", async () => {
    expect((await ask("GET", "/events?format=csv&type=refresh.reused")).text).toBe("id,at,type,subject,client_id,event\n");
    expect((await ask("GET", "/events?format=jsonl&type=refresh.reused")).text).toBe("");
  });
});
