/** Mail as it is: a real SMTP server, and the standalone server as its operator runs it. */
import { describe, expect, it, onTestFinished } from "vitest";
import { aMailServer, type ReceivedMail, textOf } from "./a-mail-server.ts";
import { AccountHolder } from "./interop/account-holder.ts";
import { LoopbackApp } from "./interop/loopback-app.ts";
import { type RunningServer, startServer } from "./running-server.ts";

async function aServer(environment: Record<string, string>): Promise<RunningServer> {
  const server = await startServer({ environment });
  onTestFinished(async () => void (await server.stop()));
  return server;
}

/** Ada connects an app; resolves once its token works. */
async function connect(server: RunningServer, who?: AccountHolder): Promise<string> {
  const ada = who ?? (await AccountHolder.join(server, "ada"));
  const app = await LoopbackApp.register(server.origin, "Photo Printer");
  onTestFinished(app.callback.close);
  const asked = await app.ask({ scope: "read" });
  await ada.allow(asked.link, ["read"]);
  const { access_token: token } = await app.redeem(asked, await app.answer(asked));
  expect(await notesStatus(server, token)).toBe(200);
  return token;
}

const notesStatus = async ({ origin }: RunningServer, token: string): Promise<number> =>
  (await fetch(`${origin}/api/notes`, { headers: { authorization: `Bearer ${token}` } })).status;

/** Follows the link as somebody who is not signed in, and presses its button. */
async function disown(link: string): Promise<string> {
  const page = await (await fetch(link)).text();
  const [, action = "", proof = ""] = /action="([^"]+)">\s*<input type="hidden" name="proof" value="([^"]+)">/.exec(page) ?? [];
  const ended = await fetch(new URL(action, link), { method: "POST", body: new URLSearchParams({ proof }) });
  return ended.text();
}

describe("the mail about a new connection", () => {
  it("reaches the person, from whom the operator says, and its link ends the connection", async () => {
    const { mails, port } = await aMailServer();
    const server = await aServer({ SMTP_URL: `smtp://notes:mail-password@127.0.0.1:${port}`, SMTP_FROM: "Notes <notes@example.com>" });
    const token = await connect(server);
    await expect.poll(() => mails.length, { timeout: 10_000 }).toBe(1);

    const [{ envelope, content } = {} as ReceivedMail] = mails;
    expect(envelope.rcptTo.map(({ address }) => address)).toEqual(["ada@example.com"]);
    expect(content).toMatch(/^From: Notes <notes@example\.com>\r$/m);
    expect(content).toMatch(/^Subject: .*Photo_Printer.*can_now_use_your/m);
    const text = textOf(content);
    expect(text).toContain("It can: Read your notes.");
    const link = /http:\S+not_me\?proof=[\w-]+/.exec(text)?.[0] ?? "";
    expect(await disown(link)).toContain("is disconnected");
    expect(await notesStatus(server, token)).toBe(401);
    await expect.poll(server.output).toContain('"type":"suspicious.activity"');
    expect(server.output()).not.toContain("mail-password");
  });

  it("comes from the server's own host, where the operator names nobody", async () => {
    const { mails, port } = await aMailServer();
    await connect(await aServer({ SMTP_URL: `smtp://notes:mail-password@127.0.0.1:${port}` }));
    await expect.poll(() => mails.length, { timeout: 10_000 }).toBe(1);
    expect(mails[0]?.content).toMatch(/^From: no-reply@localhost\r$/m);
  });

  it("is missed by nobody but the person where the mail server refuses: the app works, and the log says so without the password", async () => {
    const { mails, port } = await aMailServer();
    const server = await aServer({ SMTP_URL: `smtp://notes:no-password-of-ours@127.0.0.1:${port}` });
    await connect(server);
    await expect.poll(server.output, { timeout: 10_000 }).toContain("something broke");
    expect(mails).toEqual([]);
    expect(server.output()).not.toContain("no-password-of-ours");
  });

  it("is one of as many an hour as the operator says", async () => {
    const server = await aServer({ OAUTH_RATE_LIMIT_NEW_CONNECTION: "1/1h" });
    const ada = await AccountHolder.join(server, "ada");
    for (const _ of ["told", "not told"]) await connect(server, ada);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(server.output().match(/not_me\?proof=/g)).toHaveLength(1);
  });

  it("is in the log where there is no mail server, with its link", async () => {
    const server = await aServer({});
    const token = await connect(server);
    await expect.poll(server.output).toContain("not_me?proof=");
    const link = /http:[^"\\\s]+not_me\?proof=[\w-]+/.exec(server.output())?.[0] ?? "";
    expect(await disown(link)).toContain("is disconnected");
    expect(await notesStatus(server, token)).toBe(401);
  });
});
