import { describe, expect, it } from "vitest";
import { readForm, readJson } from "../../src/http/form.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { issuer } from "../a-server.ts";

const form = "application/x-www-form-urlencoded";
const requestOf = (body: BodyInit | null, type: string | undefined = form, headers: Record<string, string> = {}): Request =>
  new Request(`${issuer}/oauth/token?grant_type=password`, { method: "POST", body, headers: { "content-type": type, ...headers } });

async function statusOf(read: Promise<unknown>): Promise<number> {
  return read.then(
    () => 200,
    (error: unknown) => (error instanceof OAuthError ? error.status : 500),
  );
}

/** A body that comes in pieces of 16 KiB, with no length announced. */
function streamed(pieces: number): Request {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (sent++ === pieces) controller.close();
      else controller.enqueue(new TextEncoder().encode("a".repeat(16_384)));
    },
  });
  return new Request(`${issuer}/oauth/token`, { method: "POST", body, headers: { "content-type": form }, duplex: "half" } as RequestInit);
}

describe("form bodies, OAuth 2.1 §3.2", () => {
  it("are read from the body alone, never from the query", async () => {
    const parameters = await readForm(requestOf("code=x"));
    expect(parameters.get("code")).toBe("x");
    expect(parameters.get("grant_type")).toBeUndefined();
  });

  it.each([form, "Application/X-WWW-Form-URLencoded", `${form};charset=UTF-8`, `${form}; charset="utf-8"`, `${form}; boundary=x`])(
    "may be of type %s",
    async (type) => {
      expect(await statusOf(readForm(requestOf("code=x", type)))).toBe(200);
    },
  );

  it.each([
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    `${form}; charset=iso-8859-1`,
    `${form}x`,
    `${form}; charset=utf-7`,
  ])("may not be of type %s: 415", async (type) => {
    expect(await statusOf(readForm(requestOf("code=x", type)))).toBe(415);
  });

  it("may not be without a type: 415", async () => {
    const request = new Request(`${issuer}/oauth/token`, { method: "POST", body: new Uint8Array([97]) });
    expect(await statusOf(readForm(request))).toBe(415);
  });

  it("may be empty", async () => {
    expect((await readForm(requestOf(null))).get("code")).toBeUndefined();
  });

  it("may have 65536 bytes, and not one more: 413", async () => {
    expect(await statusOf(readForm(requestOf("a".repeat(65_536))))).toBe(200);
    expect(await statusOf(readForm(requestOf("a".repeat(65_537))))).toBe(413);
  });

  it("are not read where they are announced to be longer: 413", async () => {
    const request = requestOf("code=x", form, { "content-length": "65537" });
    expect(await statusOf(readForm(request))).toBe(413);
    expect(request.bodyUsed).toBe(false);
  });

  it("are counted as they come where no length was announced: 413", async () => {
    expect(await statusOf(readForm(streamed(4)))).toBe(200);
    expect(await statusOf(readForm(streamed(5)))).toBe(413);
  });

  it.each(["a=1&a=2", "a=%00", "a=%FF"])("are refused with a repeated or malformed parameter: %s", async (body) => {
    expect(await statusOf(readForm(requestOf(body)))).toBe(400);
  });

  it("are refused with bytes that are no UTF-8", async () => {
    expect(await statusOf(readForm(requestOf(new Uint8Array([0x61, 0x3d, 0xff]))))).toBe(400);
  });
});

describe("JSON bodies, RFC 7591 §3.1", () => {
  const json = (body: BodyInit, type = "application/json"): Promise<unknown> => readJson(requestOf(body, type), "invalid_client_metadata");

  it("are read", async () => {
    expect(await json('{"client_name":"Budget app"}')).toEqual({ client_name: "Budget app" });
    expect(await statusOf(json("{}", "application/json; charset=utf-8"))).toBe(200);
  });

  it("are refused where they are no JSON, or have a NUL or invalid UTF-8", async () => {
    for (const body of ["", "{", "client_name=x", '{"a":"\\u0000"}', new Uint8Array([0x22, 0xff, 0x22])])
      expect(await statusOf(json(body))).toBe(400);
  });

  it("are refused under another type, and beyond 65536 bytes", async () => {
    expect(await statusOf(json("{}", form))).toBe(415);
    expect(await statusOf(json(`"${"a".repeat(65_536)}"`))).toBe(413);
  });
});
