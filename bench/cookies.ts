import type { Answer } from "./connection.ts";

/** The cookies of one browser. Every server here sets them for all of its paths. */
export class Cookies {
  readonly #values: Map<string, string>;

  constructor(values: Readonly<Record<string, string>> = {}) {
    this.#values = new Map(Object.entries(values));
  }

  /** Takes over what an answer sets. */
  take({ setCookies }: Answer): void {
    for (const line of setCookies) {
      const [pair = "", ...attributes] = line.split(";");
      const equals = pair.indexOf("=");
      const name = pair.slice(0, equals).trim();
      if (attributes.some((attribute) => /^\s*max-age=(0|-)/i.test(attribute))) this.#values.delete(name);
      else this.#values.set(name, pair.slice(equals + 1));
    }
  }

  get header(): string {
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}
