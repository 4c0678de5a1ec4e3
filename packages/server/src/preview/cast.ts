/** Who and what the sample pages show. */
export const now = Date.UTC(2026, 10, 20, 12);
export const day = 86_400_000;
export const ada = { id: "ada", name: "Ada", email: "ada@example.com" };
const scope = { required: false, operatorOnly: false, implies: [] };
export const vocabulary = new Map([
  ["read", { ...scope, description: "Read your notes" }],
  ["write", { ...scope, description: "Create, change and delete notes" }],
]);

export const grantOf = (id: string, endsAt: number | undefined) =>
  ({
    id,
    clientId: id,
    subject: "ada",
    scope: ["read", "write"],
    resources: [],
    createdAt: now - 18 * day,
    redeemedAt: now - 18 * day,
    endsAt,
    revokedAt: undefined,
  }) as const;

export const clientOf = (id: string, name: string, origin: "document" | "dynamic") =>
  ({
    id,
    name,
    origin,
    firstParty: false,
    authMethod: "none",
    redirectUris: [],
    grantTypes: [],
    scope: [],
    resources: [],
    resourceServerOf: [],
    secrets: [],
    registrationToken: undefined,
    metadata: {},
    createdAt: now,
    grantedAt: now,
    disabledAt: undefined,
    freshUntil: undefined,
    revision: 0,
  }) as const;
