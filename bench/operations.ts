import { authorizationRequest, connectApp, parseTokens, resourceOf } from "./authorization-flow.ts";
import { collect } from "./collection.ts";
import type { Connection } from "./connection.ts";
import type { Cookies } from "./cookies.ts";
import { registerApp } from "./registration.ts";
import type { Stage } from "./stage.ts";

/** Does one unit, on the connection with this number. Throws where the answer is not the right one. */
export type Unit = (connection: Connection, lane: number, unit: number) => Promise<void>;

export interface Operation {
  /** At most this many units a round, where each needs something made before. */
  readonly most?: number;
  /** This many connections, whatever the flags say, where what counts is how long somebody waits. */
  readonly connections?: number;
  /** Makes what is needed before the clock starts. */
  readonly prepare: (stage: Stage, connections: readonly Connection[], units: number) => Promise<Unit> | Unit;
}

export type OperationName = keyof typeof operations;

/** What is measured. A unit is one request, and for `flow` the whole way to the tokens. `limits.ts` says what it may cost. */
export const operations = {
  discovery: {
    prepare:
      ({ target }) =>
      async (connection) => {
        await connection.send({ path: target.paths.metadata, status: 200 });
      },
  },
  flow: {
    prepare: (stage) => async (connection, lane) => {
      await connectApp(connection, stage, browserOf(stage, lane));
    },
  },
  refresh: {
    // Every person's app rotates its own chain.
    prepare: async (stage, connections) => {
      const chains = await Promise.all(connections.map((connection, lane) => connectApp(connection, stage, browserOf(stage, lane))));
      const { target, clients } = stage;
      return async (connection, lane) => {
        const form = { grant_type: "refresh_token", client_id: clients.app, refresh_token: chains[lane]?.refreshToken ?? "" };
        const path = target.paths.token;
        const answer = await connection.send({ method: "POST", path, form: { ...form, ...resourceOf(stage) }, status: 200 });
        const tokens = parseTokens(answer);
        if (tokens.refreshToken === form.refresh_token) throw new Error("the refresh token was not rotated");
        chains[lane] = tokens;
      };
    },
  },
  bearer: {
    prepare: async (stage, connections) => {
      const headers = { authorization: `Bearer ${await oneAccessToken(stage, connections)}` };
      return async (connection) => {
        await connection.send({ path: stage.target.paths.api, headers, status: 200 });
      };
    },
  },
  registration: {
    prepare:
      ({ target }) =>
      async (connection, _lane, unit) => {
        await registerApp(connection, target, `Command-line tool ${unit}`);
      },
  },
  revoke: {
    most: 1000,
    prepare: async (stage, connections, units) => {
      const refreshTokens = await grants(stage, connections, units);
      const { target, clients } = stage;
      return async (connection, _lane, unit) => {
        const form = { client_id: clients.app, token: refreshTokens[unit] ?? "", token_type_hint: "refresh_token" };
        await connection.send({ method: "POST", path: target.paths.revoke, form, status: 200 });
      };
    },
  },
  client_credentials: {
    prepare: (stage) => async (connection) => {
      const form = { grant_type: "client_credentials", scope: stage.target.scope };
      await connection.send({ method: "POST", path: stage.target.paths.token, headers: serviceHeaders(stage), form, status: 200 });
    },
  },
  introspect: {
    prepare: async (stage, connections) => {
      const form = { token: await oneAccessToken(stage, connections), token_type_hint: "access_token" };
      return async (connection) => {
        const path = stage.target.paths.introspect;
        const answer = await connection.send({ method: "POST", path, headers: serviceHeaders(stage), form, status: 200 });
        if (!answer.body.includes('"active":true')) throw new Error(`the token is not active: ${answer.body.toString()}`);
      };
    },
  },
  consent: {
    // Nobody has connected this app: what its page says does not depend on what was measured before.
    prepare: (stage) => {
      const path = authorizationRequest(stage, stage.clients.newApp);
      return async (connection, lane) => {
        const page = await connection.send({ path, headers: { cookie: browserOf(stage, lane).header }, status: 200 });
        if (!page.body.includes('<form method="post"') || !page.body.includes('name="decision" value="allow"'))
          throw new Error(`there is no decision to make on ${page.body.toString().slice(0, 300)}`);
      };
    },
  },
  connected_apps: {
    connections: 1,
    prepare: async (stage) => {
      const path = await collect(stage);
      const headers = { cookie: stage.collector.header, accept: "text/html" };
      return async (connection) => {
        const page = await connection.send({ path, headers, status: 200 });
        if (!page.body.includes('rel="next"')) throw new Error(`there is no next page on ${page.body.toString().slice(0, 300)}`);
      };
    },
  },
} as const satisfies Record<string, Operation>;

/** RFC 6749 §2.3.1 */
export function serviceHeaders({ clients: { service } }: Stage): Record<string, string> {
  const pair = `${encodeURIComponent(service.id)}:${encodeURIComponent(service.secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function browserOf({ browsers }: Stage, lane: number): Cookies {
  const browser = browsers[lane];
  if (browser === undefined) throw new Error(`nobody is signed in on connection ${lane}`);
  return browser;
}

async function oneAccessToken(stage: Stage, [connection]: readonly Connection[]): Promise<string> {
  if (connection === undefined) throw new Error("there is no connection");
  return (await connectApp(connection, stage, browserOf(stage, 0))).accessToken;
}

/** The refresh tokens of this many grants. */
async function grants(stage: Stage, connections: readonly Connection[], units: number): Promise<readonly string[]> {
  const made = await Promise.all(
    connections.map(async (connection, lane) => {
      const own: string[] = [];
      for (let unit = lane; unit < units; unit += connections.length) {
        own.push((await connectApp(connection, stage, browserOf(stage, lane))).refreshToken);
      }
      return own;
    }),
  );
  return made.flat();
}
