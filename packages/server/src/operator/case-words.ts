import { type AuditEvent, caseTypes } from "vouchsafe";
import { counted } from "../counted.ts";

/** An event that is worth looking at by itself. */
export type SecurityCase = AuditEvent & { readonly type: (typeof caseTypes)[number] };

export const isCase = (event: AuditEvent): event is SecurityCase => caseTypes.some((type) => type === event.type);

/** What those whom an event is about go by. Without a name it is their id. */
export interface CaseNames {
  /** As an operator should read it: in quotes where the app gave it to itself. */
  readonly client?: string | undefined;
  readonly subject?: string | undefined;
}

/** A case in words: what happened, and what was ended because of it. */
export interface CaseWords {
  readonly what: string;
  readonly ended: string;
}

/**
 * The words of a case, for every place that tells of it.
 * @example
 * describeCase(event, { client: "Claude Code" }).what; // "A code of Claude Code was redeemed a second time."
 */
export function describeCase(event: SecurityCase, names: CaseNames = {}): CaseWords {
  const app = names.client ?? ("clientId" in event ? event.clientId : undefined);
  switch (event.type) {
    case "code.replayed":
      return { what: `A code of ${app} was redeemed a second time.`, ended: "The connection it had opened was ended." };
    case "refresh.reused":
      return {
        what: `A refresh token of ${app} that was spent already was used again.`,
        ended: "The connection it belonged to was ended.",
      };
    case "impersonation.stopped":
      return {
        what: `${app ?? "An app"} was stopped${event.count > 1 ? ` ${event.count} times` : ""}: ${event.reason}.`,
        ended: "Nothing was granted, so nothing had to be ended.",
      };
    case "suspicious.activity":
      return describeActivity(event, app, names.subject ?? ("subject" in event ? event.subject : undefined));
  }
}

type Activity = SecurityCase & { readonly type: "suspicious.activity" };

function describeActivity(event: Activity, app: string | undefined, person: string | undefined): CaseWords {
  if (event.kind === "connection_disowned")
    return { what: `${person} was told of a connection of ${app} and said: this wasn't me.`, ended: "That connection is ended." };
  return { what: `${describeAnomaly(event, app, person)} within ${timeInWords(event.within)}.`, ended: "Nothing was ended." };
}

function describeAnomaly({ kind, seen, address }: Anomalous, app: string | undefined, person: string | undefined): string {
  const from = address === undefined ? "" : ` from ${address}`;
  switch (kind) {
    case "client_authentication_burst":
      return `${counted(seen, "time")} ${app ?? `an app${from}`} failed to prove who it is`;
    case "sign_in_burst":
      return `${counted(seen, "sign-in")}${person === undefined ? from : ` as ${person}`} failed`;
    case "scope_violation_burst":
      return `${counted(seen, "time")} ${app ?? `an app${from}`} tried what its tokens do not allow`;
    case "registration_storm":
      return `${counted(seen, "app")} registered ${seen === 1 ? "itself" : "themselves"}`;
    case "issuance_surge":
      return `${app} was issued ${counted(seen, "token")}, more than ten times its usual number,`;
  }
}

type Anomalous = Exclude<Activity, { readonly kind: "connection_disowned" }>;

const units = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1000, "second"],
] as const;

/** `10 minutes`, `1 hour`, `90 seconds`: in the largest unit that it is a whole number of. */
function timeInWords(milliseconds: number): string {
  const [length, name] = units.find(([unit]) => milliseconds % unit === 0) ?? [1, "millisecond"];
  return counted(milliseconds / length, name);
}
