import { auditAndFlows } from "./migrations/audit-and-flows.ts";
import { documentsAndKeys } from "./migrations/documents-and-keys.ts";
import { firstTables } from "./migrations/first-tables.ts";
import { numberedTokens } from "./migrations/numbered-tokens.ts";

/**
 * The schema's steps, oldest first; the database's `user_version` counts how many it has taken. A step that has been
 * released is never changed.
 *
 * Times are integers, in milliseconds; lists of names that have no spaces are kept as text with spaces between them. Tables
 * that grow with the traffic keep their rowid: what is new stands together at the end, and only the narrow index of random
 * keys is written all over; without it a refresh costs twice the CPU.
 */
export const sqliteMigrations: readonly string[] = [
  firstTables,
  documentsAndKeys,
  `
  ALTER TABLE grants ADD COLUMN browser TEXT;
  `,
  auditAndFlows,
  numberedTokens,
  `
  CREATE INDEX decisions_by_end ON decisions (expires_at);
  CREATE INDEX disconnections_by_age ON disconnections (at);
  CREATE INDEX subjects_by_void_codes ON subjects (codes_void_before) WHERE disabled_at IS NULL;
  CREATE INDEX spent_registration_tokens ON registration_tokens (created_at) WHERE uses_left = 0;
  `,
];
