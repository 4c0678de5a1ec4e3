import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOperator } from "../../src/operator/local-operator.ts";
import { Conflict, type Operator } from "../../src/operator/operator.ts";
import { type ServerHere, startHere } from "../server-here.ts";

let here: ServerHere;
let operator: Operator;
beforeAll(async () => {
  here = await startHere({ scopes: "read" });
  operator = createOperator(here.standalone);
  for (const email of ["ada@example.com", "grace@example.com"]) await operator.addUser({ email, admin: true });
});
afterAll(() => here.stop());

const notes = (token: string): Promise<number> =>
  fetch(`${here.origin}/api/notes`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);

describe("two administrators who disable each other at once", () => {
  it("leave one of them, whose tokens go on", async () => {
    const emails = ["ada@example.com", "grace@example.com"];
    const tokens = await Promise.all(emails.map((user) => operator.createToken({ user, name: "notes", scope: "read" })));
    const outcomes = await Promise.allSettled(emails.map((email) => operator.setUserDisabled(email, true)));
    const refused = outcomes.findIndex(({ status }) => status === "rejected");
    expect(outcomes[refused]).toMatchObject({ reason: expect.any(Conflict) as unknown });
    const [left, gone] = [refused, 1 - refused];
    expect([(await operator.user(emails[left] ?? "")).disabled, (await operator.user(emails[gone] ?? "")).disabled]).toEqual([false, true]);
    expect([await notes(tokens[left]?.token ?? ""), await notes(tokens[gone]?.token ?? "")]).toEqual([200, 401]);
  });
});
