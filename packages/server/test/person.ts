/** A person at a browser without script: follows our own redirects, fills in forms, keeps cookies, and stops where a page sends them away from us. */
export class Person {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  get cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** One request, no redirect followed. */
  async send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#cookies.size > 0) headers.set("cookie", this.cookies);
    const response = await fetch(new URL(path, this.#origin), { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  /** Opens a page, following redirects as long as they stay with us. */
  async open(path: string, init: RequestInit = {}): Promise<Page> {
    let response = await this.send(path, init);
    for (let hop = 0; hop < 10; hop++) {
      const location = response.headers.get("location");
      if (location === null || response.status < 300 || response.status > 399)
        return new Page(response.status, response.headers, await response.text());
      const target = new URL(location, new URL(path, this.#origin));
      if (target.origin !== this.#origin) return new Page(response.status, response.headers, "");
      response = await this.send(target.pathname + target.search);
    }
    throw new Error("too many redirects");
  }

  /** Submits a page's form with its hidden fields and what the person filled in. */
  async submit(page: Page, path: string, fields: Record<string, string | readonly string[]>): Promise<Page> {
    const form = new URLSearchParams(Object.entries(page.hidden()));
    for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) form.append(name, value);
    return this.open(path, { method: "POST", body: form, headers: { origin: this.#origin } });
  }

  /** Signs in on the page that asked for it, or on the sign-in page. */
  async signIn(email: string, password: string, at?: Page): Promise<Page> {
    return this.submit(at ?? (await this.open("/sign_in")), "/sign_in", { email, password });
  }

  /** Answers a consent page. The result is where the done page sends the browser: an address at the client. */
  async decide(consent: Page, decision: "allow" | "deny", fields: Record<string, string | readonly string[]> = {}): Promise<URL> {
    const done = await this.submit(consent, "/oauth/authorize", { ...fields, decision });
    return done.leadsTo();
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";");
    const name = pair.slice(0, pair.indexOf("="));
    if (attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute))) this.#cookies.delete(name);
    else this.#cookies.set(name, pair.slice(pair.indexOf("=") + 1));
  }
}

/** An HTML page as it arrived. */
export class Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;

  constructor(status: number, headers: Headers, html: string) {
    this.status = status;
    this.headers = headers;
    this.html = html;
  }

  /** The hidden fields of its form. */
  hidden(): Record<string, string> {
    const inputs = this.html.matchAll(/<input[^>]*type="hidden"[^>]*>/g);
    return Object.fromEntries([...inputs].map(([input]) => [attribute(input, "name"), attribute(input, "value")]));
  }

  /** Where the page, or the redirect, takes the browser. */
  leadsTo(): URL {
    const refresh = /<meta http-equiv="refresh" content="\d+;url=([^"]*)">/.exec(this.html)?.[1];
    const target = refresh === undefined ? this.headers.get("location") : unescapeHtml(refresh);
    if (target === null) throw new Error(`the page leads nowhere (${this.status}): ${this.html.slice(0, 400)}`);
    return new URL(target);
  }
}

const attribute = (tag: string, name: string): string => unescapeHtml(new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? "");

const unescapeHtml = (text: string): string =>
  text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
