/** What an operator and people do with a server, on PostgreSQL too. */
import { describe } from "vitest";
import { newDatabase } from "../../vouchsafe/test/a-postgres/new-database.ts";
import { keepIn } from "./running-server.ts";

keepIn(newDatabase);

const parts = {
  "numbers that agree": () => import("./numbers-agree.test.ts"),
  accounts: () => import("./accounts.test.ts"),
  "the admin API, access": () => import("./admin-api-access.test.ts"),
  "the admin API, events": () => import("./admin-api-events.test.ts"),
  "the admin API, input": () => import("./admin-api-input.test.ts"),
  "the admin API, routes": () => import("./admin-api-routes.test.ts"),
  commands: () => import("./commands-operator.test.ts"),
  "local users": () => import("./operator/local-users.test.ts"),
};

for (const [name, load] of Object.entries(parts)) describe(`${name}, on PostgreSQL`, async () => void (await load()));
