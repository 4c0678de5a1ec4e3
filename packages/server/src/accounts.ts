import { type Circumstances, hashSecret, mintIdentifier, readCookie } from "vouchsafe";
import type { Row, SqliteStore, Transaction } from "vouchsafe/sqlite";
import { hashPassword, verifyPassword } from "./password-hash.ts";

/** A person with a password of ours. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly isAdmin: boolean;
  readonly disabledAt: number | undefined;
}

/** A sign-in that lasts. */
export interface Session {
  /** The hash of the cookie's value: what forms are bound to. */
  readonly id: string;
  readonly account: Account;
  readonly signedInAt: number;
}

export interface SessionLimits {
  /** Milliseconds without a request. */
  readonly idle: number;
  /** Milliseconds in all. */
  readonly lifetime: number;
}

/** The schema of this part. A released step is never changed. */
const migrations: readonly string[] = [
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
];

/** 8 to 256 characters, no other rule. */
export const isAcceptablePassword = (password: string): boolean => password.length >= 8 && password.length <= 256;

/** One `@`, no space, no control character. */
export const isEmail = (email: string): boolean => /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,190}$/u.test(email);

/** Letter case of ASCII does not tell addresses apart; nothing else is folded, so that no look-alike is somebody else. */
export const normalEmail = (email: string): string => email.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());

export type Accounts = ReturnType<typeof createAccounts>;

/** Accounts and sessions, in tables of their own beside the library's. */
export function createAccounts(store: SqliteStore, sessions: SessionLimits, now: () => number = Date.now) {
  const { database } = store;
  database.migrate(migrations, "accounts");
  const byEmail = (email: string): Row | undefined =>
    database.get(`SELECT ${accountColumns}, password FROM accounts WHERE email = :email`, { email: normalEmail(email) });

  return {
    /** False: there is an account of this address. */
    add: async (email: string, password: string, isAdmin = false, by: By = {}): Promise<Account | undefined> => {
      const account = { id: mintIdentifier(), email: normalEmail(email), isAdmin, disabledAt: undefined };
      const hashed = await hashPassword(password);
      const added = await store.transact((transaction, record) => {
        const changed = transaction.run(
          "INSERT INTO accounts (id, email, password, is_admin, created_at) VALUES (:id, :email, :password, :isAdmin, :at) ON CONFLICT DO NOTHING",
          { id: account.id, email: account.email, password: hashed, isAdmin: isAdmin ? 1 : 0, at: now() },
        );
        if (changed > 0) record({ at: now(), ...by, type: "account.created", subject: account.id });
        return changed > 0;
      });
      return added ? account : undefined;
    },
    find: (email: string): Account | undefined => {
      const row = byEmail(email);
      return row && accountFromRow(row);
    },
    byId: (id: string): Account | undefined => {
      const row = database.get(`SELECT ${accountColumns} FROM accounts WHERE id = :id`, { id });
      return row && accountFromRow(row);
    },
    /** By address, from behind this one on. */
    page: (search: string, after: string, most: number): readonly Account[] =>
      database
        .all(`SELECT ${accountColumns} FROM accounts WHERE email > :after AND instr(email, :search) > 0 ORDER BY email LIMIT :most`, {
          search: normalEmail(search),
          after,
          most,
        })
        .map(accountFromRow),
    isLastAdmin: (id: string): boolean => isLastAdmin(database, id),
    list: (): readonly Account[] => database.all(`SELECT ${accountColumns} FROM accounts ORDER BY email`).map(accountFromRow),
    /** False: nobody would be left who may administer, and nothing was changed. */
    setAdmin: (id: string, isAdmin: boolean, by: By = {}): Promise<boolean> =>
      store.transact((transaction, record) => {
        if (!isAdmin && isLastAdmin(transaction, id)) return false;
        transaction.run("UPDATE accounts SET is_admin = :isAdmin WHERE id = :id", { id, isAdmin: isAdmin ? 1 : 0 });
        record({ at: now(), ...by, type: isAdmin ? "account.made_admin" : "account.no_longer_admin", subject: id });
        return true;
      }),
    /** Ends the account's sessions too. False: nobody would be left who may administer, and nothing was changed. */
    setDisabled: (id: string, disabled: boolean, by: By = {}): Promise<boolean> =>
      store.transact((transaction, record) => {
        if (disabled && isLastAdmin(transaction, id)) return false;
        transaction.run("UPDATE accounts SET disabled_at = :at WHERE id = :id", { id, at: disabled ? now() : undefined });
        if (disabled) transaction.run("DELETE FROM sessions WHERE account_id = :id", { id });
        record({ at: now(), ...by, type: disabled ? "account.disabled" : "account.enabled", subject: id });
        return true;
      }),
    /** Ends the account's sessions too. */
    changePassword: async (id: string, password: string, by: By = {}): Promise<void> => {
      const hashed = await hashPassword(password);
      await store.transact((transaction, record) => {
        transaction.run("UPDATE accounts SET password = :password WHERE id = :id", { id, password: hashed });
        transaction.run("DELETE FROM sessions WHERE account_id = :id", { id });
        record({ at: now(), ...by, type: "password.changed", subject: id });
      });
    },

    /** The account whose password this is. An address without an account takes as long to refuse. */
    verify: async (email: string, password: string): Promise<Account | undefined> => {
      const row = byEmail(email);
      const account = row && accountFromRow(row);
      const matches = await verifyPassword(row && String(row[4]), password);
      return matches && account?.disabledAt === undefined ? account : undefined;
    },
    /** Begins a session under a new secret, in place of the one the browser had. */
    signIn: async (
      account: Account,
      previous: string | undefined,
      circumstances: { readonly address: string; readonly requestId: string },
    ): Promise<string> => {
      const secret = mintIdentifier() + mintIdentifier();
      const at = now();
      await store.transact((transaction, record) => {
        if (previous !== undefined) transaction.run("DELETE FROM sessions WHERE hash = :hash", { hash: hashSecret(previous) });
        transaction.run("INSERT INTO sessions (hash, account_id, signed_in_at, seen_at) VALUES (:hash, :account, :at, :at)", {
          hash: hashSecret(secret),
          account: account.id,
          at,
        });
        record({ at, ...circumstances, type: "sign_in.succeeded", subject: account.id });
      });
      return secret;
    },
    signOut: (secret: string, account: Account): Promise<void> =>
      store.transact((transaction, record) => {
        transaction.run("DELETE FROM sessions WHERE hash = :hash", { hash: hashSecret(secret) });
        record({ at: now(), type: "sign_out", subject: account.id });
      }),
    /** Ends every session of the account. */
    signOutEverywhere: (account: Account): Promise<void> =>
      store.transact((transaction, record) => {
        transaction.run("DELETE FROM sessions WHERE account_id = :id", { id: account.id });
        record({ at: now(), type: "sign_out", subject: account.id });
      }),
    /** The live session of a cookie's value. */
    session: (secret: string): Session | undefined => {
      const hash = hashSecret(secret);
      const row = database.get(
        `SELECT ${accountColumns}, sessions.signed_in_at, sessions.seen_at FROM sessions JOIN accounts ON accounts.id = sessions.account_id WHERE sessions.hash = :hash`,
        { hash },
      );
      const at = now();
      const account = row && accountFromRow(row);
      if (account === undefined || account.disabledAt !== undefined) return undefined;
      const [signedInAt, seenAt] = [Number(row?.[4]), Number(row?.[5])];
      if (at >= signedInAt + sessions.lifetime || at >= seenAt + sessions.idle) return undefined;
      // Noting every request would be a write a request; a twentieth of the idle time is exact enough.
      if (at >= seenAt + sessions.idle / 20)
        void store
          .transact((transaction) => transaction.run("UPDATE sessions SET seen_at = :at WHERE hash = :hash", { hash, at }))
          .catch(() => {});
      return { id: Buffer.from(hash).toString("base64url"), account, signedInAt };
    },
    /** How many sessions have ended and are still there. */
    countEnded: (): number =>
      Number(
        database.get("SELECT count(*) FROM sessions WHERE signed_in_at <= :before OR seen_at <= :idle", {
          before: now() - sessions.lifetime,
          idle: now() - sessions.idle,
        })?.[0],
      ),
    /** Removes sessions that have ended. */
    sweep: (): Promise<number> =>
      store.transact((transaction) =>
        transaction.run("DELETE FROM sessions WHERE signed_in_at <= :before OR seen_at <= :idle", {
          before: now() - sessions.lifetime,
          idle: now() - sessions.idle,
        }),
      ),
  };
}

/** Who did it, where that was an operator. */
type By = Pick<Circumstances, "operator" | "requestId" | "address">;

const isLastAdmin = (transaction: Pick<Transaction, "all">, id: string): boolean => {
  const admins = transaction.all("SELECT id FROM accounts WHERE is_admin = 1 AND disabled_at IS NULL LIMIT 2");
  return admins.length === 1 && admins[0]?.[0] === id;
};

const accountColumns = "accounts.id, accounts.email, accounts.is_admin, accounts.disabled_at";

const accountFromRow = ([id, email, isAdmin, disabledAt]: Row): Account => ({
  id: String(id),
  email: String(email),
  isAdmin: isAdmin === 1,
  disabledAt: disabledAt === null ? undefined : Number(disabledAt),
});

/** The session's cookie: bound to this very host where the issuer is https. */
export function sessionCookie(isSecure: boolean) {
  const name = isSecure ? "__Host-vouchsafe-session" : "vouchsafe-session";
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
  return {
    name,
    read: (request: Request): string | undefined => readCookie(request, name),
    set: (secret: string): string => `${name}=${secret}${attributes}`,
    clear: `${name}=; Max-Age=0${attributes}`,
  };
}
