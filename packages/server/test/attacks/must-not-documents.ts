/** What must not follow from a client id that is a URL. */

import type { Rule } from "./must-not.ts";
import { isConsentPage, locationOf, type Played, parameterOf } from "./played.ts";

/** Five KiB of document, and what a case allows beside it. */
const mostRead = 5_120 + 16_384;

/** The deadline is 5 seconds; the rest is for a machine that has other things to do. */
const latest = 8_000;

export const documentRules: readonly Rule[] = [
  [/^outbound connection$/, reachesOut],
  [/^redirect to c\.example$/, ({ last }) => (locationOf(last) ?? "").includes("c.example")],
  [
    /^TCP connect to 127\.0\.0\.1/,
    (played) => connections(played).some((place) => place.startsWith("127.")) || connections(played).length !== 1,
  ],
  [/^second outbound request$/, async (played) => connections(played).length > 1 || !(await isAcceptedOnceRepaired(played))],
  [/^client accepted$/, async (played) => isAccepted(played) || !(await isAcceptedOnceRepaired(played))],
  [
    /^more than limit\+16 KiB read$/,
    (played) => played.outbound.some((record) => "read" in record && record.read > mostRead) || connections(played).length === 0,
  ],
  [/^error response cached/, async (played) => !(await isAcceptedOnceRepaired(played))],
  [/^HTML accepted as JSON$/, async (played) => isAccepted(played) || !(await isAcceptedOnceRepaired(played))],
  [/^client accepted on the bad field$/, (played) => isAccepted(played) && !played.scene.attackCase.expected.statuses.includes(200)],
  [
    /^privilege field honoured$/,
    (played) => parameterOf(locationOf(played.last), "code") !== undefined || (played.last.answer.status === 200 && !isAccepted(played)),
  ],
  [/^document cached$/, async (played) => played.last.answer.status === 400 && !(await isAcceptedOnceRepaired(played))],
  [/^answer later than the total deadline/, ({ exchanges }) => exchanges.some(({ answer }) => answer.milliseconds > latest)],
];

const isAccepted = ({ last }: Played): boolean => isConsentPage(last.answer);

/** A refusal says nothing unless the same request is accepted where the host has nothing wrong any more. */
async function isAcceptedOnceRepaired({ scene, last }: Played): Promise<boolean> {
  (await scene.documents()).repair();
  return isConsentPage(await scene.stage.send(last.message));
}

const connections = ({ outbound }: Played): readonly string[] =>
  outbound.flatMap((record) => ("connect" in record ? [record.connect] : []));

/** A look-up is a message to others too. Where a case is about what it answers, there must have been one. */
function reachesOut(played: Played): boolean {
  const isAboutNames = played.scene.attackCase.precondition.startsWith("resolver answers");
  const isLookedUp = played.outbound.some((record) => "lookup" in record);
  return connections(played).length > 0 || isLookedUp !== isAboutNames;
}
