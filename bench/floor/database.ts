import { hash, randomBytes } from "node:crypto";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { redirectUri } from "../target.ts";
import { floorApp, floorService, floorSession } from "../yardstick.ts";

const schema = `
  create table if not exists client(id text primary key, secret blob, redirects text, grants text, scope text, name text) without rowid;
  create table if not exists session(id blob primary key, subject text, expires int) without rowid;
  create table if not exists app_grant(id blob primary key, client text, subject text, scope text, created int, revoked int) without rowid;
  create table if not exists code(id blob primary key, app_grant blob, client text, redirect text, challenge text, expires int, used int) without rowid;
  create table if not exists access_token(id blob primary key, app_grant blob, client text, subject text, scope text, expires int) without rowid;
  create table if not exists refresh_token(id blob primary key, app_grant blob, client text, expires int, used int) without rowid;`;

export interface FloorClient {
  readonly id: string;
  readonly secret: Uint8Array | null;
  readonly redirects: string;
  readonly grants: string;
  readonly scope: string;
  readonly name: string;
}

/** A code or a refresh token: what is redeemed once. */
export interface Redeemable {
  readonly app_grant: Uint8Array;
  readonly client: string;
  readonly expires: number;
  readonly used: number;
}

interface Code extends Redeemable {
  readonly redirect: string;
  readonly challenge: string;
}

interface Session {
  readonly subject: string;
  readonly expires: number;
}

interface AppGrant {
  readonly subject: string;
  readonly scope: string;
  readonly revoked: number;
}

interface AccessToken extends AppGrant {
  readonly client: string;
  readonly expires: number;
}

export type FloorDatabase = ReturnType<typeof openFloorDatabase>;

export const sha256 = (secret: string): Buffer => hash("sha256", secret, "buffer");

export const mint = (): string => randomBytes(32).toString("base64url");

/** In seconds. */
export const now = (): number => (Date.now() / 1000) | 0;

/** The tables and every statement, prepared; with an app, a service and these many sessions in them. */
export function openFloorDatabase(file: string, synchronous: string, people: number) {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=${synchronous}; PRAGMA busy_timeout=5000; ${schema}`);
  const find = <Row>(sql: string) => {
    const statement = database.prepare(sql);
    return (id: SQLInputValue): Row | undefined => statement.get(id) as Row | undefined;
  };
  const write = (sql: string) => {
    const statement = database.prepare(sql);
    return (...values: SQLInputValue[]): boolean => statement.run(...values).changes !== 0;
  };
  const [begin, commit] = [database.prepare("begin immediate"), database.prepare("commit")];

  const transaction = <Result>(work: () => Result): Result => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      database.exec("rollback");
      throw error;
    }
  };

  const insertClient = write("insert or replace into client values(?,?,?,?,?,?)");
  const insertSession = write("insert or replace into session values(?,?,?)");
  transaction(() => {
    insertClient(floorService.id, sha256(floorService.secret), "", "client_credentials", "mcp", "service");
    insertClient(floorApp, null, redirectUri, "authorization_code refresh_token", "mcp offline_access", "app");
    for (let person = 0; person < people; person++) insertSession(sha256(floorSession(person)), `person${person}`, now() + 86400);
  });

  return {
    transaction,
    insertClient,
    client: find<FloorClient>("select * from client where id=?"),
    session: find<Session>("select subject,expires from session where id=?"),
    insertGrant: write("insert into app_grant values(?,?,?,?,?,0)"),
    grant: find<AppGrant>("select * from app_grant where id=?"),
    revokeGrant: write("update app_grant set revoked=1 where id=?"),
    insertCode: write("insert into code values(?,?,?,?,?,?,0)"),
    code: find<Code>("select * from code where id=?"),
    spendCode: write("update code set used=1 where id=? and used=0"),
    insertAccessToken: write("insert into access_token values(?,?,?,?,?,?)"),
    accessToken: find<AccessToken>(
      "select a.client,a.subject,a.scope,a.expires,g.revoked from access_token a left join app_grant g on g.id=a.app_grant where a.id=?",
    ),
    insertRefreshToken: write("insert into refresh_token values(?,?,?,?,0)"),
    refreshToken: find<Redeemable>("select * from refresh_token where id=?"),
    spendRefreshToken: write("update refresh_token set used=1 where id=? and used=0"),
  };
}
