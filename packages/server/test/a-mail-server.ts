/** A real mail server on this computer. */
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import { onTestFinished } from "vitest";

export interface ReceivedMail {
  readonly envelope: SMTPServerSession["envelope"];
  readonly content: string;
}

/** A mail server that knows one user, and the mails that it was given. */
export async function aMailServer() {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, answer) =>
      username === "notes" && password === "mail-password" ? answer(null, { user: username }) : answer(new Error("wrong")),
    onData: (stream, { envelope }, answer) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push({ envelope, content: Buffer.concat(chunks).toString("utf8") });
        answer();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { mails, port: (server.server.address() as AddressInfo).port };
}

/** A mail without the marks of its transport encoding. */
export const textOf = (content: string): string => content.replace(/=\r\n/g, "").replaceAll("=3D", "=");
