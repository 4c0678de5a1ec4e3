/** A server, the secrets that were sent to it and got from it, and everything that it answered. */
import { randomBytes } from "node:crypto";
import { formHeaders } from "./app.ts";
import type { Canaries } from "./canaries.ts";
import type { Page } from "./person.ts";
import type { RunningServer } from "./running-server.ts";

/** A page or document that somebody got, and the secrets that it was meant to hand over. */
interface Fetched {
  readonly what: string;
  readonly body: string;
  readonly meant: readonly string[];
}

export class SecretHunt {
  readonly canaries: Canaries;
  readonly server: RunningServer;
  readonly fetched: Fetched[] = [];

  constructor(server: RunningServer, canaries: Canaries) {
    this.server = server;
    this.canaries = canaries;
  }

  keep(what: string, secret: string): string {
    return this.canaries.keep(what, secret);
  }

  /** Of a kind that no encoding leaves as it is. */
  drawn(what: string): string {
    return this.canaries.keep(what, `cänary ${what} ${randomBytes(9).toString("base64url")}+/&="`);
  }

  /** For places that take only such. */
  plain(what: string): string {
    return this.canaries.plain(what);
  }

  /** Remembers an answer with its headers. */
  async got(what: string, answer: Response | Page, ...meant: readonly string[]): Promise<string> {
    const text = "html" in answer ? answer.html : await answer.text();
    const headers = [...answer.headers].filter(([name]) => name !== "set-cookie").map((header) => header.join(": "));
    this.fetched.push({ what: `${what}: ${answer.status}`, body: `${headers.join("\n")}\n\n${text}`, meant });
    return text;
  }

  post(path: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.server.origin}${path}`, {
      method: "POST",
      headers: { ...formHeaders, ...headers },
      body: new URLSearchParams(form),
    });
  }

  async register(metadata: Record<string, unknown>): Promise<{ response: Response; text: string }> {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${this.server.origin}/oauth/register`, { method: "POST", headers, body: JSON.stringify(metadata) });
    const text = await response.clone().text();
    return { response, text };
  }
}

export const basic = (id: string, secret: string): Record<string, string> => ({
  authorization: `Basic ${btoa(new URLSearchParams({ [id]: secret }).toString().replace("=", ":"))}`,
});
