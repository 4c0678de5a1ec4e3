import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");
const ledger = readFileSync(join(root, "docs/requirements.md"), "utf8");
const tests = globSync("packages/*/test/**/*.{test.ts,jsonl}", { cwd: root })
  .map((file) => readFileSync(join(root, file), "utf8").replaceAll('\\"', '"'))
  .join("\n");

/** Rows with three cells: requirement, file, test; or requirement, "not offered", reason. */
const rows = ledger
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter((cells) => cells.length === 5 && cells[1] !== "requirement" && !cells[1]?.startsWith("---"))
  .map(([, requirement = "", file = "", test = ""]) => ({ requirement, file, test }));
const [offered, notOffered] = [rows.filter(({ file }) => file !== "not offered"), rows.filter(({ file }) => file === "not offered")];

describe("the ledger of requirements", () => {
  it("has rows", () => expect(rows.length).toBeGreaterThan(40));

  it.each(notOffered)("gives a reason: $requirement", ({ test: reason }) => expect(reason).toMatch(/\w+ \w+/));

  it.each(offered)("names a file and a test that exist: $requirement", ({ file, test }) => {
    const path = file.startsWith("server: ") ? `packages/server/src/${file.slice(8)}` : `packages/vouchsafe/src/${file}`;
    expect(existsSync(join(root, path)), path).toBe(true);
    expect(tests.includes(`"${test}"`), test).toBe(true);
  });
});
