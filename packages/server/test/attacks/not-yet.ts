/**
 * What is not run, and why: a case id, or the letters of a whole group. A case that is skipped has not passed; the report
 * says so. "decided:" marks the cases that a decision of ours wins over (README.md), "not offered:" what README lists as
 * such, "elsewhere:" what another test looks at, and "later:" what an issue to come brings: its entry goes with it.
 */
const notYet: Readonly<Record<string, string>> = {
  "DU-001": "elsewhere: test/crash.test.ts, and npm run crash",
  "DU-002": "elsewhere: test/crash.test.ts, and npm run crash",
  "DU-003": "elsewhere: test/crash.test.ts, and npm run crash",
  "DU-010": "elsewhere: test/crash.test.ts and test/shutdown.test.ts",
  "DU-011": "elsewhere: test/shutdown.test.ts",
  "DU-013": "elsewhere: test/crash.test.ts, and npm run crash",
  "DU-016": "elsewhere: test/backup.test.ts; after a restore no code from before is redeemed, used or not",

  "DU-005": "elsewhere: test/start.test.ts, what SQLite is told",
  "DU-006": "elsewhere: test/disk-full.test.ts and test/faults.test.ts",
  "DU-007": "elsewhere: test/disk-full.test.ts and test/faults.test.ts",
  "DU-017": "elsewhere: the library's test/cleanup-history.test.ts",
  "DU-020": "elsewhere: test/sign-in-flood.test.ts and test/turns.test.ts",
  "DU-021": "elsewhere: test/defects.test.ts, and the library's test/flows/storage-faults.test.ts",
  "ST-016": "elsewhere: test/defects.test.ts",

  "PK-036": "not offered: no client may opt out of PKCE",
  "CA-016": "not offered: ids and secrets are ours, of A-Za-z0-9_- only",
  "CA-017": "not offered: ids and secrets are ours, of A-Za-z0-9_- only",
  "LG-045": "not offered: no password reset and no magic link",
  "LG-047": "not offered: no set-up page; the first administrator is made by command",
  "AD-004": "not offered: whoever may look may also act",
  "AD-018": "not offered: one operator, no tenants",
  "AD-024": "not offered: nobody signs in as somebody else",

  "RT-006": "decided: no cap on replays within the overlap; the pair is the same one",
  "RI-017": "decided: a grant for which no resource was named covers all resources of the issuer's origin; no token is without audience",
  "PK-035": "decided: codes are sealed envelopes; no row holds a challenge method that could be edited",
  "CA-021": "decided: ids and secrets of A-Za-z0-9_- have one encoding in both alphabets, so the request is a correct one",
  "IN-014": "decided: no token begins later than it is issued",

  "LG-015": "decided: a body over 64 KiB is 413, on every page and endpoint",
  "TK-049": "decided: who asks is settled before what is asked for; without a client that is 401",
  "HT-018": "decided: an upgrade that is not offered is answered as the plain request that it also is (RFC 9110 §7.8)",

  "CN-010": "elsewhere: test/browser, in Chromium",
  "CN-011": "elsewhere: test/browser, in Chromium",
  "CN-012": "elsewhere: test/browser, in Chromium",
  "CN-040": "elsewhere: test/browser, in Chromium",
  "CN-041": "elsewhere: test/browser, in Chromium",
  "CN-044": "elsewhere: test/browser, in Chromium",
  "CN-046": "elsewhere: test/browser, in Chromium",
  "HT-027": "elsewhere: the library's tests, mounted in a host app",

  "AZ-048": "the server takes no clock from outside, and a test does not wait 11 minutes",
  "CK-003": "the server takes no clock from outside",
  "CK-004": "the server takes no clock from outside",
  "CA-042": "timing needs a quiet machine and thousands of samples: not in a test run",
  "CA-043": "timing needs a quiet machine and thousands of samples: not in a test run",
  "RL-019": "a million keys and a memory limit: not in a test run",
  "RL-021": "10 000 requests a second: not in a test run",
  "HT-011": "slow bodies end after node:http's request timeout of minutes: not in a test run",
  "BR-030": "the demo API has no upstream to pass a token to",
};

/** Why this case is not run; undefined: it is. */
export const reasonToSkip = (id: string, group: string): string | undefined => notYet[id] ?? notYet[group];
