/** The flows that rest on what a store keeps and decides, on PostgreSQL too. */
import { describe } from "vitest";
import { emptiedStores } from "./a-postgres/emptied-stores.ts";
import { keepIn } from "./a-server.ts";

keepIn(emptiedStores());

const flows = {
  "authorization code": () => import("./flows/authorization-code.test.ts"),
  refresh: () => import("./flows/refresh.test.ts"),
  revocation: () => import("./flows/revocation.test.ts"),
  "connected apps": () => import("./flows/connected-apps.test.ts"),
  "a connection edited": () => import("./flows/edit-connection.test.ts"),
  "changes under a page": () => import("./flows/changes-under-a-page.test.ts"),
  "personal access tokens": () => import("./flows/personal-access-tokens.test.ts"),
  registration: () => import("./flows/registration.test.ts"),
  "ends of JWT access tokens": () => import("./flows/jwt-access-token-ends.test.ts"),
  "pushed requests": () => import("./flows/pushed-requests.test.ts"),
  "replayed assertions": () => import("./flows/client-assertion-replay.test.ts"),
  "step-up": () => import("./flows/standing-consent.test.ts"),
  audit: () => import("./flows/audit.test.ts"),
};

for (const [name, load] of Object.entries(flows)) describe(`${name}, on PostgreSQL`, async () => void (await load()));
