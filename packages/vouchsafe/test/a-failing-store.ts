/** A real store that can be told to fail, as a database does that is away for a moment. */
import { StorageError, type Store } from "../src/store/store.ts";

export interface Faults {
  /** From now on the call of this number fails, the first is 1, and everything that no request waits for. */
  readonly failAt: (call: number) => void;
  /** From now on everything works. The verbs that were called meanwhile, but for those in the background. */
  readonly heal: () => readonly string[];
}

/** No request waits for these. */
const inBackground: ReadonlySet<string> = new Set(["record", "noteUses", "flows.note", "flows.sweep", "reports.countEvents", "sweep"]);

/** These ask the database nothing. */
const idle: ReadonlySet<string> = new Set(["subscribe", "audit.signWith", "deliveries.subscribe", "close"]);

/** What was asked for is not done where it fails, as a verb promises. */
export function failing<Kept extends Store>(kept: Kept): { readonly store: Kept; readonly faults: Faults } {
  let failsAt: number | undefined;
  let called: string[] = [];
  const isAway = (verb: string): boolean => {
    if (failsAt === undefined || idle.has(verb)) return false;
    if (inBackground.has(verb)) return true;
    return called.push(verb) === failsAt;
  };
  const guarded = <Part extends object>(part: Part, prefix: string): Part =>
    new Proxy(part, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        const verb = `${prefix}${String(name)}`;
        if (typeof value === "object" && value !== null && prefix === "") return guarded(value, `${verb}.`);
        if (typeof value !== "function") return value;
        return (...given: unknown[]): unknown =>
          isAway(verb)
            ? Promise.reject(new StorageError("unavailable", `${verb}: the database is away`))
            : Reflect.apply(value, target, given);
      },
    });
  return {
    store: guarded(kept, ""),
    faults: {
      failAt: (call) => {
        failsAt = call;
        called = [];
      },
      heal: () => {
        failsAt = undefined;
        return called;
      },
    },
  };
}
