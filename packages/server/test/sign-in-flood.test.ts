/** Many sign-ins at once: hashing passwords is what costs most here, and must keep neither programs nor people waiting for long. */
import { afterEach, describe, expect, it } from "vitest";
import { App } from "./app.ts";
import { type Page, Person } from "./person.ts";
import { type ServerHere, startHere } from "./server-here.ts";

let server: ServerHere | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** One form, sent so many times at once. */
async function signIns(person: Person, times: number, emailOf: (index: number) => string): Promise<readonly Page[]> {
  const form = await person.open("/sign_in");
  return Promise.all(Array.from({ length: times }, (_, index) => person.signIn(emailOf(index), "not-the-password", form)));
}

const countOf = (pages: readonly Page[], status: number): number => pages.filter((page) => page.status === status).length;

describe("a flood of sign-ins", () => {
  it("is answered: those that would wait for seconds are told to come back, and everybody else is served", async () => {
    server = await startHere({ rateLimits: "off" });
    await server.standalone.accounts.add("ada@example.com", "a-long-password");
    const app = await App.register(server);
    const flood = signIns(new Person(server.origin), 400, (index) => `nobody-${index}@example.com`);
    const answered = await Promise.all(Array.from({ length: 50 }, () => app.redeem("no-code")));
    expect(answered.map(({ status }) => status)).toEqual(Array(50).fill(400));
    const pages = await flood;
    expect(countOf(pages, 401) + countOf(pages, 503)).toBe(400);
    expect(countOf(pages, 401)).toBeGreaterThanOrEqual(100);
    expect(countOf(pages, 503)).toBeGreaterThan(0);
    for (const page of pages.filter(({ status }) => status === 503)) {
      expect(page.headers.get("retry-after")).toBe("5");
      expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    }
    expect((await new Person(server.origin).signIn("ada@example.com", "a-long-password")).status).toBe(200);
  });
});
