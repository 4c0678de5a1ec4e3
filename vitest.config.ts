import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

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

/**
 * The files that take longest, about the longest first. The two of cases that start servers of their own, five at once, are far
 * from each other.
 */
const slowest = [
  "attacks/attacks-alone-on-postgres",
  "attacks/attacks-on-postgres",
  "browser/accessibility",
  "attacks/attacks-on-tokens",
  "crash",
  "browser/hostile-values",
  "soak",
  "workers",
  "attacks/attacks-alone",
  "attacks/attacks",
  "browser/valid-html",
].map((name) => `/packages/server/test/${name}.test.ts`);

/** Lets the slowest begin first, so that no worker waits for another one's last file. The others come by their size. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): number => {
      const found = project.name === "all" ? slowest.findIndex((name) => moduleId.endsWith(name)) : -1;
      return found === -1 ? slowest.length : found;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    globalSetup: ["packages/server/test/browser/unpack-chromium.ts", "packages/vouchsafe/test/a-postgres/one-for-all.ts"],
    pool: "threads",
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
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
