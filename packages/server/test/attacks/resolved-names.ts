/** What a resolver answers, by the preconditions of the cases. */
import type { AttackCase } from "./attack-case.ts";
import type { Network } from "./network.ts";

/** "resolver answers 10.0.0.1 for a.example", "A + B for a.example", "A first, then B (TTL 0)": then the step has the name. */
export function resolveNames(network: Network, { precondition, steps }: AttackCase): void {
  const [, said = "", named] = /^resolver answers (.+?)(?: for (\S+))?$/.exec(precondition) ?? [];
  if (said === "") return;
  const name = named ?? /client_id=https%3A%2F%2F([\w.-]+)/.exec(steps[0] ?? "")?.[1] ?? "";
  const turns = said.replace(/ \(.*\)$/, "").split(" first, then ");
  network.resolve(
    name,
    turns.map((turn) => turn.split(" + ")),
  );
}
