import { get, run, type SqlStore } from "vouchsafe/sqlite";

/** How many security cases got no mail of their own, counted by all processes of a database together. */
export interface UntoldAlerts {
  add(count: number): Promise<void>;
  /** How many there are; from then on there are none. */
  take(): Promise<number>;
}

/** Counted in a table beside the accounts'. */
export const untoldAlerts = (store: SqlStore): UntoldAlerts => ({
  add: (count) =>
    store.transact(function* () {
      yield* run(
        "INSERT INTO untold_alerts (id, count) VALUES (1, :count) ON CONFLICT (id) DO UPDATE SET count = untold_alerts.count + excluded.count",
        { count },
      );
    }),
  take: () =>
    store.transact(
      function* () {
        const row = yield* get("SELECT count FROM untold_alerts");
        if (row === undefined) return 0;
        yield* run("DELETE FROM untold_alerts");
        return Number(row[0]);
      },
      { alone: ["untold alerts"] },
    ),
});
