import { get, run } from "../sql/database.ts";
import { type HotPaths, hotPaths, pairToRow } from "../sql/hot-paths.ts";
import { agreementToRow, grantToRow } from "../sql/rows.ts";
import { insertGrant, spendToken, statements } from "../sql/statements.ts";

/** Two tokens, where something before them has happened. A list of values knows no types but those it is told. */
const addTokensIf = (happened: string): string => `
  INSERT INTO tokens (hash, kind, grant_id, client_id, scope, audience, issued_at, expires_at)
  SELECT * FROM (VALUES
    (CAST(:hash1 AS BYTEA), :kind1, :grantId1, :clientId1, :scope1, :audience1, CAST(:issuedAt1 AS BIGINT), CAST(:expiresAt1 AS BIGINT)),
    (CAST(:hash2 AS BYTEA), :kind2, :grantId2, :clientId2, :scope2, :audience2, CAST(:issuedAt2 AS BIGINT), CAST(:expiresAt2 AS BIGINT))
  ) AS added WHERE EXISTS (SELECT 1 FROM ${happened})`;

/** A refresh, and the redemption of a code, as one statement each. */
export const hotStatements = {
  rotate: `
    WITH spent AS (${spendToken} RETURNING hash)
    ${addTokensIf("spent")}`,
  openGrant: `
    WITH opened AS (${insertGrant} RETURNING client_id),
    marked AS (
      UPDATE clients SET granted_at = :at
      WHERE id = (SELECT client_id FROM opened) AND granted_at IS NULL AND CAST(:isFirst AS INTEGER) = 1
    )
    ${addTokensIf("opened")}`,
} as const;

/** What is rarer than a pair of tokens takes the plain statements. */
export const postgresHotPaths: HotPaths = {
  *openGrant(opening, at) {
    const { grant, agreement, tokens, firstOfClient } = opening;
    const [first, second, ...more] = tokens;
    if (first === undefined || second === undefined || more.length > 0) return yield* hotPaths.openGrant(opening, at);
    const ofGrant = { ...grantToRow(grant), ...agreementToRow(agreement), at, isFirst: firstOfClient ? 1 : 0 };
    if ((yield* run(hotStatements.openGrant, { ...ofGrant, ...pairToRow(first, second) })) > 0) return "opened";
    return (yield* get(statements.grant, { id: grant.id })) ? "spent" : "void";
  },
  *rotate(rotation) {
    const { hash, at, successors, answer } = rotation;
    const [first, second, ...more] = successors;
    if (first === undefined || second === undefined || more.length > 0) return yield* hotPaths.rotate(rotation);
    return (yield* run(hotStatements.rotate, { hash, at, answer, ...pairToRow(first, second) })) > 0;
  },
};
