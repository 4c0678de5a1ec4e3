/** A table as it moves from one database to another, the same in every engine. Names of columns stand with spaces between them. */
export interface Table {
  readonly name: string;
  /** What tells its rows apart, and the order in which they are read. */
  readonly key: string;
  readonly texts?: string;
  /** Times, counts and truth values. */
  readonly integers?: string;
  readonly bytes?: string;
  /** The database gives each row its `id`, and goes on behind the highest one. */
  readonly isNumbered?: true;
}

export type ColumnKind = "text" | "integer" | "bytes";

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** In one order everywhere. */
export const columnsOf = ({ texts = "", integers = "", bytes = "" }: Table): readonly Column[] => [
  ...named(texts, "text"),
  ...named(integers, "integer"),
  ...named(bytes, "bytes"),
];

const named = (names: string, kind: ColumnKind): readonly Column[] =>
  names === "" ? [] : names.split(" ").map((name) => ({ name, kind }));

/** Every table of the library, but for those whose rows mean nothing elsewhere: see `leftBehind`. */
export const libraryTables: readonly Table[] = [
  {
    name: "clients",
    key: "id",
    texts: "id name origin auth_method redirect_uris grant_types scope resources resource_server_of metadata",
    integers:
      "first_party secret_expires_at previous_secret_expires_at created_at granted_at disabled_at fresh_until revision used_at revoked_before",
    bytes: "secret_hash previous_secret_hash registration_token",
  },
  { name: "former_identities", key: "client_id identity", texts: "client_id identity name redirect_uris" },
  { name: "decisions", key: "request_id", texts: "request_id answer", integers: "expires_at" },
  {
    name: "grants",
    key: "id",
    texts: "id client_id subject scope resources identity redirect_uri name browser",
    integers: "created_at redeemed_at ends_at revoked_at used_at",
  },
  {
    name: "tokens",
    key: "id",
    texts: "kind grant_id client_id scope audience",
    integers: "id issued_at expires_at revoked_at spent_at",
    bytes: "hash answer",
    isNumbered: true,
  },
  { name: "subjects", key: "id", texts: "id", integers: "disabled_at codes_void_before" },
  { name: "disconnections", key: "subject client_id", texts: "subject client_id", integers: "at" },
  { name: "registration_tokens", key: "id", texts: "id", integers: "uses_left created_at", bytes: "hash" },
  { name: "pushed_requests", key: "id", texts: "id client_id query", integers: "expires_at" },
  { name: "spent_assertions", key: "hash", integers: "expires_at", bytes: "hash" },
  {
    name: "signing_keys",
    key: "id",
    texts: "id algorithm public_key sealed",
    integers: "created_at signs_from retired_at",
  },
  { name: "settings", key: "name", texts: "name value" },
  {
    name: "audit_events",
    key: "id",
    texts: "type event detail client_id subject grant_id flow_id chain mark",
    integers: "id at count position",
    isNumbered: true,
  },
  { name: "audit_chains", key: "chain", texts: "chain mark cut_mark signature", integers: "length cut" },
  { name: "event_counts", key: "period at type detail", texts: "type detail", integers: "period at count" },
  { name: "client_event_counts", key: "period at type client_id", texts: "type client_id", integers: "period at count" },
  { name: "deliveries", key: "event_id subscription", texts: "subscription", integers: "event_id due_at attempts" },
  {
    name: "flows",
    key: "id",
    texts: "id client_id client_name subject grant_id outcome",
    integers: "began_at last_at",
  },
  { name: "flow_steps", key: "id", texts: "flow_id step", integers: "id at", isNumbered: true },
];

/** Tables that stay where they are: how far a schema is, who does what just now, and what was counted in the last minutes. */
export const leftBehind = ["schema_versions", "leases", "rate_limits"] as const;
