/**
 * Somebody's browser: cookies, forms, redirects within our origin. Unlike `Person` it is built on the raw exchange, so that
 * the runner can lend its cookies to messages that no browser would send.
 */
import { type Answer, allHeaders, header } from "./answer.ts";
import { exchange } from "./exchange.ts";
import { encodeFields, type Field, formOf, refreshOf } from "./form.ts";
import { bytesOf } from "./raw-message.ts";

export interface Visit {
  readonly target: string;
  readonly answer: Answer;
  /** Where the page or redirect leads, when that is not us. */
  readonly leadsTo: string | undefined;
}

export class Browser {
  readonly #origin: string;
  readonly #port: number;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.#origin = origin;
    this.#port = Number(new URL(origin).port);
  }

  get cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  get cookieNames(): readonly string[] {
    return [...this.#cookies.keys()];
  }

  async send(method: string, target: string, fields: readonly string[] = [], body = ""): Promise<Answer> {
    const cookie = this.#cookies.size > 0 ? [`Cookie: ${this.cookies}`] : [];
    const message = { method, target, fields: [...fields, ...cookie], body };
    const answer = await exchange(this.#port, bytesOf(message, { host: new URL(this.#origin).host, close: true }), { method });
    for (const line of allHeaders(answer, "set-cookie")) this.keep(line);
    return answer;
  }

  /** Opens a page and follows redirects as long as they stay with us. */
  async open(target: string): Promise<Visit> {
    return this.#follow(target, await this.send("GET", target));
  }

  /** Submits the page's form: its hidden fields, then what the person filled in. */
  async submit(page: Visit, filled: readonly Field[]): Promise<Visit> {
    const form = formOf(page.answer.body);
    if (form === undefined) throw new Error(`no form on ${page.target} (${page.answer.status}): ${page.answer.body.slice(0, 300)}`);
    const target = form.action === "" ? page.target : new URL(form.action, this.#origin + page.target).href.slice(this.#origin.length);
    return this.post(target, [...form.hidden, ...filled]);
  }

  async post(target: string, fields: readonly Field[]): Promise<Visit> {
    const lines = ["Content-Type: application/x-www-form-urlencoded", `Origin: ${this.#origin}`, "Sec-Fetch-Site: same-origin"];
    return this.#follow(target, await this.send("POST", target, lines, encodeFields(fields)));
  }

  /** Takes a Set-Cookie line, as the answer to a message sent for this browser brings it. */
  keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";");
    const name = pair.slice(0, pair.indexOf("=")).trim();
    if (attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute))) this.#cookies.delete(name);
    else this.#cookies.set(name, pair.slice(pair.indexOf("=") + 1));
  }

  async #follow(start: string, first: Answer): Promise<Visit> {
    let target = start;
    let answer = first;
    for (let hop = 0; hop < 10; hop++) {
      const next = header(answer, "location") ?? refreshOf(answer.body);
      if (next === undefined) return { target, answer, leadsTo: undefined };
      const url = new URL(next, this.#origin + target);
      if (url.origin !== this.#origin) return { target, answer, leadsTo: next };
      target = url.pathname + url.search;
      answer = await this.send("GET", target);
    }
    throw new Error(`too many redirects from ${start}`);
  }
}
