import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Ask, addPeople, adminEnvironment, adminToken, asking, bearer, describedBy, signedIn } from "./admin-api.ts";
import { App } from "./app.ts";
import { type Description, operationsOf } from "./openapi.ts";
import type { Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
let description: Description;
/** By the admin token. */
let ask: Ask;
let grace: Person;
let ada: Person;

beforeAll(async () => {
  server = await startServer({ environment: adminEnvironment });
  await addPeople(server);
  description = await describedBy(server);
  ask = asking(server, description, bearer(adminToken));
  [grace, ada] = await Promise.all([signedIn(server, "grace@example.com"), signedIn(server, "ada@example.com")]);
});
afterAll(() => server.stop());

const personalToken = async (user: string, scope: string): Promise<string> =>
  String((await ask("POST", "/tokens", { user, name: "Night Backup", scope })).body["token"]);

/** Every route with every method that it has, about things that are there: what is refused is refused for who asks. */
async function everything(): Promise<readonly { readonly method: string; readonly path: string; readonly body: unknown }[]> {
  const [client, other, token, registrationToken] = await Promise.all([
    ask("POST", "/clients", { client_name: "Budget app", grant_types: ["client_credentials"] }),
    ask("GET", "/users"),
    ask("POST", "/tokens", { user: "ada@example.com", name: "Night Backup", scope: "read" }),
    ask("POST", "/registration_tokens"),
  ]);
  const [{ id: tokenId }] = (await ask("GET", "/tokens")).body["items"] as [{ id: string }];
  const ids: Readonly<Record<string, unknown>> = {
    client_id: client.body["client_id"],
    grant_id: token.body["id"],
    user: (other.body["items"] as readonly { id: string }[])[0]?.id,
    flow_id: "none",
  };
  return operationsOf(description).map(({ method, path }) => ({
    method,
    path: path.replace(/\{(\w+)\}/, (_, name: string) => {
      if (name !== "token_id") return String(ids[name]);
      return path.startsWith("/tokens") ? tokenId : String(registrationToken.body["id"]);
    }),
    body: method === "POST" ? bodies[path] : undefined,
  }));
}

const bodies: Readonly<Record<string, unknown>> = {
  "/clients": { client_name: "Photo Printer" },
  "/tokens": { user: "ada@example.com", name: "Photo Printer", scope: "admin" },
  "/users": { email: "mallory@example.com", admin: true },
  "/users/{user}/admin": { admin: true },
};

/** All that an administrator could have changed. */
async function state(): Promise<unknown> {
  const paths = ["/clients", "/grants?state=all", "/tokens", "/users", "/keys", "/registration_tokens"];
  const lists = await Promise.all(paths.map((path) => ask("GET", path)));
  return JSON.parse(JSON.stringify(lists.map(({ body }) => body)), (name, value: unknown) =>
    ["failures_24h", "last_used_at"].includes(name) ? undefined : value,
  );
}

/** Asks for everything, and wants each refused and nothing changed. */
async function expectRefusals(
  headers: Readonly<Record<string, string>>,
  statuses: readonly number[],
  methods: readonly string[] = ["GET", "POST", "DELETE"],
): Promise<void> {
  const asked = (await everything()).filter(({ method }) => methods.includes(method));
  const before = await state();
  const refused = asking(server, description, headers);
  for (const { method, path, body } of asked) {
    const { status, text } = await refused(method, path, body ?? (method === "GET" ? undefined : {}));
    expect(statuses, `${method} ${path}: ${status} ${text}`).toContain(status);
    expect(Object.keys(JSON.parse(text) as object).sort()).toEqual(["error", "error_description"]);
  }
  expect(await state()).toEqual(before);
}

describe("the admin API is for administrators alone: every route refuses", () => {
  it("whoever says nothing of who they are", () => expectRefusals({}, [401]));

  it("ada, who is signed in and no administrator", () => expectRefusals({ cookie: ada.cookies, "sec-fetch-site": "same-origin" }, [403]));

  it("a client's token, though an administrator granted it the scope admin", async () => {
    const app = await App.register(server, { scope: "read admin" });
    const { access_token, scope } = await app.connect(grace, { scope: "read admin", resource: server.origin });
    expect(scope.split(" ")).toContain("admin");
    await expectRefusals(bearer(access_token), [403]);
  });

  it("a service's own token with the scope admin", async () => {
    const service = {
      client_name: "Night Backup",
      grant_types: ["client_credentials"],
      scope: "admin",
      token_endpoint_auth_method: "client_secret_post",
    };
    const { client_id, client_secret } = (await ask("POST", "/clients", service)).body as { client_id: string; client_secret: string };
    const issued = await fetch(`${server.origin}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret, scope: "admin", resource: server.origin }),
    });
    const { access_token } = (await issued.json()) as { access_token: string };
    await expectRefusals(bearer(access_token), [403]);
  });

  it("an administrator's personal token without the scope admin", async () =>
    expectRefusals(bearer(await personalToken("grace@example.com", "read write")), [403]));

  it("a personal token with the scope admin whose owner is no administrator", async () =>
    expectRefusals(bearer(await personalToken("ada@example.com", "read admin")), [403]));

  it.each([
    ["by its Sec-Fetch-Site", { "sec-fetch-site": "cross-site" }],
    ["of a sister host", { "sec-fetch-site": "same-site" }],
    ["by its Origin", { origin: "https://mallory.example" }],
    ["of a sandbox, without an origin", { origin: "null" }],
    ["by its Referer", { referer: "https://mallory.example/trap" }],
  ])("what another site makes an administrator's browser send, %s", (_, headers) =>
    expectRefusals({ cookie: grace.cookies, ...headers }, [403], ["POST", "DELETE"]),
  );

  it("what a form can send with an administrator's cookie, wherever the form is", async () => {
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""])
      await expectRefusals({ cookie: grace.cookies, "sec-fetch-site": "same-origin", "content-type": type }, [415], ["POST", "DELETE"]);
  });

  it("what it is not told in the header: Basic, a query parameter, a body", async () => {
    await expectRefusals({ authorization: `Basic ${btoa(`admin:${adminToken}`)}` }, [401]);
    const nobody = asking(server, description, {});
    for (const name of ["access_token", "token", "admin_token"])
      expect((await nobody("GET", `/clients?${name}=${adminToken}`)).status).toBe(401);
    expect((await nobody("POST", "/clients", { client_name: "x", access_token: adminToken })).status).toBe(401);
  });
});

const clientsFor = (credentials: Readonly<Record<string, string>>): Promise<Answer> =>
  asking(server, description, credentials)("GET", "/clients");

describe("who may use the admin API", () => {
  it("is whoever has the admin token, an administrator who is signed in, and their personal token with the scope admin", async () => {
    const token = await personalToken("grace@example.com", "admin");
    for (const credentials of [bearer(adminToken), { cookie: grace.cookies }, bearer(token)])
      expect((await clientsFor(credentials)).status).toBe(200);
  });

  it("lets an administrator's own page change something", async () => {
    const own = asking(server, description, { cookie: grace.cookies, "sec-fetch-site": "same-origin" });
    expect((await own("POST", "/registration_tokens", {})).status).toBe(201);
  });

  it("looks at a token alone, whatever cookie comes with it", async () => {
    const both = { ...bearer(await personalToken("ada@example.com", "read")), cookie: grace.cookies };
    expect((await clientsFor(both)).status).toBe(403);
    const right = asking(server, description, { ...bearer(adminToken), cookie: ada.cookies, "sec-fetch-site": "cross-site" });
    expect((await right("POST", "/registration_tokens")).status).toBe(201);
  });

  it("changes at once when somebody is no administrator any more, or is disabled", async () => {
    await ask("POST", "/users", { email: "alan@example.com", password: "a-long-password", admin: true });
    const alan = await signedIn(server, "alan@example.com");
    const token = await personalToken("alan@example.com", "admin");
    const both = async () => [(await clientsFor({ cookie: alan.cookies })).status, (await clientsFor(bearer(token))).status];
    expect(await both()).toEqual([200, 200]);
    await ask("POST", "/users/alan@example.com/admin", { admin: false });
    expect(await both()).toEqual([403, 403]);
    await ask("POST", "/users/alan@example.com/admin", { admin: true });
    expect(await both()).toEqual([200, 200]);
    await ask("POST", "/users/alan@example.com/disable");
    expect(await both()).toEqual([401, 401]);
  });

  it("is told apart: a challenge for who said nothing, with the error for who said something wrong", async () => {
    const nobody = await clientsFor({});
    expect([nobody.status, nobody.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="admin"']);
    const wrong = await clientsFor(bearer("vs_pat_that-nobody-has"));
    expect([wrong.status, wrong.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="admin", error="invalid_token"']);
    const known = await clientsFor(bearer(await personalToken("grace@example.com", "read")));
    expect([known.status, known.body["error"], known.headers.get("www-authenticate")]).toEqual([
      403,
      "insufficient_scope",
      'Bearer realm="admin", error="insufficient_scope"',
    ]);
    expect((await clientsFor({ cookie: ada.cookies })).body["error"]).toBe("access_denied");
  });

  it("stands in the audit when it was refused, with the reason and without the token", async () => {
    await clientsFor(bearer("a-wrong-admin-token-of-some-length"));
    const read = async (): Promise<string> => (await ask("GET", "/events?type=client.authentication_failed&type=request.refused")).text;
    const told = async (): Promise<readonly string[]> => {
      const { items } = JSON.parse(await read()) as { items: readonly { type: string; endpoint: string; reason: string }[] };
      return items.map(({ type, endpoint, reason }) => `${type} ${endpoint}: ${reason}`);
    };
    // No answer waits for its refusal to be written down.
    await expect
      .poll(told)
      .toEqual(
        expect.arrayContaining([
          "client.authentication_failed admin: the admin token is wrong",
          "request.refused admin: nobody said who they are",
          "request.refused admin: a client is no administrator, whatever its scope",
          "request.refused admin: the request came from another site",
        ]),
      );
    const text = await read();
    expect(text).not.toContain("a-wrong-admin-token");
    expect(server.output()).not.toContain("a-wrong-admin-token");
  });

  it("answers no preflight, so that no other site's script asks or reads", async () => {
    const preflight = await fetch(`${server.origin}/admin/api/v1/clients`, {
      method: "OPTIONS",
      headers: { origin: "https://spa.example", "access-control-request-method": "POST", ...bearer(adminToken) },
    });
    expect([preflight.status, preflight.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
    expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("guessing the admin token", () => {
  it("is slowed down, which never touches who has the right one", async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 25; guess++) statuses.push((await clientsFor(bearer(`guess-${guess}`))).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    const limited = await clientsFor(bearer("one more"));
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await clientsFor(bearer(adminToken))).status).toBe(200);
    expect((await clientsFor({ cookie: grace.cookies })).status).toBe(200);
    expect((await ask("GET", "/events?type=rate.limited")).text).toContain('"endpoint":"admin"');
  });
});
