import { randomBytes, randomInt } from "node:crypto";
import { connectApp, parseTokens, resourceOf, type Tokens } from "./authorization-flow.ts";
import { Connection, type Message } from "./connection.ts";
import { Cookies } from "./cookies.ts";
import { filledForm } from "./filled-form.ts";
import { type Operation, operations, serviceHeaders, type Unit } from "./operations.ts";
import type { Stage } from "./stage.ts";
import { redirectUri } from "./target.ts";

/** Does one thing, on a connection that nobody else uses meanwhile, as the person with this number. */
export type Deed = (connection: Connection, person: number) => Promise<void>;

export interface Kind {
  readonly name: string;
  /** Of a thousand deeds, so many are of this kind. */
  readonly share: number;
  /** How many requests it is. */
  readonly requests: number;
  readonly deed: Deed;
}

/** What a server has to do all day: mostly what is cheap and welcome, and some of everything else. */
export async function mixedLoad(stage: Stage): Promise<readonly Kind[]> {
  const { target, place, clients } = stage;
  const { paths } = target;
  const held = await connectEverybody(stage);
  const discovery = await prepared(operations.discovery, stage);
  const clientCredentials = await prepared(operations.client_credentials, stage);
  const bearerOf = (token: string): Message => ({ path: paths.api, headers: { authorization: `Bearer ${token}` } });
  const tokenOf = (person: number): Tokens => held[person] ?? { accessToken: "", refreshToken: "" };
  const refresh: Deed = async (connection, person) => {
    const { refreshToken } = tokenOf(person);
    const form = { grant_type: "refresh_token", client_id: clients.app, refresh_token: refreshToken, ...resourceOf(stage) };
    const tokens = parseTokens(await connection.send({ method: "POST", path: paths.token, form, status: 200 }));
    // An answer that was on its way for long must not bring back what has been replaced since: that would be a reuse.
    if (tokenOf(person).refreshToken === refreshToken) held[person] = tokens;
  };
  const connectAgain: Deed = async (connection, person) => {
    const { refreshToken } = await connectApp(connection, stage, browserOf(stage, person));
    const form = { client_id: clients.app, token: refreshToken };
    await connection.send({ method: "POST", path: paths.revoke, form, status: 200 });
  };
  const introspect: Deed = async (connection, person) => {
    const form = { token: tokenOf(person).accessToken };
    await connection.send({ method: "POST", path: paths.introspect, headers: serviceHeaders(stage), form, status: 200 });
  };
  const code = { grant_type: "authorization_code", client_id: clients.app, redirect_uri: redirectUri };
  const credentials = `Basic ${Buffer.from(`${clients.service.id}:${"wrong".repeat(8)}`).toString("base64")}`;
  const byStranger =
    (message: () => Message): Deed =>
    () =>
      askAsStranger(place.port, message());
  return [
    kind("bearer", 445, (connection, person) => ask(connection, { ...bearerOf(tokenOf(person).accessToken), status: 200 })),
    kind("introspect", 150, introspect),
    kind("refresh", 100, refresh),
    kind("client credentials", 60, (connection) => clientCredentials(connection, 0, 0)),
    kind("discovery", 50, (connection) => discovery(connection, 0, 0)),
    kind("connected and revoked", 10, connectAgain, 5),
    kind("signed in", 3, async (connection, person) => void (await target.signIn(connection, place, person)), 2),
    kind(
      "registered for nothing",
      50,
      byStranger(() => ({ method: "POST", path: paths.register, json: registration(), status: 201 })),
    ),
    kind(
      "unknown token",
      50,
      byStranger(() => ({ ...bearerOf(unknownToken()), status: 401 })),
    ),
    kind(
      "wrong client secret",
      40,
      byStranger(() => ({
        method: "POST",
        path: paths.token,
        headers: { authorization: credentials },
        form: { grant_type: "client_credentials" },
        status: 401,
      })),
    ),
    kind(
      "wrong code",
      40,
      byStranger(() => ({
        method: "POST",
        path: paths.token,
        form: { ...code, code: unknownToken(), code_verifier: "v".repeat(43) },
        status: 400,
      })),
    ),
    kind("wrong password", 2, () => signInWrongly(stage), 2),
  ];
}

const kind = (name: string, share: number, deed: Deed, requests = 1): Kind => ({ name, share, requests, deed });

/** Of an operation that needs nothing made before. */
const prepared = async (operation: Operation, stage: Stage): Promise<Unit> => operation.prepare(stage, [], 0);

const ask = async (connection: Connection, message: Message): Promise<void> => void (await connection.send(message));

async function connectEverybody(stage: Stage): Promise<Tokens[]> {
  const connection = new Connection(stage.place.port);
  const held: Tokens[] = [];
  for (let person = 0; person < stage.browsers.length; person++) held.push(await connectApp(connection, stage, browserOf(stage, person)));
  connection.close();
  return held;
}

function browserOf({ browsers }: Stage, person: number) {
  const browser = browsers[person];
  if (browser === undefined) throw new Error(`person ${person} is not signed in`);
  return browser;
}

/** Every stranger comes once, from an address of its own, on a connection of its own. */
async function askAsStranger(port: number, message: Message): Promise<void> {
  const connection = new Connection(port);
  try {
    await connection.send({ ...message, headers: { ...message.headers, "x-forwarded-for": anyAddress() } });
  } finally {
    connection.close();
  }
}

/** Of nobody's account. */
async function signInWrongly({ place }: Stage): Promise<void> {
  const connection = new Connection(place.port);
  const cookies = new Cookies();
  const address = { "x-forwarded-for": anyAddress() };
  try {
    const page = await connection.send({ path: "/sign_in", headers: address, status: 200 });
    cookies.take(page);
    const form = {
      ...filledForm(page.body.toString()).fields,
      email: `nobody${randomInt(1_000_000)}@example.com`,
      password: "a long guess",
    };
    const headers = { ...address, cookie: cookies.header, origin: place.origin };
    await connection.send({ method: "POST", path: "/sign_in", headers, form, status: 401 });
  } finally {
    connection.close();
  }
}

const anyAddress = (): string => [randomInt(11, 120), randomInt(256), randomInt(256), randomInt(1, 255)].join(".");
const unknownToken = (): string => `vs_at_${randomBytes(36).toString("base64url")}x`;

const registration = () => ({
  client_name: `Command-line tool ${randomInt(1_000_000)}`,
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: "none",
});
