/** One case being played on a stage: its fixtures, its messages, and what was found wrong. */
import { type Answer, allHeaders, header } from "./answer.ts";
import type { AttackCase } from "./attack-case.ts";
import { type Asked, askFor, type Code, obtainCode, obtainTokens, redeem, type Tokens } from "./authorization.ts";
import { Browser, type Visit } from "./browser.ts";
import { Canary } from "./canary.ts";
import type { Member } from "./cast.ts";
import { DocumentHost } from "./document-host.ts";
import { cause } from "./document-troubles.ts";
import { encodeFields, type Field, formOf } from "./form.ts";
import { fillForms } from "./form-step.ts";
import type { NetworkRecord } from "./network-plan.ts";
import { substitute } from "./placeholder.ts";
import { fieldOf, parseMessage, type RawMessage } from "./raw-message.ts";
import { read } from "./readings.ts";
import type { RegisteredClient } from "./registered-clients.ts";
import { resolveNames } from "./resolved-names.ts";
import { type SendOptions, Stage, type StageSettings } from "./stage.ts";
import { countRows, type Rows } from "./store-rows.ts";
import { fixtureFor } from "./vocabulary.ts";

export interface Exchanged {
  readonly message: RawMessage;
  readonly answer: Answer;
  /** Where a decision took the person after the done page (attacks/README.md, "Readings"). */
  readonly landing: string | undefined;
}

export class Scene {
  readonly stage: Stage;
  readonly attackCase: AttackCase;
  readonly failures: string[] = [];
  /** The phrases of must_not that the scenario itself has looked at. */
  readonly covered = new Set<string>();
  /** Codes that placeholders stand for, so that "code consumed" can be tried. */
  readonly codes = new Map<string, Code>();
  readonly refreshTokens = new Map<string, { readonly client: RegisteredClient; readonly tokens: Tokens }>();
  before: Rows | undefined;
  after: Rows | undefined;
  readonly #values = new Map<string, Promise<string | undefined>>();
  readonly #usedUp = new Set<string>();
  readonly #opened: Stage[] = [];
  #canary: Canary | undefined;
  #documents: Promise<DocumentHost> | undefined;
  #host: DocumentHost | undefined;
  readonly #recordsBefore: number;

  constructor(stage: Stage, attackCase: AttackCase) {
    this.stage = stage;
    this.attackCase = attackCase;
    if (stage.network !== undefined) resolveNames(stage.network, attackCase);
    this.#recordsBefore = stage.network?.records.length ?? 0;
  }

  /** From here on, what is stored is what the attack stored. Without a mark, scenarios are not judged by rows. */
  async mark(): Promise<void> {
    this.before = await countRows(this.stage);
  }

  /** What comes after this is only to find out how things stand. */
  async settle(): Promise<void> {
    this.after = await countRows(this.stage);
  }

  /** Records a failure unless this holds. */
  check(holds: boolean, what: string): void {
    if (!holds) this.failures.push(what);
  }

  /** Records a failure when something on the case's must_not list happened. */
  mustNot(phrase: string, happened: boolean, detail = ""): void {
    this.covered.add(phrase);
    if (happened) this.failures.push(`must not: ${phrase}${detail === "" ? "" : ` (${detail})`}`);
  }

  /** Somebody signed in. Alice has consented already where the precondition says so. */
  async member(name: string): Promise<Member> {
    if (name !== "alice" || !/already consented/.test(this.attackCase.precondition)) return this.stage.cast.member(name);
    const client = await this.client("pub");
    const role = `alice ${client.id}`;
    const member = await this.stage.cast.member(role);
    if (!consented.has(member)) await obtainCode(this.stage, member, { client });
    consented.add(member);
    return member;
  }

  /** The member's history changes: the next case gets somebody new. */
  async spend(name: string): Promise<Member> {
    this.#usedUp.add(name);
    return this.member(name);
  }

  /** A client fixture, with the redirect URIs that the precondition names. */
  async client(name: string): Promise<RegisteredClient> {
    const subject =
      name === "native"
        ? /native client registered (?:exactly )?/
        : name === "pub"
          ? /^client registered exactly redirect_uris=/
          : undefined;
    const match = subject?.exec(this.attackCase.precondition) ?? undefined;
    if (match === undefined || match === null) return this.stage.clients.get(name);
    const rest = this.attackCase.precondition.slice(match.index + match[0].length);
    const uris = [...rest.matchAll(/"([^"]+)"/g)].map(([, uri]) => uri ?? "");
    return this.stage.clients.get(name, uris.length > 0 ? uris : [rest.trim()]);
  }

  /** Sends a raw step as the case has it. */
  async send(step: string, options: SendOptions = {}): Promise<Exchanged> {
    return this.play(await this.prepare(step), options);
  }

  /** Sends a message and follows a decision through the done page. */
  async play(message: RawMessage, options: SendOptions = {}): Promise<Exchanged> {
    if (message.method === "POST" && fieldOf(message, "cookie") !== undefined) this.#usedUp.add("alice");
    const answer = await this.stage.send(message, options);
    return { message, answer, landing: await this.#land(message, answer) };
  }

  /** Submits a form of ours as this member's browser would, and shows the bare answer. */
  async submit(member: Member, page: Visit, filled: readonly Field[], lines: readonly string[] = []): Promise<Exchanged> {
    const form = formOf(page.answer.body);
    if (form === undefined) throw new Error(`no form on ${page.target} (${page.answer.status}): ${page.answer.body.slice(0, 200)}`);
    const target = form.action === "" ? page.target : form.action.replace(this.stage.origin, "");
    const fields = ["Content-Type: application/x-www-form-urlencoded", `Cookie: ${member.browser.cookies}`, ...lines];
    return this.play({ method: "POST", target, fields, body: encodeFields([...form.hidden, ...filled]) });
  }

  /** Answers a consent page with exactly these scopes ticked. */
  decide(member: Member, consent: Visit, decision: "allow" | "deny", ticked: readonly string[] = ["read"]): Promise<Exchanged> {
    return this.submit(member, consent, [...ticked.map((scope): Field => ["scope", scope]), ["decision", decision]]);
  }

  async prepare(step: string): Promise<RawMessage> {
    const filled = await fillForms(read(step, this.stage.issuer), this);
    const message = parseMessage(await substitute(filled, (name) => this.value(name)));
    if (message === undefined) throw new Error(`not an HTTP message: ${step.slice(0, 80)}`);
    return message;
  }

  /** The value behind a placeholder; the same one throughout the case. */
  value(name: string): Promise<string | undefined> {
    let value = this.#values.get(name);
    if (value === undefined) {
      value = fixtureFor(name, this);
      this.#values.set(name, value);
    }
    return value;
  }

  /** Lets a scenario say what a placeholder stands for. */
  define(name: string, value: string): void {
    this.#values.set(name, Promise.resolve(value));
  }

  /** The credentials that placeholders stood for, to be looked for where they must not show. */
  get presented(): readonly string[] {
    const tokens = [...this.refreshTokens.values()].flatMap(({ tokens: { accessToken, refreshToken } }) => [accessToken, refreshToken]);
    return [...tokens, ...[...this.codes.values()].map(({ value }) => value)].filter((value) => value !== "");
  }

  async canary(): Promise<Canary> {
    this.#canary ??= await Canary.listen();
    return this.#canary;
  }

  canaryContacts(): number {
    return this.#canary?.contacts ?? 0;
  }

  /** The host of the case's document, in the state that the precondition describes. */
  documents(stage = this.stage): Promise<DocumentHost> {
    this.#documents ??= this.#publish(stage);
    return this.#documents;
  }

  /** What the server has looked up and connected to since the case began. */
  get outbound(): readonly NetworkRecord[] {
    return this.stage.network?.records.slice(this.#recordsBefore) ?? [];
  }

  /** A server for this case alone. */
  async open(settings: StageSettings): Promise<Stage> {
    const stage = await Stage.open({ newDatabase: this.stage.newDatabase, ...settings });
    this.#opened.push(stage);
    return stage;
  }

  /** Ends the case: whoever was changed by it does not come back. */
  async close(): Promise<void> {
    for (const stage of this.#opened.reverse()) await stage.close();
    this.#canary?.close();
    this.#host?.close();
    for (const name of this.#usedUp) {
      this.stage.cast.retire(name);
      if (name === "alice") this.stage.cast.retire(`alice ${(await this.client("pub")).id}`);
    }
  }

  async #publish({ network }: Stage): Promise<DocumentHost> {
    if (network === undefined) throw new Error("this stage has no network for documents");
    this.#host = await DocumentHost.listen(network, this.attackCase.id);
    await cause(this.#host, this.attackCase);
    return this.#host;
  }

  async #land(message: RawMessage, answer: Answer): Promise<string | undefined> {
    const location = header(answer, "location");
    if (location === undefined || message.method !== "POST") return undefined;
    const next = new URL(location, this.stage.origin + message.target);
    if (!next.pathname.endsWith("/oauth/done")) return undefined;
    const browser = new Browser(this.stage.origin);
    for (const pair of (fieldOf(message, "cookie") ?? "").split("; ").filter((cookie) => cookie !== "")) browser.keep(pair);
    for (const line of allHeaders(answer, "set-cookie")) browser.keep(line);
    return (await browser.open(next.pathname + next.search)).leadsTo;
  }

  /** Tokens of a new grant, remembered under a name. */
  async tokens(name: string, asked: Asked, memberName = "alice"): Promise<Tokens> {
    const tokens = await obtainTokens(this.stage, await this.spend(memberName), asked);
    this.refreshTokens.set(name, { client: asked.client, tokens });
    return tokens;
  }

  /** The consent page of the standard request, opened by this member. */
  async consentPage(name = "alice", clientName = "pub"): Promise<Visit> {
    return askFor(this.stage, await this.spend(name), { client: await this.client(clientName) });
  }

  /** Whether the code of this case can still be redeemed by whom it was issued to. Uses it up. */
  async codeStillWorks(): Promise<boolean> {
    const code = this.codes.get("code");
    return code === undefined || (await redeem(this.stage, code)).status === 200;
  }
}

const consented = new WeakSet<Member>();
