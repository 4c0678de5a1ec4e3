import { parseTokens, resourceOf } from "./authorization-flow.ts";
import type { KnownGrant } from "./known-tokens.ts";
import { type Operation, operations, serviceHeaders } from "./operations.ts";
import type { Stage } from "./stage.ts";

export type ScaleOperations = Readonly<Record<string, Operation>>;

/**
 * What is measured, as in every benchmark; but a request about a token is about any of those that the database was filled with:
 * the one token of a small benchmark is always at hand, however many there are beside it.
 */
export function scaleOperations(known: readonly KnownGrant[], stage: Stage): ScaleOperations {
  const chains = known.map(({ refreshToken }) => refreshToken);
  const { flow, client_credentials, revoke, registration } = operations;
  return {
    refresh: {
      // A connection has chains of its own, and takes them in turn.
      prepare: (_stage, { length }) => {
        const turns = Array.from({ length }, () => 0);
        return async (connection, lane) => {
          const turn = turns[lane] ?? 0;
          turns[lane] = turn + 1;
          const ownChains = Math.floor(chains.length / length);
          const chain = lane + length * (turn % ownChains);
          const form = { grant_type: "refresh_token", client_id: known[chain]?.clientId ?? "", refresh_token: chains[chain] ?? "" };
          const path = stage.target.paths.token;
          const answer = await connection.send({ method: "POST", path, form: { ...form, ...resourceOf(stage) }, status: 200 });
          const { refreshToken } = parseTokens(answer);
          if (refreshToken === form.refresh_token) throw new Error("the refresh token was not rotated");
          chains[chain] = refreshToken;
        };
      },
    },
    client_credentials,
    introspect: {
      prepare: () => async (connection, _lane, unit) => {
        const form = { token: known[unit % known.length]?.accessToken ?? "", token_type_hint: "access_token" };
        const path = stage.target.paths.introspect;
        const answer = await connection.send({ method: "POST", path, headers: serviceHeaders(stage), form, status: 200 });
        if (!answer.body.includes('"active":true')) throw new Error(`the token is not active: ${answer.body.toString()}`);
      },
    },
    bearer: {
      prepare: () => async (connection, _lane, unit) => {
        const headers = { authorization: `Bearer ${known[unit % known.length]?.accessToken}` };
        await connection.send({ path: stage.target.paths.api, headers, status: 200 });
      },
    },
    flow,
    // Each needs a connection made before, which takes longer than its end.
    revoke: { ...revoke, most: 300 },
    registration,
  };
}
