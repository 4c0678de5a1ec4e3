import { type AuthorizationServer, rateLimitsInMemory, type Subscription } from "vouchsafe";
import type { SqlStore } from "vouchsafe/sqlite";
import { webhook } from "vouchsafe/webhook";
import type { Accounts } from "./accounts.ts";
import { type FindNames, logAlerts, mailAlerts } from "./alerts.ts";
import type { Environment } from "./environment.ts";
import type { LogFailure } from "./failure-log.ts";
import type { SendMail } from "./mail.ts";
import type { Logger } from "./operations.ts";
import { caseNamesOf } from "./operator/case-names.ts";
import { untoldAlerts } from "./untold-alerts.ts";

export interface SubscriptionParts {
  readonly values: Environment["values"];
  readonly accounts: Accounts;
  readonly store: SqlStore;
  readonly logger: Logger;
  readonly logFailure: LogFailure;
  readonly sendMail: SendMail | undefined;
  readonly oauth: () => AuthorizationServer;
}

/** Who is told of events, by the settings: a webhook, and whoever wants alerts. */
export function createSubscriptions(parts: SubscriptionParts): readonly Subscription[] {
  const { webhookUrl: url, webhookSecret: secret, webhookEvents: types } = parts.values;
  const hooks = url === undefined || secret === undefined ? [] : [webhook({ url, secret, ...(types === undefined ? {} : { types }) })];
  return [...hooks, ...alerts(parts)].map((subscription) => withFailuresLogged(subscription, parts.logger));
}

function alerts({ values, accounts, store, logger, logFailure, sendMail, oauth }: SubscriptionParts): readonly Subscription[] {
  const { alertEmail: to, issuer } = values;
  if (to === undefined) return [];
  const findNames: FindNames = (event) => caseNamesOf(event, oauth().admin, accounts);
  const onError = (error: unknown): void => logFailure(error, "alert-mail");
  if (sendMail === undefined) return [logAlerts(logger, findNames)];
  const limits = store.rateLimits ?? rateLimitsInMemory;
  return [mailAlerts({ to, issuer, sendMail, findNames, limits, untold: untoldAlerts(store), onError })];
}

/** An attempt that fails is followed by others, for days: the operator should know before they end. */
const withFailuresLogged = (subscription: Subscription, logger: Logger): Subscription => ({
  ...subscription,
  deliver: async (event, attempt) => {
    try {
      await subscription.deliver(event, attempt);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn(
        { subscription: subscription.name, type: event.type, id: attempt.id, reason },
        "an event was not delivered, and will be again",
      );
      throw error;
    }
  },
});
