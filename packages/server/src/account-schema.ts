import { libraryTables, type MigrationSteps, type Table } from "vouchsafe/sqlite";

/** The server's own tables: accounts, sessions, and alerts that no mail told of yet. A released step is never changed. */
export const accountSchema: MigrationSteps = {
  sqlite: [
    `
    CREATE TABLE accounts (
      id TEXT NOT NULL PRIMARY KEY,
      email TEXT NOT NULL UNIQUE,
      password TEXT NOT NULL,
      is_admin INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER NOT NULL,
      disabled_at INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sessions (
      hash BLOB NOT NULL PRIMARY KEY,
      account_id TEXT NOT NULL,
      signed_in_at INTEGER NOT NULL,
      seen_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_of_account ON sessions (account_id);
    `,
    `
    CREATE INDEX sessions_by_age ON sessions (signed_in_at);
    CREATE INDEX sessions_by_use ON sessions (seen_at);
    `,
    `
    CREATE TABLE untold_alerts (
      id INTEGER NOT NULL PRIMARY KEY,
      count INTEGER NOT NULL
    ) STRICT;
    `,
  ],
  postgres: [
    `
    CREATE TABLE accounts (
      id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
      email TEXT COLLATE "C" NOT NULL UNIQUE,
      password TEXT COLLATE "C" NOT NULL,
      is_admin INTEGER NOT NULL DEFAULT 0,
      created_at BIGINT NOT NULL,
      disabled_at BIGINT
    );

    CREATE TABLE sessions (
      hash BYTEA NOT NULL PRIMARY KEY,
      account_id TEXT COLLATE "C" NOT NULL,
      signed_in_at BIGINT NOT NULL,
      seen_at BIGINT NOT NULL
    );
    CREATE INDEX sessions_of_account ON sessions (account_id);
    `,
    `
    CREATE INDEX sessions_by_age ON sessions (signed_in_at);
    CREATE INDEX sessions_by_use ON sessions (seen_at);
    `,
    `
    CREATE TABLE untold_alerts (
      id INTEGER NOT NULL PRIMARY KEY,
      count BIGINT NOT NULL
    );
    `,
  ],
};

/** Whatever moves with a server: nobody is logged out. */
export const everyTable: readonly Table[] = [
  ...libraryTables,
  { name: "accounts", key: "id", texts: "id email password", integers: "is_admin created_at disabled_at" },
  { name: "sessions", key: "hash", texts: "account_id", integers: "signed_in_at seen_at", bytes: "hash" },
  { name: "untold_alerts", key: "id", integers: "id count" },
];
