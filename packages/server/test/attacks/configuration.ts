/** Which server a case needs. Cases with the same settings share one. */
import { adminStage } from "./admin-routes.ts";
import type { AttackCase } from "./attack-case.ts";
import type { StageSettings } from "./stage.ts";

const configurations: Readonly<Record<string, StageSettings>> = {
  standard: {},
  "registration off": { environment: { OAUTH_REGISTRATION: "off" } },
  "registration by token": { environment: { OAUTH_REGISTRATION: "token" } },
  // Real waiting replaces the clock that fixtures.json wants injected.
  "short lives": { environment: { OAUTH_CODE_LIFETIME: "1", OAUTH_TOKEN_LIFETIME: "1" } },
  "short overlap": { environment: { OAUTH_REFRESH_OVERLAP: "1" } },
  "below a path": { path: "/tenant1" },
  "in a network": { network: true },
  "with a scope for administrators": adminStage,
  "JWT access tokens": { environment: { OAUTH_ACCESS_TOKEN_FORMAT: "jwt" } },
};

export function configurationFor({ precondition, steps, id, group }: AttackCase): string {
  if (group === "CI" || steps.some((step) => /\{(?:doc|cimd)\}/.test(step))) return "in a network";
  if (steps.some((step) => step.includes("{jwt_at}"))) return "JWT access tokens";
  if (group === "AD" || ["SC-022", "PT-005"].includes(id)) return "with a scope for administrators";
  if (precondition.startsWith("DCR off")) return "registration off";
  if (precondition.startsWith("DCR requires an initial access token")) return "registration by token";
  if (steps.some((step) => /\{at:expired\}/.test(step)) || shortLived.has(id)) return "short lives";
  if (overlapEnds.has(id)) return "short overlap";
  return steps.some((step) => step.includes("oauth-authorization-server/tenant1")) ? "below a path" : "standard";
}

export const settingsOf = (name: string): StageSettings => configurations[name] ?? {};

/** Cases that wait for the end of a code or a token. */
const shortLived: ReadonlySet<string> = new Set(["CD-009", "CD-010", "CK-001"]);

/** Cases that wait for the end of the overlap. */
const overlapEnds: ReadonlySet<string> = new Set(["RT-001", "RT-002", "RT-030"]);

/** Cases that start servers of their own and leave the shared ones alone, or do little but wait: they can run beside all others. */
export const standsAlone = ({ id, group }: AttackCase): boolean => group === "RL" || withOwnServer.has(id);

const withOwnServer: ReadonlySet<string> = new Set(
  "RT-018 RT-026 RT-027 RT-032 RI-018 CN-008 LG-031 LG-035 LG-036 RV-013 ST-007 CK-006 CA-044 PK-041 MD-023 DR-147 CI-090 CI-091 CI-092 CI-093 CI-122 CI-125 PT-011 RV-011".split(
    " ",
  ),
);

/** What it measures is how soon others are answered meanwhile: no other case runs beside it. */
export const wantsQuiet = ({ id }: AttackCase): boolean => id === "CI-125";

/** About half of the time of all cases, so that two workers can share them. */
export const isAboutTokens = ({ group }: AttackCase): boolean =>
  ["CD", "RT", "CA", "TK", "CC", "DR", "CI", "IN", "RV", "BR", "AP", "PT", "CK"].includes(group);

/** What rests on what a store keeps and decides. The rest is the same whatever the store is. */
export const isAboutStore = ({ group }: AttackCase): boolean =>
  ["CD", "RT", "CC", "DR", "IN", "RV", "AP", "PT", "CK", "ST", "AD", "IJ"].includes(group);
