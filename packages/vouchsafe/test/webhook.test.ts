import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { type AuditEvent, caseTypes } from "../src/audit.ts";
import { ConfigurationError, type Subscription } from "../src/config.ts";
import { type WebhookOptions, webhook } from "../src/webhook.ts";
import { answering, aReceiver } from "./a-receiver.ts";

const event: AuditEvent = {
  at: Date.UTC(2026, 10, 22, 10, 30),
  type: "code.replayed",
  requestId: "r1",
  clientId: "budget",
  subject: "ada",
  grantId: "g1",
};

const send = (subscription: Subscription, id = "msg_1", signal = new AbortController().signal): Promise<void> =>
  subscription.deliver(event, { id, signal });

describe("a webhook", () => {
  it("posts what happened as JSON, in the words of the wire, signed as Standard Webhooks says", async () => {
    const receiver = await aReceiver();
    const sent = Math.floor(Date.now() / 1000);
    await send(webhook(receiver));
    const [{ headers, body, isGenuine } = {} as never] = receiver.messages;
    expect(isGenuine).toBe(true);
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["webhook-id"]).toBe("msg_1");
    expect(headers["webhook-signature"]).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    expect(Number(headers["webhook-timestamp"])).toBeGreaterThanOrEqual(sent);
    expect(Number(headers["webhook-timestamp"])).toBeLessThanOrEqual(sent + 30);
    expect(body).toEqual({
      type: "code.replayed",
      timestamp: "2026-11-22T10:30:00.000Z",
      data: { request_id: "r1", client_id: "budget", subject: "ada", grant_id: "g1" },
    });
  });

  it("sends the same text at every attempt, under the id it was given", async () => {
    const receiver = await aReceiver();
    const subscription = webhook(receiver);
    await send(subscription, "msg_again");
    await send(subscription, "msg_again");
    const [first, second] = receiver.messages;
    expect(second?.text).toBe(first?.text);
    expect([first?.id, second?.id]).toEqual(["msg_again", "msg_again"]);
  });

  it("carries a signature that nobody makes without the secret", async () => {
    const receiver = await aReceiver();
    await send(webhook({ ...receiver, secret: `whsec_${Buffer.alloc(32, 7).toString("base64")}` }));
    expect(receiver.messages.map(({ isGenuine }) => isGenuine)).toEqual([false]);
  });

  it.each([200, 201, 204, 299])("arrived where the answer is %i", async (status) => {
    const receiver = await aReceiver();
    receiver.answer = answering(status);
    await expect(send(webhook(receiver))).resolves.toBeUndefined();
  });

  it.each([301, 307, 400, 404, 410, 429, 500, 502])("did not arrive where the answer is %i", async (status) => {
    const receiver = await aReceiver();
    receiver.answer = answering(status);
    await expect(send(webhook(receiver))).rejects.toThrow(`the receiver answered ${status}`);
  });

  it("follows no redirect: what is signed for one address goes to no other", async () => {
    const [receiver, other] = [await aReceiver(), await aReceiver()];
    receiver.answer = answering(307, { location: other.url });
    await expect(send(webhook(receiver))).rejects.toThrow("answered 307");
    expect(other.messages).toEqual([]);
  });

  it("does not read what the receiver says, however much that is", async () => {
    const receiver = await aReceiver();
    let written = 0;
    const hasEnded = new Promise<void>((resolve) => {
      receiver.answer = (response) => {
        response.writeHead(200);
        const flood = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536;
        };
        response.on("drain", flood);
        response.on("close", resolve);
        flood();
      };
    });
    await send(webhook(receiver));
    await hasEnded;
    expect(written).toBeLessThan(50_000_000);
  });

  it("is broken off when it takes too long", async () => {
    const receiver = await aReceiver();
    const patience = new AbortController();
    receiver.answer = () => patience.abort();
    await expect(send(webhook(receiver), "msg_1", patience.signal)).rejects.toThrow("no answer in time");
  });

  it("says in its errors nothing of the address, in which there may be a secret", async () => {
    const nobody = createServer();
    await new Promise<void>((resolve) => nobody.listen(0, "127.0.0.1", resolve));
    const { port } = nobody.address() as { port: number };
    await new Promise((resolve) => nobody.close(resolve));
    const subscription = webhook({ ...(await aReceiver()), url: `http://127.0.0.1:${port}/hook/s3cret` });
    const error: unknown = await send(subscription).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ message: "the connection failed: ECONNREFUSED" });
    expect(error).not.toHaveProperty("cause");
  });

  it("is about cases, unless it is told otherwise", () => {
    const options: WebhookOptions = { url: "https://example.com/hook", secret: `whsec_${Buffer.alloc(24, 1).toString("base64")}` };
    expect(webhook(options)).toMatchObject({ name: "webhook", types: caseTypes });
    expect(webhook({ ...options, types: ["key.rotated"], name: "keys" })).toMatchObject({ name: "keys", types: ["key.rotated"] });
  });

  it.each<[string, Partial<WebhookOptions>]>([
    ["url: it is neither https nor on this computer", { url: "http://example.com/hook" }],
    ["url: it is neither https nor on this computer", { url: "no url" }],
    ["url: there is a password in it; receivers know us by the signature", { url: "https://ada:pw@example.com/" }],
    ["secret: it is not whsec_ and the base64 of 24 to 64 random bytes", { secret: "a secret of another kind" }],
    ["secret: it is not whsec_ and the base64 of 24 to 64 random bytes", { secret: "whsec_c2hvcnQ=" }],
    ["types: without any nothing would ever be sent", { types: [] }],
    ['types: "code.replaid" is no type of event', { types: ["code.replaid" as "code.replayed"] }],
  ])("cannot be made wrongly: %s", (problem, wrong) => {
    const good = { url: "https://example.com/hook", secret: `whsec_${Buffer.alloc(64, 1).toString("base64")}` };
    const make = (): Subscription => webhook({ ...good, ...wrong });
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(`webhook webhook: ${problem}`);
    expect(make).not.toThrow(/pw@|of another kind|c2hvcnQ/);
  });
});
