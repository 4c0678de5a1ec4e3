import { join } from "node:path";
import { Cookies } from "./cookies.ts";
import type { Target } from "./target.ts";

/** What floor.ts holds from its start. */
export const floorApp = "app";
export const floorService = { id: "service", secret: "s".repeat(43) } as const;
export const floorSession = (person: number): string => `session${person}`;

/**
 * The yardstick. Under load it commits with `synchronous=NORMAL`, which spares it the wait for the disk. On one
 * connection, where no commit is shared, it has the same FULL as we have: there the limits compare like with like.
 */
export const yardstick = (connections: number): Target => ({
  name: "floor",
  command: [join(import.meta.dirname, "floor.ts")],
  environment: ({ port, directory, people }) => ({
    PORT: String(port),
    DATABASE_FILE: join(directory, "floor.db"),
    SYNCHRONOUS: connections === 1 ? "FULL" : "NORMAL",
    PEOPLE: String(people),
  }),
  populate: () => Promise.resolve({ app: floorApp, newApp: floorApp, service: floorService }),
  signIn: (_connection, _place, person) => Promise.resolve(new Cookies({ sid: floorSession(person) })),
  allowButton: {},
  paths: {
    metadata: "/.well-known/oauth-authorization-server",
    authorize: "/authorize",
    token: "/token",
    introspect: "/introspect",
    revoke: "/revoke",
    register: "/register",
    api: "/me",
    connectedApps: undefined,
  },
  scope: "mcp",
  resource: undefined,
});
