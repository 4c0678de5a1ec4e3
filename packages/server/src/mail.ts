import type { NewConnection } from "vouchsafe";
import type { Accounts } from "./accounts.ts";
import type { Logger } from "./operations.ts";

interface Mail {
  /** `ada@example.com`, or `Ada <ada@example.com>`. */
  readonly to: string | { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
}

/** Rejects where the mail server did not take it. */
export type SendMail = (mail: Mail) => Promise<void>;

export interface MailServer {
  /** `smtp://user:password@mail.example.com:587`, or `smtps://…`. */
  readonly smtpUrl: string;
  /** Who writes: `Notes <notes@example.com>`. */
  readonly from: string;
}

/** A password goes to nobody in clear but to this computer itself, also where somebody on the way hides that there is TLS. */
function needsTls(smtpUrl: string): boolean {
  const { username, hostname } = new URL(smtpUrl);
  return username !== "" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

/** How long a mail server may be silent, in milliseconds. */
const patience = 10_000;

/** No answer is wanted, nor a notice of absence. RFC 3834 §5 */
const automatic = { "Auto-Submitted": "auto-generated" } as const;

/** Sends by this mail server. The part that sends is loaded with the first mail. */
export function createMailer({ smtpUrl, from }: MailServer): SendMail {
  const connecting = async () => {
    const { createTransport } = await import("nodemailer");
    const timeouts = { connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience, dnsTimeout: patience };
    return createTransport({ url: smtpUrl, requireTLS: needsTls(smtpUrl), ...timeouts });
  };
  let transport: ReturnType<typeof connecting> | undefined;
  return async (mail) => {
    transport ??= connecting();
    await (await transport).sendMail({ from, ...mail, headers: automatic });
  };
}

/** Tells people of new connections by mail. */
export function mailNewConnections(send: SendMail, accounts: Accounts, logger: Logger): (connection: NewConnection) => Promise<void> {
  return async ({ subject, grantId, clientId, message }) => {
    const account = await accounts.byId(subject);
    if (account === undefined) return;
    await send({ to: { name: "", address: account.email }, subject: message.title, text: message.text });
    logger.info({ subject, grantId, clientId }, "told of a new connection by mail");
  };
}

/** Where there is no mail, the operator's log has it. */
export const logNewConnections =
  (logger: Logger) =>
  ({ subject, grantId, clientId, message }: NewConnection): void =>
    logger.info({ subject, grantId, clientId, text: message.text }, message.title);
