/** What must not be done with people's own tokens, nor with other credentials in their place. */
import { jsonOf } from "./answer.ts";
import { isAccepted } from "./authorization.ts";
import type { Rule } from "./must-not.ts";
import { isConsentPage, type Played } from "./played.ts";

const isTokenAdded = ({ before, after }: Played): boolean => after.tokens > before.tokens;

export const personalTokenRules: readonly Rule[] = [
  [/^token created$|^admin PAT for a non-admin$/, isTokenAdded],
  [/^(any )?2xx$/, ({ judged }) => judged.some(({ answer }) => answer.status >= 200 && answer.status < 300)],
  [
    /^PAT revoked or exchanged by an OAuth client$/,
    async (played) => played.judged.some(({ answer }) => "access_token" in jsonOf(answer)) || !(await stillWorks(played, "pat")),
  ],
  [/^bob's PAT deleted$/, async (played) => !(await stillWorks(played, "pat:bob"))],
  [/^consent page for alice$/, ({ last }) => isConsentPage(last.answer)],
  [/^200 while the token keeps working$/, async (played) => played.last.answer.status === 200 && (await stillWorks(played, "jwt_at"))],
];

const stillWorks = async ({ scene }: Played, name: string): Promise<boolean> =>
  isAccepted(scene.stage, (await scene.value(name)) ?? "none");
