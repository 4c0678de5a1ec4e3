/** What happened in a case: the material of every verdict. */
import { type Answer, header, memberOf } from "./answer.ts";
import type { NetworkRecord } from "./network-plan.ts";
import { fieldOf } from "./raw-message.ts";
import type { Exchanged, Scene } from "./scene.ts";
import type { Rows } from "./store-rows.ts";

export interface Played {
  readonly scene: Scene;
  /** Every exchange of a raw step, in order. */
  readonly exchanges: readonly Exchanged[];
  /** Those that the expectation is about. */
  readonly judged: readonly Exchanged[];
  readonly last: Exchanged;
  /** The database just before the first raw step, and now. */
  readonly before: Rows;
  readonly after: Rows;
  /** What the server has looked up and connected to. */
  readonly outbound: readonly NetworkRecord[];
}

/** An answer that a scenario got by other ways than a raw step. */
export const exchangedAt = (method: string, target: string, answer: Answer): Exchanged => ({
  message: { method, target, fields: [], body: "" },
  answer,
  landing: undefined,
});

/** The landing of a decision counts as its Location (attacks/README.md, "Readings"). */
export const locationOf = ({ answer, landing }: Exchanged): string | undefined => landing ?? header(answer, "location");

/** The OAuth error code that the answer carries, wherever its kind of answer carries it. */
export function errorOf(exchanged: Exchanged): string | undefined {
  const challenge = /\berror="([^"]*)"/.exec(header(exchanged.answer, "www-authenticate") ?? "")?.[1];
  return memberOf(exchanged.answer, "error") ?? challenge ?? parameterOf(locationOf(exchanged), "error");
}

/** A parameter of the request: query first, then form. */
export function sentParameter({ message }: Exchanged, name: string): string | undefined {
  const query = new URLSearchParams(message.target.split("?").slice(1).join("?")).get(name);
  if (query !== null) return query;
  return isForm(fieldOf(message, "content-type")) ? (new URLSearchParams(message.body).get(name) ?? undefined) : undefined;
}

export function parameterOf(location: string | undefined, name: string): string | undefined {
  return new URLSearchParams(location?.split("?").slice(1).join("?") ?? "").get(name) ?? undefined;
}

/** Everything of an answer that somebody could read. */
export const wholeText = ({ answer }: Exchanged): string => `${answer.headers.map((pair) => pair.join(": ")).join("\n")}\n\n${answer.body}`;

export const isConsentPage = ({ body }: Answer): boolean => /name="decision"/.test(body);

const isForm = (type: string | undefined): boolean => /x-www-form-urlencoded/i.test(type ?? "");

/** Anything below a space but tab and line breaks: what would forge or break a line of a log. */
export const hasControlCharacters = (text: string): boolean => /\p{Cc}/u.test(text.replace(/[\t\n\r\u0080-\u009f]/g, ""));
