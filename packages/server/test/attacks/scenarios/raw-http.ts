/** HT, and the bodies of TK that need a connection of their own: what reaches the server before any route does. */
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type Answer, header, noAnswer, parseAnswer } from "../answer.ts";
import { obtainCode, redeem } from "../authorization.ts";
import { exchange } from "../exchange.ts";
import { exchangedAt } from "../played.ts";
import type { Scenario } from "../scenarios.ts";
import type { Exchanged, Scene } from "../scene.ts";

const lines = (...text: readonly string[]): string => [...text, "", ""].join("\r\n");
const form = "Content-Type: application/x-www-form-urlencoded";

/** Bytes as they are, then silence; everything that came back on the connection. */
async function raw(scene: Scene, text: string, method = "POST", target = "/oauth/token"): Promise<Exchanged> {
  return exchangedAt(
    method,
    target,
    await exchange(scene.stage.port, Buffer.from(text, "latin1"), { method, untilQuiet: true, timeout: 3_000 }),
  );
}

const rawCase =
  (...texts: readonly ((host: string) => string)[]): Scenario =>
  async (scene) => {
    const exchanges = [];
    for (const text of texts) exchanges.push(await raw(scene, text(scene.stage.host)));
    return exchanges;
  };

/** Streams chunks until the server answers or closes; says how much it took. */
function stream(port: number, head: string, most: number): Promise<{ readonly answer: Answer; readonly sent: number }> {
  return new Promise((resolve) => {
    const started = performance.now();
    const received: Buffer[] = [];
    const chunk = Buffer.from(`4000\r\n${"a".repeat(0x4000)}\r\n`);
    let sent = 0;
    let isOver = false;
    const socket = connect({ port, host: "127.0.0.1" }, () => {
      socket.write(head);
      pump();
    });
    const pump = (): void => {
      while (!isOver && sent < most) {
        sent += chunk.length;
        if (!socket.write(chunk)) return;
      }
    };
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      socket.destroy();
      const elapsed = performance.now() - started;
      resolve({ answer: parseAnswer(Buffer.concat(received), "POST", true, elapsed) ?? noAnswer(elapsed), sent });
    };
    socket.on("drain", pump);
    socket.on("data", (data) => {
      received.push(data);
      if (parseAnswer(Buffer.concat(received), "POST", false, 0) !== undefined) end();
    });
    socket.on("error", end);
    socket.on("close", end);
    setTimeout(end, 5_000).unref();
  });
}

export const rawHttp: Readonly<Record<string, Scenario>> = {
  "TK-031": async (scene) => {
    const most = 64 * 1_048_576;
    const { answer, sent } = await stream(
      scene.stage.port,
      lines("POST /oauth/token HTTP/1.1", `Host: ${scene.stage.host}`, form, "Transfer-Encoding: chunked"),
      most,
    );
    // The kernel buffers megabytes on loopback; that the end of the stream was never reached is what a client can see.
    scene.mustNot("more than limit+64 KiB read before close", sent >= most, `${sent} bytes taken`);
    return [exchangedAt("POST", "/oauth/token", answer)];
  },

  "TK-032": async (scene) => {
    const answered = await raw(
      scene,
      `${lines("POST /oauth/token HTTP/1.1", `Host: ${scene.stage.host}`, form, "Content-Length: 10")}${"a".repeat(10_000)}`,
    );
    scene.mustNot("extra bytes interpreted as a second request by a keep-alive proxy test", /HTTP\/1\.1 [23]/.test(answered.answer.rest));
    return [answered];
  },

  // The step's own text has lost the space before the colon, and its body.
  "HT-004": rawCase((host) => `${lines("POST /oauth/token HTTP/1.1", `Host: ${host}`, form, "Transfer-Encoding : chunked")}0\r\n\r\n`),
  "HT-001": rawCase(
    (host) =>
      `${lines("POST /oauth/token HTTP/1.1", `Host: ${host}`, form, "Content-Length: 4", "Transfer-Encoding: chunked")}0\r\n\r\n${lines("GET /admin HTTP/1.1", `Host: ${host}`)}`,
  ),

  "HT-006": rawCase(
    (host) => `POST /oauth/token HTTP/1.1\nHost: ${host}\n\n`,
    (host) => lines("POST /oauth/token HTTP/1.1", `Host: ${host}`, form, "X-Folded: a", " b", "Content-Length: 0"),
  ),

  "HT-007": rawCase(
    (host) => `${lines("POST /oauth/token HTTP/1.1", `Host: ${host}`, form, "Transfer-Encoding: chunked")}ZZZ\r\nabc\r\n0\r\n\r\n`,
    (host) =>
      `${lines("POST /oauth/token HTTP/1.1", `Host: ${host}`, form, "Transfer-Encoding: chunked")}1;${"x".repeat(1_048_576)}\r\na\r\n0\r\n\r\n`,
  ),

  "HT-008": async (scene) => {
    const body = `grant_type=x&client_id=${(await scene.client("pub")).id}`;
    const first = `${lines("POST /oauth/token HTTP/1.1", `Host: ${scene.stage.host}`, form, `Content-Length: ${body.length}`)}${body}`;
    const both = await raw(scene, first + lines("GET /.well-known/oauth-authorization-server HTTP/1.1", `Host: ${scene.stage.host}`));
    scene.mustNot("answer of one in the other", both.answer.body.includes('"issuer"') || !both.answer.rest.includes('"issuer"'));
    return [both];
  },

  "HT-009": async (scene) => {
    const code = await obtainCode(scene.stage, await scene.spend("alice"), { client: await scene.client("pub") });
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      code: code.value,
      client_id: code.client.id,
      code_verifier: code.verifier,
      redirect_uri: code.redirectUri,
    }).toString();
    await new Promise<void>((resolve) => {
      const socket = connect({ port: scene.stage.port, host: "127.0.0.1" }, () =>
        socket.write(
          `${lines("POST /oauth/token HTTP/1.1", `Host: ${scene.stage.host}`, form, `Content-Length: ${body.length}`)}${body}`,
          () => socket.destroy(),
        ),
      );
      socket.on("close", () => resolve());
    });
    await wait(100);
    // Redeemed or not, the second try is answered by the rules: tokens, or a replay.
    const retried = await redeem(scene.stage, code);
    scene.mustNot(
      "code neither redeemed nor retryable for longer than its TTL without audit",
      ![200, 400].includes(retried.status),
      `${retried.status}`,
    );
    scene.mustNot("5xx crash log", scene.stage.server.process.exitCode !== null);
    return [exchangedAt("POST", "/oauth/token", noAnswer(0))];
  },

  "HT-012": async (scene) => {
    const idle = await Promise.all(
      Array.from(
        { length: 500 },
        () =>
          new Promise<ReturnType<typeof connect>>((resolve, reject) => {
            const socket = connect({ port: scene.stage.port, host: "127.0.0.1" }, () => resolve(socket));
            socket.once("error", reject);
          }),
      ),
    );
    const answer = await scene.stage.get("/.well-known/oauth-authorization-server");
    for (const socket of idle) socket.destroy();
    scene.mustNot("healthy requests fail", answer.status !== 200);
    return [exchangedAt("GET", "/.well-known/oauth-authorization-server", answer)];
  },

  "HT-014": rawCase((host) =>
    lines(
      "POST /oauth/token HTTP/1.1",
      `Host: ${host}`,
      ...Array.from({ length: 10_000 }, (_, index) => `X-${index}: 1`),
      "Content-Length: 0",
    ),
  ),

  "HT-015": rawCase(
    (host) => lines(`GET /oauth/authorize?${"A".repeat(17_000)} HTTP/1.1`, `Host: ${host}`),
    (host) => lines(`GET /oauth/authorize?${"A".repeat(1_048_576)} HTTP/1.1`, `Host: ${host}`),
  ),

  "HT-017": rawCase((host) =>
    lines(
      "GET /.well-known/oauth-authorization-server HTTP/1.1",
      `Host: ${host}`,
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
    ),
  ),

  "HT-018": async (scene) => {
    const exchanges = [];
    for (const target of ["/oauth/token", "/oauth/authorize", "/mcp", "/nowhere"]) {
      exchanges.push(
        await raw(
          scene,
          lines(
            `GET ${target} HTTP/1.1`,
            `Host: ${scene.stage.host}`,
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          ),
          "GET",
          target,
        ),
      );
    }
    scene.mustNot(
      "hang",
      exchanges.some(({ answer }) => answer.status === 0),
    );
    return exchanges;
  },

  "HT-019": async (scene) => {
    const exchanges = [];
    for (const target of ["/%2e%2e/admin", "/..%2fadmin", "/admin%2f", "/%61dmin"])
      exchanges.push(await raw(scene, lines(`GET ${target} HTTP/1.1`, `Host: ${scene.stage.host}`), "GET", target));
    scene.mustNot(
      "admin content without authorization",
      exchanges.some(({ answer }) => answer.status === 200),
    );
    return exchanges;
  },

  "HT-022": async (scene) => {
    const exchanges = [];
    for (const target of ["/sign_in%00.html", "/sign_in\x01", "/sign_in\x7f", "/\xff"])
      exchanges.push(await raw(scene, lines(`GET ${target} HTTP/1.1`, `Host: ${scene.stage.host}`), "GET", target));
    return exchanges;
  },

  "HT-024": async (scene) => {
    const answer = await scene.stage.get("/sign_in?login_hint=reflected-secret", ["Accept-Encoding: gzip, br"]);
    scene.mustNot("compressed page with unmasked static token and reflection", header(answer, "content-encoding") !== undefined);
    return [exchangedAt("GET", "/sign_in", answer)];
  },
};
