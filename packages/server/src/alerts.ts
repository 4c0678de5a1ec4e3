import { type AuditEvent, caseTypes, type RateLimits, type Subscription } from "vouchsafe";
import { counted } from "./counted.ts";
import type { SendMail } from "./mail.ts";
import type { Logger } from "./operations.ts";
import { type CaseNames, describeCase, isCase, type SecurityCase } from "./operator/case-words.ts";
import type { UntoldAlerts } from "./untold-alerts.ts";

/** What those whom an event is about go by. */
export type FindNames = (event: AuditEvent) => Promise<CaseNames>;

export interface AlertOptions {
  readonly to: string;
  readonly issuer: string;
  readonly sendMail: SendMail;
  readonly findNames: FindNames;
  /** Where mails are counted. */
  readonly limits: RateLimits;
  readonly untold: UntoldAlerts;
  readonly onError: (error: unknown) => void;
}

const hour = 3_600_000;

/** Cases in an hour that get a mail each: more would be read by nobody. */
const mostAnHour = 20;

/** Of the subscription, and of the limit. */
const name = "alert-mail";

const subscription = (tell: (event: SecurityCase) => Promise<void>): Subscription => ({
  name,
  types: caseTypes,
  deliver: async (event) => {
    if (isCase(event)) await tell(event);
  },
});

/**
 * Tells an operator of security cases by mail, at most twenty an hour. Whatever is beyond that is in one more mail with
 * their number when the hour is over, of whichever process comes first; where it cannot be sent, the next such mail has them too.
 */
export function mailAlerts({ to, issuer, sendMail, findNames, limits, untold, onError }: AlertOptions): Subscription {
  const place = `${issuer.replace(/\/$/, "")}/admin/security`;
  const { host } = new URL(issuer);
  const mails = limits(name, { points: mostAnHour, duration: hour }, onError);
  /** When the hour is over. */
  let willTell = false;
  const tellHowManyMore = async (): Promise<void> => {
    willTell = false;
    const more = await untold.take();
    if (more === 0) return;
    const cases = counted(more, "more security case");
    const text = `There ${more === 1 ? "was" : "were"} ${cases} than the ${mostAnHour} that you had mails about.\n\nWhere to look: ${place}\n`;
    try {
      await sendMail({ to, subject: `${host}: ${cases}`, text });
    } catch (error) {
      await untold.add(more);
      throw error;
    }
  };
  return subscription(async (event) => {
    const { wait, takeBack } = await mails.attempt("");
    if (wait !== undefined) {
      await untold.add(1);
      if (!willTell) setTimeout(() => void tellHowManyMore().catch(onError), wait * 1000).unref();
      willTell = true;
      return;
    }
    try {
      const { what, ended } = describeCase(event, await findNames(event));
      const when = new Date(event.at).toISOString();
      const text = `What happened: ${what}\nWhat was ended: ${ended}\nWhen: ${when}\n\nWhere to look: ${place}\n`;
      await sendMail({ to, subject: `${host}: ${what}`, text });
    } catch (error) {
      await takeBack(); // it will be tried again
      throw error;
    }
  });
}

/** Where there is no mail, the operator's log has them. */
export const logAlerts = (logger: Logger, findNames: FindNames): Subscription =>
  subscription(async (event) => {
    const { what, ended } = describeCase(event, await findNames(event));
    logger.warn({ type: event.type, at: new Date(event.at).toISOString(), ended }, what);
  });
