import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** Sends a head and as much of a large body as goes, and does not look at the answer for a while, as a busy client would. */
function sendAndReadLater(head: string, delay: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.origin).port), "127.0.0.1");
    let answer = "";
    socket.pause();
    socket.on("data", (data) => {
      answer += data.toString("latin1");
      if (answer.endsWith("}")) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
    socket.write(head);
    for (let slice = 0; slice < 80; slice++) socket.write("a".repeat(65_536));
    setTimeout(() => socket.resume(), delay);
  });
}

describe("a body that is too long", () => {
  it.each([
    ["announced", "Content-Length: 5242880"],
    ["announced, for the connection's last request", "Connection: close\r\nContent-Length: 5242880"],
    ["not announced", "Transfer-Encoding: chunked\r\n\r\n500000"],
  ])("is refused with 413, also to a client that is slow to read the answer: its length %s", async (_, length) => {
    const answer = await sendAndReadLater(
      `POST /oauth/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${length}\r\n${length.includes("chunked") ? "" : "\r\n"}`,
      800,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"error":"invalid_request"');
  });

  it("is refused with 400 where the message is no HTTP at all, whatever else still comes", async () => {
    const answer = await sendAndReadLater(
      "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
      800,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain("Cache-Control: no-store");
  });
});
