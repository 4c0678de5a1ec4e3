import { type AuditEvent, caseTypes, type Subscription } from "vouchsafe";
import type { SendMail } from "./mail.ts";
import type { Logger } from "./operations.ts";
import { type CaseNames, describeCase, isCase, type SecurityCase } from "./operator/case-words.ts";

/** What those whom an event is about go by. */
export type FindNames = (event: AuditEvent) => Promise<CaseNames>;

export interface AlertOptions {
  readonly to: string;
  readonly issuer: string;
  readonly sendMail: SendMail;
  readonly findNames: FindNames;
  readonly onError: (error: unknown) => void;
}

const hour = 3_600_000;

/** Cases in an hour that get a mail each: more would be read by nobody. */
const mostAnHour = 20;

const subscription = (tell: (event: SecurityCase) => Promise<void>): Subscription => ({
  name: "alert-mail",
  types: caseTypes,
  deliver: async (event) => {
    if (isCase(event)) await tell(event);
  },
});

/**
 * Tells an operator of security cases by mail, at most twenty an hour. Whatever is beyond that is in one more mail with
 * their number when the hour is over; it is counted in memory, and the audit has them all.
 */
export function mailAlerts({ to, issuer, sendMail, findNames, onError }: AlertOptions): Subscription {
  const place = `${issuer.replace(/\/$/, "")}/admin/security`;
  const { host } = new URL(issuer);
  let began = Number.NEGATIVE_INFINITY;
  let mailed = 0;
  let more = 0;
  const tellHowManyMore = (): void => {
    const text = `There were ${more} more security cases than the ${mostAnHour} that you had mails about.\n\nWhere to look: ${place}\n`;
    sendMail({ to, subject: `${host}: ${more} more security cases`, text }).catch(onError);
    more = 0;
  };
  return subscription(async (event) => {
    const now = Date.now();
    if (now >= began + hour) [began, mailed] = [now, 0];
    if (mailed >= mostAnHour) {
      if (more++ === 0) setTimeout(tellHowManyMore, began + hour - now).unref();
      return;
    }
    mailed++;
    const { what, ended } = describeCase(event, await findNames(event));
    const when = new Date(event.at).toISOString();
    const text = `What happened: ${what}\nWhat was ended: ${ended}\nWhen: ${when}\n\nWhere to look: ${place}\n`;
    await sendMail({ to, subject: `${host}: ${what}`, text }).catch((error: unknown) => {
      mailed--; // it will be tried again
      throw error;
    });
  });
}

/** Where there is no mail, the operator's log has them. */
export const logAlerts = (logger: Logger, findNames: FindNames): Subscription =>
  subscription(async (event) => {
    const { what, ended } = describeCase(event, await findNames(event));
    logger.warn({ type: event.type, at: new Date(event.at).toISOString(), ended }, what);
  });
