/** The people of fixtures.json: alice, bob and mallory have accounts, admin may operate the server. */
import { hashPassword } from "../../src/password-hash.ts";
import { Browser } from "./browser.ts";
import type { Stage } from "./stage.ts";
import { addAccount } from "./store-rows.ts";

const password = "correct horse battery staple";
const hashed = hashPassword(password);

export interface Member {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly browser: Browser;
}

export class Cast {
  readonly #stage: Stage;
  readonly #members = new Map<string, Promise<Member>>();
  #joined = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** The member in that role, signed in. */
  member(role: string): Promise<Member> {
    let member = this.#members.get(role);
    if (member === undefined) {
      member = this.join(role.split(" ")[0] ?? role);
      this.#members.set(role, member);
    }
    return member;
  }

  /** Whoever plays the role next starts without history: a case has used this one up. */
  retire(role: string): void {
    this.#members.delete(role);
  }

  async join(name: string): Promise<Member> {
    this.#joined += 1;
    const email = `${name}-${this.#joined}@example.com`;
    // The command takes half a second of a core, and most cases want somebody new.
    if (name === "admin") await this.#addAdmin(email);
    else await addAccount(this.#stage, email, await hashed);
    if (this.#joined === 1) this.#stage.issued.push({ kind: "password", value: password });
    const member = { name, email, password, browser: new Browser(this.#stage.origin) };
    await this.signIn(member, member.browser);
    return member;
  }

  /** Signs in with this browser, or another one of the same person. */
  async signIn({ email, password }: Member, browser: Browser = new Browser(this.#stage.origin)): Promise<Browser> {
    const page = await browser.open("/sign_in");
    const { answer } = await browser.submit(page, [
      ["email", email],
      ["password", password],
    ]);
    if (answer.status >= 400) throw new Error(`sign-in answered ${answer.status}: ${answer.body.slice(0, 300)}`);
    return browser;
  }

  async #addAdmin(email: string): Promise<void> {
    await this.#stage.operator(["users", "add", email, "--admin", "--password-stdin"], `${password}\n`);
  }
}
