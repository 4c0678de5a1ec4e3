import { describe, expect, it } from "vitest";
import { createTurns } from "../src/turns.ts";

/** Work that ends when it is told to, and how much of it runs. */
function someWork() {
  const running: { readonly name: string; readonly end: () => void; readonly fail: () => void }[] = [];
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => running.push({ name, end: () => resolve(name), fail: () => reject(new Error(name)) }));
  return { running, work };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("turns", () => {
  it("lets so much run at once, and the rest in the order in which it came", async () => {
    const takeTurn = createTurns({ atOnce: 2, mostWaiting: 10, retryAfter: 5 });
    const { running, work } = someWork();
    const all = ["a", "b", "c", "d"].map((name) => takeTurn(work(name)));
    await settled();
    expect(running.map(({ name }) => name)).toEqual(["a", "b"]);
    running[1]?.end();
    await settled();
    expect(running.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    running[0]?.end();
    await settled();
    for (const { end } of running) end();
    expect(await Promise.all(all)).toEqual(["a", "b", "c", "d"]);
  });

  it("refuses at once what would wait behind too many, and says when to come back", async () => {
    const takeTurn = createTurns({ atOnce: 1, mostWaiting: 2, retryAfter: 5 });
    const { running, work } = someWork();
    const taken = ["a", "b", "c"].map((name) => takeTurn(work(name)));
    const refused = { code: "temporarily_unavailable", status: 503, options: { retryAfter: 5 } };
    await expect(takeTurn(work("d"))).rejects.toMatchObject(refused);
    for (let ended = 0; ended < 3; ended++) {
      await settled();
      running[ended]?.end();
    }
    expect(await Promise.all(taken)).toEqual(["a", "b", "c"]);
    const late = takeTurn(work("e"));
    await settled();
    running[3]?.end();
    expect(await late).toBe("e");
  });

  it("hands on the turn of what failed", async () => {
    const takeTurn = createTurns({ atOnce: 1, mostWaiting: 2, retryAfter: 5 });
    const { running, work } = someWork();
    const [first, second] = [takeTurn(work("a")), takeTurn(work("b"))];
    await settled();
    running[0]?.fail();
    await expect(first).rejects.toThrow("a");
    await settled();
    running[1]?.end();
    expect(await second).toBe("b");
  });
});
