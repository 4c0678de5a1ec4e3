/** What the sweeps send: the strings that have broken servers before, and a generator for others. */

export const sqlCorpus = [
  "'",
  '"',
  ";",
  "--",
  "/*",
  ")",
  "' OR 1=1--",
  "' UNION SELECT NULL--",
  "'; SELECT pg_sleep(5)--",
  "randomblob(1e9)",
  "\\",
  "%00",
  "$1",
  "?",
  ":a",
];
export const prototypeKeys = ["__proto__", "constructor", "constructor.prototype", "toString", "hasOwnProperty", "__proto__[isAdmin]"];
export const lineBreaks = ["a\r\nSet-Cookie: x=1", "a\nb", "a\u2028b", "a\u0085b", "a\r\n\r\n<script>"];
export const longStrings = ["a", " ", "/", ".", "%41", "["].map((character) => character.repeat(5_000)).concat(`${"a".repeat(5_000)}!`);

export const authorizeParameters = [
  "client_id",
  "redirect_uri",
  "scope",
  "state",
  "resource",
  "response_type",
  "code_challenge",
  "code_challenge_method",
  "prompt",
  "login_hint",
  "request_uri",
];
export const tokenParameters = [
  "grant_type",
  "code",
  "client_id",
  "client_secret",
  "redirect_uri",
  "code_verifier",
  "refresh_token",
  "scope",
  "resource",
];

/** A small generator with a seed, so that a failure can be repeated. */
export function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

const pieces = [
  "",
  "a",
  "&",
  "=",
  "%",
  "%0",
  "%00",
  "%ff",
  "+",
  " ",
  "'",
  '"',
  "<",
  "\\",
  "[",
  "]",
  "é",
  "\u2028",
  "null",
  "-1",
  "9".repeat(40),
  "https://app.example/cb",
  "javascript:",
  "read",
  "code",
  "A".repeat(500),
];

export const pick = (random: (below: number) => number): string =>
  Array.from({ length: 1 + random(4) }, () => pieces[random(pieces.length)] ?? "").join("");
