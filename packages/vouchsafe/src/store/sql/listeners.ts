import type { AuditEvent } from "../../audit.ts";

/** Who wants to hear of every event, once it is durable. */
export class Listeners {
  readonly #listeners: ((event: AuditEvent) => void)[] = [];

  add(listener: (event: AuditEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** What one of them throws keeps the event from no other one, and fails no write: it was done. */
  tell(events: readonly AuditEvent[]): void {
    for (const event of events) {
      for (const listener of this.#listeners) {
        try {
          listener(event);
        } catch (error) {
          setImmediate(() => {
            throw error;
          });
        }
      }
    }
  }
}
