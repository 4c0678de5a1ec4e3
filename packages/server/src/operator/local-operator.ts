import { type AuthorizationServer, type SigningAlgorithm, signingAlgorithms } from "vouchsafe";
import type { Accounts } from "../accounts.ts";
import { cleanupDocument, keyDocument } from "./documents.ts";
import { localAudit } from "./local-audit.ts";
import { asBadInput, localClients } from "./local-clients.ts";
import { localGrants } from "./local-grants.ts";
import { localUsers } from "./local-users.ts";
import { BadInput, NotFound, type Operator } from "./operator.ts";
import type { Standing } from "./standing.ts";

interface Parts {
  readonly oauth: AuthorizationServer;
  readonly accounts: Accounts;
}

/** The operator of this very server, over its database. */
export function createOperator({ oauth, accounts }: Parts, by: Standing["by"] = {}): Operator {
  const admin = by.operator === undefined ? oauth.admin : oauth.admin.as(by.operator, by);
  const standing = { admin, accounts, by };
  return {
    as: (operator, circumstances = {}) => createOperator({ oauth, accounts }, { operator, ...circumstances }),
    ...localClients(standing),
    ...localGrants(standing),
    ...localUsers(standing),
    ...localAudit(standing),

    keys: async () => ({
      items: (await admin.signingKeys()).map(keyDocument).sort((a, b) => keyStates.indexOf(a.state) - keyStates.indexOf(b.state)),
    }),
    rotateKey: async (algorithm) => keyDocument(await admin.rotateSigningKey(algorithmOf(algorithm))),
    registrationTokens: async () => ({
      items: (await admin.registrationTokens()).map(({ id, usesLeft, createdAt }) => ({
        id,
        uses_left: usesLeft,
        created_at: new Date(createdAt).toISOString(),
      })),
    }),
    createRegistrationToken: (uses) => asBadInput(admin.createRegistrationToken(uses)),
    revokeRegistrationToken: async (id) => {
      if (!(await admin.revokeRegistrationToken(id))) throw new NotFound(`There is no registration token ${id}.`);
    },
    cleanUp: async (isRehearsal) =>
      cleanupDocument(await admin.cleanUp(isRehearsal), await (isRehearsal ? accounts.countEnded() : accounts.sweep())),
  };
}

/** What signs now stands first. */
const keyStates = ["signing", "next", "retired"];

/** @throws BadInput */
function algorithmOf(name: string | undefined): SigningAlgorithm | undefined {
  const known = signingAlgorithms.find((algorithm) => algorithm === name);
  if (name !== undefined && known === undefined) throw new BadInput(`There is no algorithm ${name}: ${signingAlgorithms.join(", ")}.`);
  return known;
}
