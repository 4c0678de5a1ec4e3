import { defineConfig } from "vitest/config";

const report = process.env["VITEST_REPORT"];

/** The flows that rest on what a store keeps and decides: once more, on PostgreSQL. */
const flows = [
  "authorization-code",
  "refresh",
  "revocation",
  "connected-apps",
  "edit-connection",
  "changes-under-a-page",
  "personal-access-tokens",
  "registration",
  "jwt-access-token-ends",
  "pushed-requests",
  "client-assertion-replay",
  "standing-consent",
  "audit",
];

/** What an operator and people do with a server: once more, on PostgreSQL. */
const server = [
  "numbers-agree",
  "accounts",
  "admin-api-access",
  "admin-api-events",
  "admin-api-input",
  "admin-api-routes",
  "commands-operator",
  "operator/local-users",
];

export default defineConfig({
  test: {
    globalSetup: ["packages/server/test/browser/unpack-chromium.ts", "packages/vouchsafe/test/a-postgres/one-for-all.ts"],
    pool: "threads",
    isolate: false,
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: ["packages/*/test/**/*.test.ts"],
          setupFiles: ["packages/server/test/brief-connections.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "flows on PostgreSQL",
          include: flows.map((name) => `packages/vouchsafe/test/flows/${name}.test.ts`),
          setupFiles: ["packages/vouchsafe/test/a-postgres/flows-kept-here.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "servers on PostgreSQL",
          include: server.map((name) => `packages/server/test/${name}.test.ts`),
          setupFiles: ["packages/server/test/brief-connections.ts", "packages/server/test/servers-on-postgres.ts"],
        },
      },
    ],
  },
});
