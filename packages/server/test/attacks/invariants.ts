/** What must hold in every case, whatever it expects. */
import { allHeaders, jsonOf } from "./answer.ts";
import { allowsStatus } from "./attack-case.ts";
import { locationOf, type Played, parameterOf } from "./played.ts";
import type { Exchanged } from "./scene.ts";

/** RFC 6749 §5.2: the characters of `error` and `error_description`. */
const errorCharacters = /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/;

const internals = [
  /\bat [^\n]*\([^\n)]*:\d+:\d+\)/,
  /\bnode:internal\b/,
  /\/node_modules\//,
  /file:\/\/\/\S*:\d+:\d+/,
  /\bSQLITE_|\bSELECT .* FROM\b/,
  new RegExp(`${process.cwd().replace(/[^\w/]/g, ".")}/`),
];

export function invariantFaults({ scene, exchanges }: Played): string[] {
  const { expected } = scene.attackCase;
  return exchanges.flatMap((exchanged) => {
    const { answer, message } = exchanged;
    const faults: string[] = [];
    if (answer.status >= 500 && !allowsStatus(expected.statuses, answer.status))
      faults.push(`${message.method} ${message.target.slice(0, 80)} answered ${answer.status}`);
    if (showsInternals(answer.body)) faults.push(`internals in a body: ${answer.body.slice(0, 200)}`);
    if (/^\/oauth\/(token|register|revoke|introspect)\b/.test(message.target) && allHeaders(answer, "set-cookie").length > 0)
      faults.push(`a cookie set at ${message.target}`);
    const texts = [jsonOf(answer)["error"], jsonOf(answer)["error_description"], parameterOf(locationOf(exchanged), "error_description")];
    for (const text of texts)
      if (typeof text === "string" && !errorCharacters.test(text))
        faults.push(`characters that an error must not have (RFC 6749 §5.2): ${text}`);
    if (splitsHeaders(exchanged)) faults.push("a header that the request wrote");
    return faults;
  });
}

export const showsInternals = (body: string): boolean => internals.some((pattern) => pattern.test(body));

const splitsHeaders = ({ answer }: Exchanged): boolean => allHeaders(answer, "set-cookie").some((line) => /^\s*x=1/.test(line));
