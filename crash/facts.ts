import { Cookies } from "../bench/cookies.ts";
import { type EventType, ExpectedEvents } from "./expected-events.ts";

/** How something must stand. `either`: the answer that would have said it never came. */
export type Standing = "live" | "ended" | "either";

/** A credential that was handed out. */
export interface Held {
  readonly value: string;
  standing: Standing;
}

/** An authorization code that a redirect carried. */
export interface Code {
  readonly value: string;
  readonly verifier: string;
  /** On the clock of `performance.now()`. */
  readonly madeAt: number;
  /** `in doubt`: it was sent, and no answer came. */
  state: "unused" | "in doubt" | "redeemed" | "refused";
}

/** Of each kind, so many of the newest are kept. */
const keptTokens = 4;

/** Everything that one app was told. It is connected once at most, so that whatever is counted for it is counted for its grant. */
export class AppFacts {
  readonly clientId: string;
  /** RFC 7592: what reads the registration. */
  readonly registrationToken: string;
  readonly person: PersonFacts;
  readonly events = new ExpectedEvents();
  code: Code | undefined;
  /** Undefined while no code is known to have been redeemed. */
  grant: Standing | undefined;
  /** What would have ended the grant, where that is in doubt. */
  endingInDoubt: EventType | undefined;
  /** The newest is the last; the others are spent. */
  readonly refreshTokens: string[] = [];
  rotatedAt = 0;
  isRotationInDoubt = false;
  readonly accessTokens: Held[] = [];

  constructor(clientId: string, registrationToken: string, person: PersonFacts) {
    this.clientId = clientId;
    this.registrationToken = registrationToken;
    this.person = person;
  }

  get isLive(): boolean {
    return this.grant === "live";
  }

  take({ accessToken, refreshToken }: { readonly accessToken: string; readonly refreshToken: string }): void {
    this.accessTokens.push({ value: accessToken, standing: "live" });
    this.refreshTokens.push(refreshToken);
    for (const kept of [this.accessTokens, this.refreshTokens]) kept.splice(0, kept.length - keptTokens);
    this.rotatedAt = performance.now();
    this.isRotationInDoubt = false;
  }

  /** How an access token must stand, which is never better than its grant. */
  standingOf({ standing }: Held): Standing {
    return [this.grant, standing].find((one) => one === "ended") ?? (this.grant === "live" ? standing : "either");
  }
}

/** A personal access token. */
export interface PersonalToken extends Held {
  readonly id: string;
  readonly events: ExpectedEvents;
}

/** Everything that one person was told. */
export class PersonFacts {
  readonly email: string;
  readonly password: string;
  /** The browser that they use now. */
  browser = new Cookies();
  /** Browsers that are signed in, the one above among them. */
  readonly sessions: Cookies[] = [];
  readonly personalTokens: PersonalToken[] = [];

  constructor(number: number) {
    this.email = `person${number}@example.com`;
    this.password = `a long password, number ${number}`;
  }

  signedIn(browser: Cookies): void {
    this.browser = browser;
    this.sessions.push(browser);
    this.sessions.splice(0, this.sessions.length - 3);
  }
}

/** Everything that a client which acts for itself was told; it introspects too. */
export class ServiceFacts {
  readonly authorization: string;
  readonly clientId: string;
  tokens: Held[] = [];
  /** Since the newest start. */
  events = new ExpectedEvents();

  constructor(clientId: string, secret: string) {
    this.clientId = clientId;
    // What we issue needs no form encoding. RFC 6749 §2.3.1
    this.authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`;
  }
}
