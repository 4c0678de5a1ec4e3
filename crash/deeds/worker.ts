import type { Caller } from "../caller.ts";
import type { AppFacts, PersonFacts, ServiceFacts } from "../facts.ts";
import type { Ledger } from "../ledger.ts";
import type { Random } from "../random.ts";

/** Somebody who keeps the server busy: a person, what they are connected with, and two connections to race on. */
export interface Worker {
  readonly origin: string;
  readonly person: PersonFacts;
  readonly service: ServiceFacts;
  readonly caller: Caller;
  readonly rival: Caller;
  readonly ledger: Ledger;
  readonly random: Random;
  /** What is used now. */
  readonly apps: AppFacts[];
}
