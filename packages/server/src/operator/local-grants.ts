import type { Admin, GrantFilter, KnownGrant } from "vouchsafe";
import { grantDocument, reachDocument, tokenDocument } from "./documents.ts";
import { idAfter, limitOf, oneOf, pageOf, placeAfter } from "./listing.ts";
import { asBadInput } from "./local-clients.ts";
import { NotFound, type Operator, type ReachDocument } from "./operator.ts";
import { accountsOf, ofWhom, requireAccount, type Standing } from "./standing.ts";

/** The most tokens that one page looks at, so that a rare one does not take a walk through all of them. */
const walk = 50_000;

/** Connections, personal tokens, and the tokens under them. */
export const localGrants = ({
  admin,
  accounts,
}: Standing): Pick<Operator, "grants" | "grant" | "revokeGrant" | "tokens" | "createToken" | "revokeToken"> => ({
  grants: async (filter) => {
    const limit = limitOf(filter);
    const state = oneOf("state", ["live", "ended", "all"], filter.state) ?? "live";
    const kind = oneOf("kind", ["connection", "personal"], filter.kind);
    const place = placeAfter(filter);
    const found = await admin.grants({
      most: limit + 1,
      ...(await ofWhom(accounts, filter)),
      ...(kind === undefined ? {} : { kind }),
      ...(state === "all" ? {} : { isLive: state === "live" }),
      ...(place === undefined ? {} : { after: { createdAt: place.at, id: place.id } }),
    } satisfies GrantFilter);
    const owners = await accountsOf(
      accounts,
      found.map(({ grant }) => grant.subject),
    );
    return pageOf(
      found,
      limit,
      (known) => grantDocument(known, owners.get(known.grant.subject), Date.now()),
      ({ grant }) => ({ at: grant.createdAt, id: grant.id }),
    );
  },
  grant: async (id) => {
    const known = await requireGrant(admin, id);
    return grantDocument(known, await accounts.byId(known.grant.subject), Date.now());
  },
  revokeGrant: async (id, isRehearsal) => {
    await requireGrant(admin, id);
    const reach = await admin.reach({ grantId: id });
    if (!isRehearsal) await admin.revokeGrant(id);
    return reachDocument(reach);
  },

  tokens: async (filter) => {
    const limit = limitOf(filter);
    const kind = oneOf("kind", ["access", "refresh", "personal"], filter.kind);
    const before = idAfter(filter);
    const { tokens, next } = await admin.tokens({
      most: limit,
      walk,
      ...(await ofWhom(accounts, filter)),
      ...(filter.grant === undefined ? {} : { grantId: filter.grant }),
      ...(kind === undefined ? {} : { kind }),
      ...(before === undefined ? {} : { before }),
    });
    const owners = await accountsOf(
      accounts,
      tokens.map(({ subject }) => subject),
    );
    return {
      items: tokens.map((token) => tokenDocument(token, owners.get(token.subject), Date.now())),
      ...(next === undefined ? {} : { next: String(next) }),
    };
  },
  createToken: async ({ user, name, scope, ends }) => {
    const account = await requireAccount(accounts, user);
    const { personal, value } = await asBadInput(
      admin.createPersonalToken({
        subject: account.id,
        name,
        ...(scope === undefined ? {} : { scope: scope.split(" ").filter((word) => word !== "") }),
        ...(ends === undefined ? {} : { ends }),
      }),
    );
    return { ...grantDocument(personal, account, Date.now()), token: value };
  },
  revokeToken: async (id, isRehearsal) => {
    const number = /^\d{1,15}$/.test(id) ? Number(id) : -1;
    const { tokens } = await admin.tokens({ before: number + 1, most: 1, walk: 1 });
    const [token] = tokens;
    if (token?.id !== number) throw new NotFound(`There is no token ${id}.`);
    const isActive = tokenDocument(token, undefined, Date.now()).state === "active";
    if (!isRehearsal) await admin.revokeToken(number);
    return tokenReach(token.kind, token.grantId === undefined, isActive);
  },
});

async function requireGrant(admin: Admin, id: string): Promise<KnownGrant> {
  const [known] = await admin.grants({ id, most: 1 });
  if (known === undefined) throw new NotFound(`There is no grant ${id}.`);
  return known;
}

/** Ending one token ends nothing else, but a personal one with its grant. */
const tokenReach = (kind: string, isOwn: boolean, isActive: boolean): ReachDocument => ({
  people: isActive && !isOwn ? 1 : 0,
  connections: 0,
  personal_tokens: isActive && kind === "personal" ? 1 : 0,
  client_tokens: isActive && isOwn ? 1 : 0,
});
