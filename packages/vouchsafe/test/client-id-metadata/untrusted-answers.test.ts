import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { guardedFetch, guardedLookup } from "../../src/client-id-metadata/guarded-fetch.ts";
import { like } from "../a-server.ts";
import { aSite, json, type Reply, status } from "../a-site.ts";

const longestBody = 100;
const options = { longestBody, allowLoopback: true, lookup: undefined };

async function answerTo(reply: Reply): Promise<Awaited<ReturnType<typeof guardedFetch>>> {
  const site = await aSite();
  site.replies.set("/client.json", reply);
  return guardedFetch(`${site.origin}/client.json`, options);
}

/** What comes of an answer that no proper server would give. */
async function answerToBytes(answer: (socket: Socket) => void): Promise<Awaited<ReturnType<typeof guardedFetch>>> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return guardedFetch(`http://127.0.0.1:${address.port}/client.json`, options);
}

const raw =
  (body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Reply =>
  (_, response) => {
    response.writeHead(200, { "content-type": "application/json", ...headers }).end(body);
  };

describe("a document that is fetched, Client ID Metadata Document §6.5, §6.6", () => {
  it("comes with what its site says about keeping it", async () => {
    expect(await answerTo(json("{}", { "cache-control": "max-age=60" }))).toEqual({ body: "{}", cacheControl: "max-age=60" });
    expect(await answerTo(json("{}"))).toEqual({ body: "{}", cacheControl: "" });
  });

  it("is asked for as JSON and uncompressed, without a word about anybody", async () => {
    let asked: unknown;
    await answerTo((request, response) => {
      asked = { ...request.headers, host: undefined };
      response.end();
    });
    expect(asked).toEqual({
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": "vouchsafe",
      connection: "close",
      host: undefined,
    });
  });

  it.each([201, 203, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 410, 500, 503])(
    "counts with 200 alone: %i",
    async (code) => {
      expect(await answerTo(status(code, { location: "/elsewhere.json" }))).toEqual({ failure: `the answer has status ${code}` });
    },
  );

  it("never leads elsewhere: the place a redirect names is not asked", async () => {
    const site = await aSite();
    site.replies.set("/client.json", status(302, { location: `${site.origin}/elsewhere.json` }));
    site.replies.set("/elsewhere.json", json("{}"));
    await guardedFetch(`${site.origin}/client.json`, options);
    expect(site.asked).toEqual(["/client.json"]);
  });

  it.each([
    "application/json",
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "application/client-metadata+json",
    "application/json ;x=y",
  ])("is JSON by its content type: %s", async (type) => {
    expect(await answerTo(raw("{}", { "content-type": type }))).toMatchObject({ body: "{}" });
  });

  it.each(["text/html", "text/json", "application/jsonp", "application/json-seq", "text/plain; application/json", "application/+json", ""])(
    "is refused with the content type %j",
    async (type) => {
      expect(await answerTo(raw("{}", { "content-type": type }))).toEqual({ failure: "the answer is not JSON by its content type" });
    },
  );

  it("is refused without any content type", async () => {
    const bytes = (socket: Socket): void => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    expect(await answerToBytes(bytes)).toEqual({ failure: "the answer is not JSON by its content type" });
  });

  it("may be as long as allowed, and not a byte longer, whether it says so or not", async () => {
    const fits = "x".repeat(longestBody);
    expect(await answerTo(raw(fits))).toMatchObject({ body: fits });
    expect(await answerTo(raw(`${fits}x`))).toEqual({ failure: "the answer is too long" });
    const chunked =
      (body: string): Reply =>
      (_, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        for (const letter of body) response.write(letter);
        response.end();
      };
    expect(await answerTo(chunked(fits))).toMatchObject({ body: fits });
    expect(await answerTo(chunked(`${fits}x`))).toEqual({ failure: "the answer is too long" });
  });

  it("is counted in bytes, not in letters", async () => {
    expect(await answerTo(raw("é".repeat(longestBody / 2 + 1)))).toEqual({ failure: "the answer is too long" });
  });

  it("is not read to its end where it has none", async () => {
    let isClosed: Promise<void> | undefined;
    const endless: Reply = (_, response) => {
      isClosed = new Promise((closed) => response.on("close", closed));
      response.writeHead(200, { "content-type": "application/json" });
      const more = (): void => void (response.destroyed || response.write("x".repeat(1000), more));
      more();
    };
    expect(await answerTo(endless)).toEqual({ failure: "the answer is too long" });
    await isClosed;
  });

  it("is refused by the length it announces, before any of it has come", async () => {
    const bytes = (socket: Socket): void =>
      void socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 101\r\n\r\n");
    expect(await answerToBytes(bytes)).toEqual({ failure: "the answer is too long" });
  });

  it("is refused where it is shorter than it said, or ends in the middle", async () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    for (const answer of [`${head}Content-Length: 10\r\n\r\n{}`, `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{}`])
      expect(await answerToBytes((socket) => void socket.end(answer))).toHaveProperty("failure");
  });

  it("is refused compressed, though nobody asked for that", async () => {
    for (const encoding of ["gzip", "br", "deflate", "identity, gzip"])
      expect(await answerTo(raw(gzipSync("{}"), { "content-encoding": encoding }))).toEqual({ failure: "the answer is compressed" });
    expect(await answerTo(raw("{}", { "content-encoding": "identity" }))).toMatchObject({ body: "{}" });
  });

  it.each([
    ["nothing", (socket: Socket) => void socket.end()],
    ["no HTTP", (socket: Socket) => void socket.end("SSH-2.0-OpenSSH_9.9\r\n")],
    ["a reset", (socket: Socket) => void socket.resetAndDestroy()],
    ["two lengths", (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")],
  ])("is a failure in our own words where the answer is %s", async (_, answer) => {
    expect(await answerToBytes(answer)).toEqual({ failure: like(/^the connection failed: [A-Z_]+$/) });
  });

  it("is a failure at once where the site switches to another protocol", async () => {
    const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    expect(await answerToBytes((socket) => void socket.write(switching))).toHaveProperty("failure");
  }, 8000);

  it("is a failure where nobody listens", async () => {
    const site = await aSite();
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    const address = server.address();
    await new Promise((closed) => server.close(closed));
    const port = typeof address === "object" ? address?.port : 0;
    expect(await guardedFetch(`http://127.0.0.1:${port}/`, options)).toEqual({ failure: "the connection failed: ECONNREFUSED" });
    expect(site.asked).toEqual([]);
  });
});

describe("the addresses that are connected to, Client ID Metadata Document §6.5", () => {
  const refused = { failure: "its address is not of the public internet" };

  it("are never this computer's, by whatever name, where that is not allowed", async () => {
    const site = await aSite();
    const port = new URL(site.origin).port;
    for (const host of ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "[::]", "0.0.0.0"])
      expect(await guardedFetch(`http://${host}:${port}/`, { ...options, allowLoopback: false })).toEqual(refused);
    expect(site.asked).toEqual([]);
  });

  it("are this computer's alone, where its name was given and that is allowed", async () => {
    const elsewhere = guardedFetch("http://localhost:1/", {
      ...options,
      lookup: (_, __, callback) => callback(null, [{ address: "93.184.216.34", family: 4 }]),
    });
    expect(await elsewhere).toEqual(refused);
    expect(await guardedFetch("http://10.0.0.1/", options)).toEqual(refused);
  });

  it("are looked up once, and what was looked up is what is connected to", async () => {
    const site = await aSite();
    site.replies.set("/client.json", json("{}"));
    let lookups = 0;
    const fetched = await guardedFetch(`http://localhost:${new URL(site.origin).port}/client.json`, {
      ...options,
      lookup: (_, __, callback) => {
        lookups++;
        callback(null, [{ address: lookups === 1 ? "127.0.0.1" : "10.0.0.1", family: 4 }]);
      },
    });
    expect([fetched, lookups]).toEqual([{ body: "{}", cacheControl: "" }, 1]);
  });

  const at = (...addresses: readonly string[]): ReturnType<typeof guardedLookup> =>
    guardedLookup(
      (_, { all }, callback) => {
        expect(all).toBe(true);
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        );
      },
      (address) => address.startsWith("93."),
    );
  const found = (lookup: ReturnType<typeof guardedLookup>, all: boolean): Promise<readonly unknown[]> =>
    new Promise((resolve) => lookup("printer.example", { all }, (error, ...rest) => resolve([error?.message ?? null, ...rest])));

  it("are given as they are asked for: the first, or all", async () => {
    expect(await found(at("93.0.0.1", "93.0.0.2"), false)).toEqual([null, "93.0.0.1", 4]);
    expect(await found(at("93.0.0.1", "93.0.0.2"), true)).toEqual([
      null,
      [
        { address: "93.0.0.1", family: 4 },
        { address: "93.0.0.2", family: 4 },
      ],
    ]);
  });

  it.each([true, false])("are none where one of them is not allowed, first or last (all: %s)", async (all) => {
    for (const addresses of [["10.0.0.1"], ["93.0.0.1", "10.0.0.1"], ["10.0.0.1", "93.0.0.1"], ["93.0.0.1", "::1"]])
      expect(await found(at(...addresses), all)).toEqual([refused.failure, []]);
  });

  it("are none where the name has none, or cannot be resolved", async () => {
    expect((await found(at(), true))[0]).toBe("no address");
    const failing = guardedLookup(
      (_, __, callback) => callback(Object.assign(new Error("queryA ENOTFOUND"), { code: "ENOTFOUND" }), []),
      () => true,
    );
    expect((await found(failing, true))[0]).toBe("queryA ENOTFOUND");
  });
});
