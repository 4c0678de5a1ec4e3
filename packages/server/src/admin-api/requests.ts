import { signingAlgorithms } from "vouchsafe";
import type {
  ClientListing,
  ClientOrder,
  EventListing,
  FlowListing,
  GrantListing,
  Page,
  TimeRange,
  TokenListing,
  TokenOrder,
} from "../operator/operator.ts";
import { anything, flag, givenText, listOf, type Members, object, oneOf, type Schema, whole } from "./schema.ts";

const times: Members<TimeRange>["optional"] = {
  since: givenText("A length of time before now, such as `24h`, or a time, such as `2026-11-22` or `2026-11-22T10:00:00Z`."),
  until: givenText("The same; default: now."),
};

const page: Members<Page>["optional"] = {
  limit: { ...whole("Default: 50.", { minimum: 1, maximum: 200 }) },
  after: givenText("`next` of the page before."),
};

const ofClient = { client: givenText("A client's id.") };
const ofUser = { user: givenText("An e-mail address or a subject.") };
const search = { search: givenText("Part of a name, an id or an e-mail address, as it stands.") };

export const range: Schema<TimeRange> = object("", { required: {}, optional: times });

export const clientListing: Schema<ClientListing> = object("", {
  required: {},
  optional: { ...page, ...search, registered: oneOf("operator", "dynamic", "document"), state: oneOf("enabled", "disabled") },
});

export const grantListing: Schema<GrantListing> = object("", {
  required: {},
  optional: { ...page, ...ofClient, ...ofUser, kind: oneOf("connection", "personal"), state: oneOf("live", "ended", "all") },
});

export const tokenListing: Schema<TokenListing> = object("", {
  required: {},
  optional: { ...page, ...ofClient, ...ofUser, grant: givenText("A grant's id."), kind: oneOf("access", "refresh", "personal") },
});

export const userListing: Schema<Page & { readonly search?: string }> = object("", { required: {}, optional: { ...page, ...search } });

const events: Members<EventListing>["optional"] = {
  ...page,
  ...times,
  type: listOf(givenText("Such as `token.issued`."), "Several: events of any of them."),
  security: flag("Security events alone."),
  ...ofClient,
  ...ofUser,
  grant: givenText("A grant's id."),
  flow: givenText("A flow's id."),
};

export type EventQuery = EventListing & { readonly format?: string };

export const eventListing: Schema<EventQuery> = object("", {
  required: {},
  optional: { ...events, format: { ...oneOf("jsonl", "csv"), description: "All that match, the oldest first, a line each." } },
});

export const streamQuery: Schema<Pick<EventListing, "type" | "security">> = object("", {
  required: {},
  optional: { type: events.type, security: events.security },
});

export const flowListing: Schema<FlowListing> = object("", {
  required: {},
  optional: {
    ...page,
    ...times,
    ...ofClient,
    outcome: oneOf("under_way", "allowed", "denied", "connected", "used", "refused"),
  },
});

export interface Rehearsal {
  readonly dry_run?: boolean;
}

export const rehearsal: Schema<Rehearsal> = object("", {
  required: {},
  optional: { dry_run: flag("`true`: only says what would end.") },
});

export const clientOrder: Schema<ClientOrder> = object("ClientOrder", {
  required: { client_name: givenText("What people are shown.") },
  optional: {
    client_id: givenText("The URL of a document that describes it. Default: one is made."),
    redirect_uris: listOf(givenText("Absolute.")),
    token_endpoint_auth_method: oneOf("none", "client_secret_basic", "client_secret_post", "private_key_jwt"),
    grant_types: listOf(givenText("Such as `authorization_code`.")),
    scope: givenText("Names with spaces between them."),
    resources: listOf(givenText("A registered resource.")),
    resource_server_of: listOf(givenText("A registered resource."), "The resources whose tokens it may introspect."),
    jwks: anything("A JSON Web Key Set."),
    jwks_uri: givenText("Where its keys are."),
    first_party: flag("The operator's own application."),
  },
});

export const secretOrder: Schema<{ readonly keep_old?: string }> = object("SecretOrder", {
  required: {},
  optional: { keep_old: givenText("A length of time, such as `24h`, for which the old secret stays good.") },
});

export const tokenOrder: Schema<TokenOrder> = object("TokenOrder", {
  required: { user: givenText("An e-mail address or an id."), name: givenText("What the person calls it.") },
  optional: { scope: givenText("Names with spaces between them."), ends: givenText("`30d`, a date, or `never`.") },
});

export const userOrder: Schema<{ readonly email: string; readonly password?: string; readonly admin?: boolean }> = object("UserOrder", {
  required: { email: givenText("Where the person is reached.") },
  optional: { password: givenText("Default: one is made."), admin: flag("May administer.") },
});

export const passwordOrder: Schema<{ readonly password?: string }> = object("PasswordOrder", {
  required: {},
  optional: { password: givenText("Default: one is made.") },
});

export const adminOrder: Schema<{ readonly admin: boolean }> = object("AdminOrder", {
  required: { admin: flag("May administer.") },
  optional: {},
});

export const keyOrder: Schema<{ readonly algorithm?: string }> = object("KeyOrder", {
  required: {},
  optional: { algorithm: oneOf(...signingAlgorithms) },
});

export const registrationTokenOrder: Schema<{ readonly uses?: number }> = object("RegistrationTokenOrder", {
  required: {},
  optional: { uses: whole("How many clients may be registered with it. Default: 1.", { minimum: 1, maximum: 1_000_000 }) },
});
