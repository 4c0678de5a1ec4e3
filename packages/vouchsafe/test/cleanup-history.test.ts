import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../src/audit.ts";
import { hashSecret } from "../src/protocol/secret.ts";
import { isActive, isUnderLiveGrant } from "../src/protocol/token.ts";
import { memory } from "../src/store/memory/memory.ts";
import { sqlite } from "../src/store/sqlite/sqlite.ts";
import type { Store } from "../src/store/store.ts";
import { allow, browserOf, submit } from "./a-person.ts";
import {
  type App,
  answerOf,
  aServer,
  budgetApp,
  days,
  get,
  minutes,
  redeem,
  refresh,
  revoke,
  type Server,
  statusAtApi,
  sweep,
} from "./a-server.ts";

/** What happens; numbers choose among what there is. */
type Happening =
  | { readonly kind: "connect"; readonly lifetime: "1d" | "30d" | "never" }
  | { readonly kind: "refresh" | "replay" | "replay code" | "use" | "revoke" | "disconnect"; readonly of: number }
  | { readonly kind: "wait"; readonly time: number };

const steps = [1000, minutes, 61 * minutes, days - 1, days, 20 * days, 30 * days, 31 * days];
const of = fc.nat({ max: 50 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("connect" as const),
      lifetime: fc.constantFrom("1d" as const, "30d" as const, "never" as const),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("refresh" as const, "use" as const), of }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("replay" as const, "replay code" as const, "revoke" as const, "disconnect" as const),
      of,
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("wait" as const), time: fc.constantFrom(...steps) }) },
);

/** A server with ada's app, and whatever it was ever given, oldest first. */
interface Life {
  readonly server: Server;
  readonly app: App;
  readonly heard: readonly AuditEvent[];
  readonly codes: string[];
  readonly access: string[];
  readonly fresh: string[];
  readonly spent: string[];
}

async function aLife(store: Store): Promise<Life> {
  const heard: AuditEvent[] = [];
  const server = aServer({ store: store as Server["store"], onEvent: (event) => heard.push(event) });
  const life: Life = { server, app: await budgetApp(server), heard, codes: [], access: [], fresh: [], spent: [] };
  // A registration that never led to a grant goes.
  await happen(life, { kind: "connect", lifetime: "1d" });
  return life;
}

/** What the wire says to it. */
async function happen(life: Life, what: Happening): Promise<unknown> {
  const { server, app, codes, access, fresh, spent } = life;
  const take = async (response: Response): Promise<unknown> => {
    const { access_token: one, refresh_token: two, error, expires_in: lasts } = await answerOf(response);
    if (one !== undefined && !access.includes(one)) access.push(one);
    if (two !== undefined && !fresh.includes(two)) fresh.push(two);
    return [response.status, error, lasts];
  };
  const pick = (list: readonly string[], index: number): string => list[index % list.length] ?? "none";
  switch (what.kind) {
    case "wait":
      server.clock.now += what.time;
      return undefined;
    case "connect": {
      const code = await allow(browserOf(server), app, { scope: "read write", prompt: "consent" }, { lifetime: what.lifetime });
      codes.push(code);
      return take(await redeem(server, app, code));
    }
    case "refresh": {
      const token = pick(fresh, what.of);
      const answer = await refresh(server, app, token);
      if (answer.status === 200) spent.push(...fresh.splice(fresh.indexOf(token), 1));
      return take(answer);
    }
    case "replay":
      return take(await refresh(server, app, pick(spent, what.of)));
    case "replay code":
      return take(await redeem(server, app, pick(codes, what.of)));
    case "use":
      return statusAtApi(server, pick(access, what.of));
    case "revoke":
      return (await revoke(server, app, pick(access, what.of))).status;
    case "disconnect":
      return (await submit(browserOf(server), `/my/connected_apps/${app.id}/disconnect`, {})).status;
  }
}

/** What a person sees, and what was told as an attack. */
async function shownBy({ server, heard }: Life): Promise<unknown> {
  const json = { accept: "application/json", cookie: "session=ada.1" };
  const documents = ["/my/connected_apps", "/my/connected_apps/ended"].map(async (path) => {
    const text = await (await get(server, path, json)).text();
    return text.replace(/"(?:id|client_id)":"[^"]*"/g, "");
  });
  const attacks = heard.filter(({ type }) => type === "refresh.reused" || type === "code.replayed").map(({ type, at }) => `${type} ${at}`);
  return [await Promise.all(documents), attacks];
}

/** Everything that lives, and everything by which reuse is recognised. */
async function needed({ server: { store, clock }, access, fresh, spent }: Life): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const secret of [...access, ...fresh, ...spent]) {
    const token = await store.token(hashSecret(secret));
    if (token === undefined) continue;
    const isSpent = token.spentAt !== undefined && (token.expiresAt ?? Infinity) > clock.now && isUnderLiveGrant(token, clock.now);
    const { answer: _, ...rest } = token;
    if (isActive(token, clock.now) || isSpent) found.set(secret, { ...rest, hash: undefined });
  }
  return found;
}

describe.each<readonly [string, () => Store]>([
  ["memory", memory],
  ["SQLite", () => sqlite(":memory:")],
])("cleaning up at any moment of any history, in %s (DU-017)", (_, openStore) => {
  it("takes nothing that lives, and nothing by which reuse is recognised", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 30 }), async (history) => {
        const life = await aLife(openStore());
        for (const what of history) {
          await happen(life, what);
          const before = await needed(life);
          await sweep(life.server);
          expect(await needed(life)).toEqual(before);
        }
        await life.server.store.close();
      }),
      { numRuns: 15, seed: 17 },
    );
  });

  it("changes no answer: a server that cleans up says what one says that never does", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 30 }), async (history) => {
        const [tidy, keeping] = [await aLife(openStore()), await aLife(openStore())];
        for (const what of history) {
          expect(await happen(tidy, what)).toEqual(await happen(keeping, what));
          await sweep(tidy.server);
          expect(await shownBy(tidy)).toEqual(await shownBy(keeping));
        }
        for (const { server } of [tidy, keeping]) await server.store.close();
      }),
      { numRuns: 15, seed: 17 },
    );
  });

  it("still recognises a refresh token that comes again weeks after it was rotated, and ends its grant", async () => {
    const life = await aLife(openStore());
    await happen(life, { kind: "connect", lifetime: "never" });
    await happen(life, { kind: "refresh", of: 1 });
    life.server.clock.now += 29 * days;
    await sweep(life.server);
    expect(await happen(life, { kind: "replay", of: 0 })).toEqual([400, "invalid_grant", undefined]);
    expect(life.heard.filter(({ type }) => type === "refresh.reused")).toHaveLength(1);
    expect(await happen(life, { kind: "refresh", of: 1 })).toEqual([400, "invalid_grant", undefined]);
    await life.server.store.close();
  });
});
