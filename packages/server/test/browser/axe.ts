/** What axe finds wrong with a page. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** WCAG 2.2 AA, and what is held for good practice. */
export const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Rules or levels to look for, and rules that do not hold for this page. */
export async function violations(
  page: Page,
  rules: readonly string[] = levels,
  waived: readonly string[] = [],
): Promise<readonly string[]> {
  const options: RunOptions = {
    runOnly: [...rules],
    rules: Object.fromEntries(waived.map((rule) => [rule, { enabled: false }])),
    resultTypes: ["violations"],
  };
  // It stays for as long as the document does.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(source);
  const found = await page.evaluate(
    (asked) => (globalThis as unknown as { axe: { run: (asked: RunOptions) => Promise<AxeResults> } }).axe.run(asked),
    options,
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
