/** Somebody with an account: signs in where a page asks for it, answers consent pages, and arrives at the client for real. */
import { type Page, Person } from "../person.ts";
import type { RunningServer } from "../running-server.ts";

export class AccountHolder {
  readonly email: string;
  readonly password = "correct horse battery staple";
  readonly #origin: string;
  readonly #person: Person;

  /** Makes the account as an operator would, with the command. */
  static async join(
    server: RunningServer,
    name: "ada" | "grace" | "alan" | "operator",
    flags: readonly string[] = [],
  ): Promise<AccountHolder> {
    const holder = new AccountHolder(server.origin, name);
    const added = await server.command(["users", "add", holder.email, "--password-stdin", ...flags], `${holder.password}\n`);
    if (added.code !== 0) throw new Error(`no account for ${name}: ${added.stderr}`);
    return holder;
  }

  private constructor(origin: string, name: string) {
    this.email = `${name}@example.com`;
    this.#origin = origin;
    this.#person = new Person(origin);
  }

  /** Opens a link as a browser does, and signs in when that is asked first. */
  async follow(link: URL): Promise<Page> {
    const page = await this.look(link);
    return page.html.includes('name="password"') ? this.#person.signIn(this.email, this.password, page) : page;
  }

  /** Opens a link as a browser does, and does nothing there. */
  async look(link: URL): Promise<Page> {
    return this.#person.open(link.pathname + link.search);
  }

  /** Allows an app exactly these scopes, and arrives there. */
  async allow(link: URL, scope: readonly string[]): Promise<void> {
    await arriveAt(await this.allowing(link, scope));
  }

  /** The same, but for the arrival: where the browser would go now, with whatever cookies it has there. */
  async allowing(link: URL, scope: readonly string[]): Promise<URL> {
    return this.#person.decide(await this.follow(link), "allow", { scope });
  }

  /** Doesn't allow an app anything, and arrives there. */
  async deny(link: URL): Promise<void> {
    await arriveAt(await this.denying(link));
  }

  async denying(link: URL): Promise<URL> {
    return this.#person.decide(await this.follow(link), "deny");
  }

  /** Makes a token of their own, and gives what is shown this once. */
  async makeAccessToken(wanted: { readonly name: string; readonly scopes: readonly string[]; readonly ends: string }): Promise<string> {
    const place = new URL("/my/access_tokens", this.#origin);
    await this.follow(place);
    const headers = { "content-type": "application/json", accept: "application/json", origin: place.origin };
    const made = await this.#person.send(place.pathname, { method: "POST", headers, body: JSON.stringify(wanted) });
    if (!made.ok) throw new Error(`no token: ${made.status} ${await made.text()}`);
    const { token } = (await made.json()) as { readonly token: string };
    return token;
  }

  connectedApps(): Promise<Page> {
    return this.#person.open("/my/connected_apps");
  }

  /** Disconnects an app on the page that asks once more. */
  async disconnect(id: string): Promise<{ readonly asked: Page; readonly done: Page }> {
    const path = `/my/connected_apps/${id}/disconnect`;
    const asked = await this.#person.open(path);
    return { asked, done: await this.#person.submit(asked, path, {}) };
  }
}

/** The done page or a redirect has named the place at the client; a browser now goes there. */
async function arriveAt(place: URL): Promise<void> {
  await (await fetch(place)).body?.cancel();
}
