/** What becomes of writes whose connection is lost: every caller is answered once, and with the truth. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { agreement, clientNamed, grantOf, issued, registered, tokenOf } from "../src/store/contract/cast.ts";
import { type PostgresStore, postgres } from "../src/store/postgres/postgres.ts";
import { get, run } from "../src/store/sql/database.ts";
import { StorageError, type Store } from "../src/store/store.ts";
import { type Fate, farewell, type LossyConnection, lossyConnection, type ServerMessage } from "./a-postgres/lossy-connection.ts";
import { newDatabase } from "./a-postgres/new-database.ts";

let url: string;
let keeper: PostgresStore;
let connection: LossyConnection;
let store: PostgresStore;
let fateOf: (message: ServerMessage) => Fate = () => "passes";

beforeAll(async () => {
  url = await newDatabase();
  keeper = await postgres(url);
  await keeper.addClient(clientNamed("budget"), registered("budget"));
  connection = await lossyConnection(url, (message) => fateOf(message));
  store = await postgres(connection.url);
});
afterEach(() => {
  fateOf = () => "passes";
});
afterAll(async () => {
  await store.close();
  await connection.close();
  await keeper.close();
});

/** How each of them was answered. */
const answersTo = async (writes: readonly Promise<unknown>[]): Promise<readonly (boolean | string)[]> =>
  (await Promise.allSettled(writes)).map((settled) => {
    if (settled.status === "fulfilled") return true;
    return settled.reason instanceof StorageError ? settled.reason.kind : String(settled.reason);
  });

const isThere = async (statement: string, id: string): Promise<boolean> => (await keeper.database.get(statement, { id })) !== undefined;

/** Writes that share a transaction, and whether each was written. */
function someWrites(on: Store & Pick<PostgresStore, "transact">, round: string) {
  const [bought, opened] = [grantOf("ada", "budget", { id: `grant ${round}` }), tokenOf(grantOf("ada", "budget"), "access")];
  const tokens = [tokenOf(bought, "access"), tokenOf(bought, "refresh")];
  return {
    writes: [
      on.issue([opened], issued),
      on.openGrant({ grant: bought, agreement, tokens, firstOfClient: true }, issued),
      on.setting(`setting ${round}`, "kept"),
      on.transact(function* (record) {
        yield* run("INSERT INTO settings (name, value) VALUES (:name, 'new')", { name: `step ${round}` });
        yield* get("SELECT value FROM settings WHERE name = :name", { name: `step ${round}` });
        record({ at: 1, type: "sign_out", subject: `subject ${round}` });
      }),
    ],
    areThere: async () => [
      (await keeper.token(opened.hash)) !== undefined,
      (await keeper.grant(bought.id)) !== undefined,
      await isThere("SELECT 1 FROM settings WHERE name = :id", `setting ${round}`),
      (await isThere("SELECT 1 FROM settings WHERE name = :id", `step ${round}`)) &&
        (await isThere("SELECT 1 FROM audit_events WHERE subject = :id", `subject ${round}`)),
    ],
  };
}

const isAnswerToCommit = ({ type, body }: ServerMessage): boolean => type === "C" && body.toString().startsWith("COMMIT");

describe("writes to PostgreSQL whose connection is lost", () => {
  it("answers every caller once with the truth, wherever in the transaction the connection breaks", async () => {
    for (let messages = 0, isWhole = false; !isWhole; messages++) {
      let left = messages;
      fateOf = () => (left-- > 0 ? "passes" : "breaks");
      const { writes, areThere } = someWrites(store, String(messages));
      const answers = await answersTo(writes);
      isWhole = answers.every((answer) => answer === true);
      if (!isWhole) expect(new Set(answers)).toEqual(new Set(["unavailable"]));
      // The server may still be at it when the connection is gone, and then has done all of it.
      await expect.poll(async () => new Set(await areThere()).size).toBe(1);
      if (isWhole) expect(await areThere()).toEqual([true, true, true, true]);
      expect(messages).toBeLessThan(200);
    }
  });

  it.each([
    ["the connection breaks", () => "breaks" as const],
    ["the server says that it ends", farewell],
  ])("writes nothing twice where, in place of the answer to the commit, %s", async (what, fate) => {
    const heard: unknown[] = [];
    store.subscribe((event) => heard.push(event));
    let isFirst = true;
    fateOf = (message) => {
      if (!isFirst || !isAnswerToCommit(message)) return "passes";
      isFirst = false;
      return fate();
    };
    const { writes, areThere } = someWrites(store, what);
    // Whoever asks again finds it written.
    expect(await answersTo(writes)).toEqual(["unavailable", "unavailable", "unavailable", "unavailable"]);
    expect(await areThere()).toEqual([true, true, true, true]);
    expect(heard).toEqual([]);
    expect(await keeper.database.all("SELECT 1 FROM audit_events WHERE subject = :subject", { subject: `subject ${what}` })).toHaveLength(
      1,
    );
  });

  it("survives that its connection is ended between two steps, and works on", async () => {
    for (let round = 0; round < 20; round++) {
      const ended = store.transact(function* () {
        const [pid] = (yield* get("SELECT pg_backend_pid()")) ?? [];
        void keeper.database.get("SELECT pg_terminate_backend(CAST(:pid AS INTEGER))", { pid });
        for (let step = 0; step < 1000; step++) yield* get("SELECT 1");
      });
      await expect(ended).rejects.toThrow(StorageError);
    }
    expect(await store.setting("after", "well")).toBe("well");
  });

  it("answers whoever waits for a database that hangs within bounded time, and works on once it answers", async () => {
    fateOf = () => "hangs";
    const tokens = Array.from({ length: 700 }, () => store.issue([tokenOf(grantOf("ada", "budget"), "access")], issued));
    const answers = answersTo([...tokens, store.noteUses(new Map([["grant", 1]])), store.client("budget"), store.check()]);
    await expect(postgres(connection.url)).rejects.toMatchObject({ kind: "cannot-open" });
    expect(new Set(await answers)).toEqual(new Set(["unavailable"]));
    fateOf = () => "passes";
    expect(await store.setting("after hanging", "well")).toBe("well");
  });
});
