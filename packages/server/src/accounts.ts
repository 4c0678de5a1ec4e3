import { type Circumstances, hashSecret, mintIdentifier, readCookie } from "vouchsafe";
import { all as allIn, type Claims, get as getIn, type Parameters, type Row, run, type SqlStore, type Work } from "vouchsafe/sqlite";
import { accountSchema } from "./account-schema.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";

/** A person with a password of ours. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly isAdmin: boolean;
  readonly disabledAt: number | undefined;
}

/**
 * An account as it was when its password was checked. Hashing takes a while, in which the password may change or the account be
 * disabled: what follows from the check is done only as long as it would still hold.
 */
export interface Proven {
  readonly account: Account;
  /** The hash that the password fits. */
  readonly password: string;
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

/** 8 to 256 characters, no other rule. */
export const isAcceptablePassword = (password: string): boolean => password.length >= 8 && password.length <= 256;

/** One `@`, no space, no control character. */
export const isEmail = (email: string): boolean => /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,190}$/u.test(email);

/** Letter case of ASCII does not tell addresses apart; nothing else is folded, so that no look-alike is somebody else. */
export const normalEmail = (email: string): string => email.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());

export type Accounts = Awaited<ReturnType<typeof createAccounts>>;

/** Accounts and sessions, in tables of their own beside the library's. */
export async function createAccounts(store: SqlStore, sessions: SessionLimits, now: () => number = Date.now) {
  const { database } = store;
  await database.migrate(accountSchema, "accounts");
  // A database may answer at once or later; whoever reads here waits in either case.
  const get = async (statement: string, parameters: Parameters): Promise<Row | undefined> => database.get(statement, parameters);
  const all = async (statement: string, parameters: Parameters = {}): Promise<readonly Row[]> => database.all(statement, parameters);
  const byEmail = (email: string): Promise<Row | undefined> =>
    get(`SELECT ${accountColumns}, password FROM accounts WHERE email = :email`, { email: normalEmail(email) });

  return {
    /** Undefined: there is an account of this address. */
    add: async (email: string, password: string, isAdmin = false, by: By = {}): Promise<Proven | undefined> => {
      const account = { id: mintIdentifier(), email: normalEmail(email), isAdmin, disabledAt: undefined };
      const hashed = await hashPassword(password);
      const added = await store.transact(function* (record) {
        const changed = yield* run(
          "INSERT INTO accounts (id, email, password, is_admin, created_at) VALUES (:id, :email, :password, :isAdmin, :at) ON CONFLICT DO NOTHING",
          { id: account.id, email: account.email, password: hashed, isAdmin: isAdmin ? 1 : 0, at: now() },
        );
        if (changed > 0) record({ at: now(), ...by, type: "account.created", subject: account.id });
        return changed > 0;
      });
      return added ? { account, password: hashed } : undefined;
    },
    find: async (email: string): Promise<Account | undefined> => {
      const row = await byEmail(email);
      return row && accountFromRow(row);
    },
    byId: async (id: string): Promise<Account | undefined> => {
      const row = await get(`SELECT ${accountColumns} FROM accounts WHERE id = :id`, { id });
      return row && accountFromRow(row);
    },
    /** By address, from behind this one on. */
    page: async (search: string, after: string, most: number): Promise<readonly Account[]> => {
      const found = await all(
        `SELECT ${accountColumns} FROM accounts WHERE email > :after AND email LIKE :pattern ESCAPE '!' ORDER BY email LIMIT :most`,
        { pattern: `%${normalEmail(search).replace(/[!%_]/g, "!$&")}%`, after, most },
      );
      return found.map(accountFromRow);
    },
    /** How it is now. What must not change meanwhile is decided by `setAdmin` and `setDisabled`. */
    isLastAdmin: async (id: string): Promise<boolean> => isOnly(await all(someAdmins), id),
    /** False: nobody would be left who may administer, and nothing was changed. */
    setAdmin: (id: string, isAdmin: boolean, by: By = {}): Promise<boolean> =>
      store.transact(function* (record) {
        if (!isAdmin && (yield* isLastAdmin(id))) return false;
        yield* run("UPDATE accounts SET is_admin = :isAdmin WHERE id = :id", { id, isAdmin: isAdmin ? 1 : 0 });
        record({ at: now(), ...by, type: isAdmin ? "account.made_admin" : "account.no_longer_admin", subject: id });
        return true;
      }, alone(administrators)),
    /** Ends the account's sessions too. False: nobody would be left who may administer, and nothing was changed. */
    setDisabled: (id: string, disabled: boolean, by: By = {}): Promise<boolean> =>
      store.transact(
        function* (record) {
          if (disabled && (yield* isLastAdmin(id))) return false;
          yield* run("UPDATE accounts SET disabled_at = :at WHERE id = :id", { id, at: disabled ? now() : undefined });
          if (disabled) yield* run("DELETE FROM sessions WHERE account_id = :id", { id });
          record({ at: now(), ...by, type: disabled ? "account.disabled" : "account.enabled", subject: id });
          return true;
        },
        alone(administrators, accountClaim(id)),
      ),
    /** By an operator. Ends the account's sessions too. */
    setPassword: async (id: string, password: string, by: By = {}): Promise<void> => {
      const hashed = await hashPassword(password);
      await store.transact(
        function* (record) {
          yield* replacePassword(id, hashed);
          record({ at: now(), ...by, type: "password.changed", subject: id });
        },
        alone(accountClaim(id)),
      );
    },
    /** By whose it is. Ends the account's sessions too. Undefined: what was proven does not hold any more, and nothing was changed. */
    changePassword: async (proven: Proven, password: string): Promise<Proven | undefined> => {
      const { id } = proven.account;
      const hashed = await hashPassword(password);
      const isChanged = await store.transact(
        function* (record) {
          if (!(yield* stillHolds(proven))) return false;
          yield* replacePassword(id, hashed);
          record({ at: now(), type: "password.changed", subject: id });
          return true;
        },
        alone(accountClaim(id)),
      );
      return isChanged ? { ...proven, password: hashed } : undefined;
    },

    /** The account whose password this is. An address without an account takes as long to refuse. */
    verify: async (email: string, password: string): Promise<Proven | undefined> => {
      const row = await byEmail(email);
      const account = row && accountFromRow(row);
      const hashed = row && String(row[4]);
      const matches = await verifyPassword(hashed, password);
      if (!matches || account === undefined || hashed === undefined || account.disabledAt !== undefined) return undefined;
      return { account, password: hashed };
    },
    /**
     * Begins a session under a new secret, in place of the one the browser had. Undefined: what was proven does not hold any more,
     * and the browser has the session that it had.
     */
    signIn: async (proven: Proven, previous: string | undefined, circumstances: By): Promise<string | undefined> => {
      const { account } = proven;
      const secret = mintIdentifier() + mintIdentifier();
      const at = now();
      const isSignedIn = await store.transact(
        function* (record) {
          if (!(yield* stillHolds(proven))) return false;
          if (previous !== undefined) yield* run("DELETE FROM sessions WHERE hash = :hash", { hash: hashSecret(previous) });
          yield* run("INSERT INTO sessions (hash, account_id, signed_in_at, seen_at) VALUES (:hash, :account, :at, :at)", {
            hash: hashSecret(secret),
            account: account.id,
            at,
          });
          record({ at, ...circumstances, type: "sign_in.succeeded", subject: account.id });
          return true;
        },
        { shared: [accountClaim(account.id)] },
      );
      return isSignedIn ? secret : undefined;
    },
    signOut: (secret: string, account: Account): Promise<void> =>
      store.transact(function* (record) {
        yield* run("DELETE FROM sessions WHERE hash = :hash", { hash: hashSecret(secret) });
        record({ at: now(), type: "sign_out", subject: account.id });
      }),
    /** Ends every session of the account. */
    signOutEverywhere: (account: Account): Promise<void> =>
      store.transact(function* (record) {
        yield* run("DELETE FROM sessions WHERE account_id = :id", { id: account.id });
        record({ at: now(), type: "sign_out", subject: account.id });
      }),
    /** The live session of a cookie's value. */
    session: async (secret: string): Promise<Session | undefined> => {
      const hash = hashSecret(secret);
      const row = await get(
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
          .transact(() => run("UPDATE sessions SET seen_at = :at WHERE hash = :hash AND seen_at < :at", { hash, at }))
          .catch(() => {});
      return { id: Buffer.from(hash).toString("base64url"), account, signedInAt };
    },
    /** How many sessions have ended and are still there. */
    countEnded: async (): Promise<number> => {
      const row = await get("SELECT count(*) FROM sessions WHERE signed_in_at <= :before OR seen_at <= :idle", {
        before: now() - sessions.lifetime,
        idle: now() - sessions.idle,
      });
      return Number(row?.[0]);
    },
    /** Removes sessions that have ended, in small transactions. Resolves to how many there were. */
    sweep: async (): Promise<number> => {
      const removeAll = async (statement: string, before: number): Promise<number> => {
        const removed = await store.transact(() => run(statement, { before, most: sweptAtOnce }), sweeping);
        return removed < sweptAtOnce ? removed : removed + (await removeAll(statement, before));
      };
      return (await removeAll(removeOld, now() - sessions.lifetime)) + (await removeAll(removeUnused, now() - sessions.idle));
    },
  };
}

/** The most sessions that one transaction removes, so that no request waits for long. */
const sweptAtOnce = 200;

const sweeping: Claims = { alone: ["sessions"], isBulk: true };

const removeOld =
  "DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE signed_in_at <= :before ORDER BY signed_in_at LIMIT :most)";
const removeUnused =
  "DELETE FROM sessions WHERE seen_at <= :before AND hash IN (SELECT hash FROM sessions WHERE seen_at <= :before ORDER BY seen_at LIMIT :most)";

/** In which request and from where it was done, and by whom, where that was an operator. */
type By = Omit<Circumstances, "at">;

function* isLastAdmin(id: string): Work<boolean> {
  return isOnly(yield* allIn(someAdmins), id);
}

/** In a transaction that has a claim on the account. */
function* stillHolds({ account, password }: Proven): Work<boolean> {
  const found = yield* getIn("SELECT 1 FROM accounts WHERE id = :id AND password = :password AND disabled_at IS NULL", {
    id: account.id,
    password,
  });
  return found !== undefined;
}

function* replacePassword(id: string, hashed: string): Work<void> {
  yield* run("UPDATE accounts SET password = :password WHERE id = :id", { id, password: hashed });
  yield* run("DELETE FROM sessions WHERE account_id = :id", { id });
}

/** Whether one is the last is decided by one change at a time. */
const administrators = "administrators";

/** What ends an account's sessions has it alone: no sign-in that was proven before may pass. */
const accountClaim = (id: string): string => `account ${id}`;

const alone = (...names: readonly string[]): Claims => ({ alone: names });

/** As many as it takes to tell whether there is more than one. */
const someAdmins = "SELECT id FROM accounts WHERE is_admin = 1 AND disabled_at IS NULL LIMIT 2";

const isOnly = (admins: readonly Row[], id: string): boolean => admins.length === 1 && admins[0]?.[0] === id;

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
