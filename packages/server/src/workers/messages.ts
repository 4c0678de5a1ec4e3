import type { Reason } from "../exit.ts";
import type { Counted } from "../metrics/metrics.ts";
import type { SettingName } from "../settings.ts";

/** What the primary says to a worker. */
export type ToWorker =
  /** The first message. Settings that were said on the command line come with it, so that no worker has arguments. */
  | { readonly kind: "start"; readonly worker: number; readonly flags: Partial<Record<SettingName, string>>; readonly demo: boolean }
  /** With the connection itself, which is the worker's from now on. */
  | { readonly kind: "connection"; readonly id: number }
  /** No connection comes after this. */
  | { readonly kind: "stop" }
  | { readonly kind: "count"; readonly id: number }
  /** What the other workers counted, as was asked. */
  | { readonly kind: "others"; readonly id: number; readonly counted: readonly Counted[] };

/** What a worker says to the primary. */
export type ToPrimary =
  | { readonly kind: "ready" }
  /** It cannot start, and ends. */
  | { readonly kind: "failed"; readonly reason: Reason }
  /** It has this connection. */
  | { readonly kind: "taken"; readonly id: number }
  | { readonly kind: "counted"; readonly id: number; readonly counted: Counted }
  /** It asks what the others counted, and says what it did itself. */
  | { readonly kind: "others"; readonly id: number; readonly counted: Counted };
