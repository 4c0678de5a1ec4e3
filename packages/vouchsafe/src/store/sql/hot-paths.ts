import type { Token } from "../../protocol/token.ts";
import type { Opening, Rotation } from "../store.ts";
import { get, run, type Work } from "./database.ts";
import { agreementToRow, grantToRow, type Parameters, tokenToRow } from "./rows.ts";
import { statements } from "./statements.ts";

/** What most tokens come from. An engine to which every statement is a journey has its own, of one statement each. */
export interface HotPaths {
  openGrant(opening: Opening, at: number): Work<"opened" | "spent" | "void">;
  rotate(rotation: Rotation): Work<boolean>;
}

/** In the plain statements. */
export const hotPaths: HotPaths = {
  *openGrant({ grant, agreement, tokens, firstOfClient }, at) {
    if ((yield* run(statements.openGrant, { ...grantToRow(grant), ...agreementToRow(agreement) })) === 0)
      return (yield* get(statements.grant, { id: grant.id })) ? "spent" : "void";
    yield* addTokens(tokens);
    if (firstOfClient) yield* run(statements.markGranted, { id: grant.clientId, at });
    return "opened";
  },
  *rotate({ hash, at, successors, answer }) {
    if ((yield* run(statements.spend, { hash, at, answer })) === 0) return false;
    yield* addTokens(successors);
    return true;
  },
};

/** Two tokens, as most answers have, are one statement with two rows. */
export function* addTokens(tokens: readonly Token[]): Work<void> {
  const [first, second, ...more] = tokens;
  if (first !== undefined && second !== undefined && more.length === 0) yield* run(statements.addTokenPair, pairToRow(first, second));
  else for (const token of tokens) yield* run(statements.addToken, tokenToRow(token));
}

/** The values of each token have names that end in its number. */
export const pairToRow = (first: Token, second: Token): Parameters => {
  const [one, two] = [tokenToRow(first), tokenToRow(second)];
  return {
    hash1: one.hash,
    kind1: one.kind,
    grantId1: one.grantId,
    clientId1: one.clientId,
    scope1: one.scope,
    audience1: one.audience,
    issuedAt1: one.issuedAt,
    expiresAt1: one.expiresAt,
    hash2: two.hash,
    kind2: two.kind,
    grantId2: two.grantId,
    clientId2: two.clientId,
    scope2: two.scope,
    audience2: two.audience,
    issuedAt2: two.issuedAt,
    expiresAt2: two.expiresAt,
  };
};
