import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { freshnessOf } from "../../src/client-id-metadata/freshness.ts";
import { guardedFetch } from "../../src/client-id-metadata/guarded-fetch.ts";
import { isSpecialUse } from "../../src/client-id-metadata/special-use-address.ts";

const options = { longestBody: 1000, allowLoopback: true, lookup: undefined };

/** A web server on this computer that answers so. */
async function aSite(answer: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/client.json`, asked };
}

const answering =
  (status: number, headers: Record<string, string> = {}, body = '{"a":1}'): RequestListener =>
  (_, response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);

/** A name that stands for these addresses. */
const names =
  (...addresses: readonly string[]): LookupFunction =>
  (_, __, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );

describe("fetching what a client points to, Client ID Metadata Document §4, §6.5", () => {
  it("gives a document that came with 200", async () => {
    const { url } = await aSite(answering(200, { "cache-control": "max-age=600" }));
    expect(await guardedFetch(url, options)).toEqual({ body: '{"a":1}', cacheControl: "max-age=600" });
  });

  it.each([201, 204, 206, 304, 400, 404, 500])("takes %d for no document", async (status) => {
    const { url } = await aSite(answering(status, {}, ""));
    expect(await guardedFetch(url, options)).toEqual({ failure: `the answer has status ${status}` });
  });

  it.each([301, 302, 303, 307, 308])("follows no redirect: %d", async (status) => {
    const { url, asked } = await aSite((request, response) =>
      answering(request.url === "/client.json" ? status : 200, { location: "/other.json" })(request, response),
    );
    expect(await guardedFetch(url, options)).toHaveProperty("failure");
    expect(asked).toEqual(["/client.json"]);
  });

  it("takes nothing that is too long, announced or not, nor of another type", async () => {
    const [announced, streamed, html] = [
      await aSite(answering(200, {}, "x".repeat(1001))),
      await aSite(answering(200, { "transfer-encoding": "chunked" }, "x".repeat(1001))),
      await aSite(answering(200, { "content-type": "text/html" })),
    ];
    for (const { url } of [announced, streamed, html]) expect(await guardedFetch(url, options)).toHaveProperty("failure");
  });

  it.each([
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2001:db8::1",
  ])("makes no connection to a special-use address, as a name or literally: %s", async (address) => {
    expect(isSpecialUse(address)).toBe(true);
    const literal = address.includes(":") ? `[${address}]` : address;
    const refused = { failure: "its address is not of the public internet" };
    expect(await guardedFetch(`https://${literal}/client.json`, { ...options, allowLoopback: false })).toEqual(refused);
    const lookup = names("93.184.215.14", address);
    expect(await guardedFetch("https://budget.example/client.json", { ...options, allowLoopback: false, lookup })).toEqual(refused);
  });

  it("knows hosts of the public internet", () => {
    for (const address of ["93.184.215.14", "1.1.1.1", "2606:4700::1111"]) expect(isSpecialUse(address)).toBe(false);
  });
});

describe("how long a document is good for, Client ID Metadata Document §4.4", () => {
  it.each<[string, number]>([
    ["", 60],
    ["max-age=600", 600],
    ["public, max-age=600", 600],
    ["max-age=1", 60],
    ["max-age=999999", 86_400],
    ["no-store, max-age=600", 0],
  ])("%j is so many seconds: %d", (cacheControl, seconds) => expect(freshnessOf(cacheControl)).toBe(seconds * 1000));
});
