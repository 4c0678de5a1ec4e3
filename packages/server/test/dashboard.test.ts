import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sqlite } from "vouchsafe/sqlite";
import { AccountHolder } from "./interop/account-holder.ts";
import { LoopbackApp } from "./interop/loopback-app.ts";
import { tableOfPage as table, textOfPage as text } from "./page-text.ts";
import { type Page, Person } from "./person.ts";
import { type RunningServer, startServer } from "./running-server.ts";

/** When the flow began that is brought into the database. */
const began = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;

const shown = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");

const markup = '<img src=x onerror="stolen()">';

describe("the operator's dashboard", () => {
  let server: RunningServer;
  let admin: Person;
  let grace: Person;
  let printer: LoopbackApp;
  let hostile: LoopbackApp;

  beforeAll(async () => {
    server = await startServer({ environment: { OAUTH_RATE_LIMIT_REGISTER: "1000/1m" } });
    await server.command(["users", "add", "ada@example.com", "--admin", "--password-stdin"], "correct horse battery staple\n");
    const holder = await AccountHolder.join(server, "grace");
    [admin, grace] = await Promise.all([signedIn("ada@example.com"), signedIn(holder.email)]);
    printer = await LoopbackApp.register(server.origin, "Photo Printer");
    hostile = await LoopbackApp.register(server.origin, markup);
    for (const app of [printer, printer, hostile]) await connect(app, holder);
    await noteFlow(server, printer);
    await holder.makeAccessToken({ name: markup, scopes: ["read"], ends: "7d" });
  });
  afterAll(async () => {
    await Promise.all([printer.callback.close(), hostile.callback.close()]);
    await server.stop();
  });

  const places = ["", "/apps", "/connections", "/tokens", "/people", "/security", "/audit", "/flows", "/live", "/keys"];

  it.each(places)(
    "/admin%s: leads a stranger to sign in and back, tells an ordinary person no, and is an administrator's alone",
    async (place) => {
      const path = `/admin${place}`;
      const stranger = await new Person(server.origin).send(path);
      expect([stranger.status, stranger.headers.get("location")]).toEqual([302, `/sign_in?return_to=${encodeURIComponent(path)}`]);

      const refused = await grace.open(path);
      expect([refused.status, refused.html.includes("This page is not for you")]).toEqual([403, true]);
      expect(refused.html).not.toContain("Photo Printer");

      const page = await admin.open(path);
      expect(page.status).toBe(200);
      expect(page.html).toContain('aria-current="page"');
      expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
      expect(page.headers.get("cache-control")).toBe("no-store");
      expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-[^;]+; /);
      expect(page.headers.get("content-security-policy")?.includes("connect-src 'self'")).toBe(place === "/live");
    },
  );

  it("begins with sentences whose numbers are those of the admin API, and draws each chart with its table", async () => {
    const page = await admin.open("/admin?range=24h");
    const statistics = await api("/stats?since=24h");
    const failed = sum(statistics.counts.refused);
    const words = text(page);
    expect(statistics.counts.issued["authorization_code"]).toBe(3);
    expect(words).toContain(`Today: 3 new connections, 3 active, ${failed} failed, ${sum(statistics.counts.security)} security events`);
    expect(page.html.match(/<svg class="chart[^>]* role="img"/g)).toHaveLength(failed > 0 ? 4 : 3);
    expect(table(page, "Issued by grant type, numbers").at(-1)).toEqual(expect.arrayContaining(["All", "3"]));
    expect(table(page, "Live connections by client, numbers")).toContainEqual(['"Photo Printer"', "2"]);
    expect(table(page, "Registrations by method, numbers")).toContainEqual(["by itself", "2"]);
  });

  it("links each number to its evidence", async () => {
    const page = await admin.open("/admin");
    const links = [...page.html.matchAll(/<p class="lead">(.*?)<\/p>/gs)].flatMap(([, lead = ""]) => [...lead.matchAll(/href="([^"]+)"/g)]);
    expect(links).toHaveLength(4);
    for (const [, href = ""] of links) expect((await admin.open(href.replaceAll("&amp;", "&"))).status, href).toBe(200);
  });

  it.each([
    ["/admin/apps", "Apps", ['"Photo Printer"', "127.0.0.1:", "named itself", "2", "enabled"]],
    ["/admin/connections", "Connections", ['"Photo Printer"', "grace@example.com"]],
    ["/admin/people", "People", ["grace@example.com", "3", "1"]],
    ["/admin/tokens", "Issued tokens", ["refresh", "grace@example.com", "active"]],
    ["/admin/tokens", "Personal tokens", [markup, "grace@example.com"]],
    ["/admin/audit", "Events", ["client.registered"]],
    ["/admin/flows", "Flows", ['"Photo Printer"', "refused", "1 min 21 s"]],
    ["/admin/keys", "Signing keys", ["ES256", "signing"]],
    ["/admin/live", "The newest events", ["client.registered"]],
  ])("%s: shows in its table %s what there is", async (path, name, cells) => {
    const rows = table(await admin.open(path), name);
    expect(
      rows.find((row) => cells.every((cell) => row.some((one) => one.includes(cell)))),
      JSON.stringify(rows),
    ).toBeDefined();
  });

  it("shows an attempt step by step, with the private reason of what was refused", async () => {
    const words = text(await admin.open("/admin/flows/flow-of-the-printer"));
    expect(words).toContain('"Photo Printer": refused');
    expect(words).toContain(`Asked ${shown(began)} · +0.0 s`);
    expect(words).toContain(`Refused ${shown(began + 81_400)} · +1 min 21 s invalid_grant at token the code has expired`);
    expect(words).toContain(markup);
  });

  it("finds an app by a part of its name, and says so where there is none", async () => {
    expect(table(await admin.open("/admin/apps?search=photo"), "Apps")).toHaveLength(1);
    expect((await admin.open("/admin/apps?search=nothing")).html).toContain("No app is like that.");
  });

  it("says first what revoking an app touches, then ends it under the administrator's name, and says that it did", async () => {
    const path = `/admin/apps/${hostile.client.client_id}/revoke`;
    const asked = await admin.open(path);
    expect(text(asked)).toContain(`Revoke all of "${markup}"? 1 person, 1 connection and 0 tokens of its own end now.`);
    expect((await api(`/clients/${hostile.client.client_id}`)).connections).toBe(1);

    const done = await admin.submit(asked, path, {});
    expect(text(done)).toContain("1 person, 1 connection and 0 tokens of its own have ended.");
    expect((await api(`/clients/${hostile.client.client_id}`)).connections).toBe(0);
    expect(await newest("client.revoked")).toMatchObject({ operator: "ada@example.com", client_id: hostile.client.client_id });
  });

  it("disables and enables an app, and ends a connection and a token", async () => {
    const own = `/admin/apps/${printer.client.client_id}`;
    expect(text(await answer(`${own}/disable`))).toContain('"Photo Printer" is disabled.');
    expect(await api(`/clients/${printer.client.client_id}`)).toHaveProperty("disabled_at");
    expect(text(await answer(`${own}/enable`))).toContain('"Photo Printer" is enabled.');
    expect(await newest("client.enabled")).toMatchObject({ operator: "ada@example.com" });

    const [grant] = (await api(`/grants?client=${printer.client.client_id}`)).items;
    expect(text(await answer(`/admin/connections/${grant?.id}/revoke`))).toContain('"Photo Printer" of grace@example.com has ended.');
    expect(await newest("grant.revoked")).toMatchObject({ operator: "ada@example.com", grant_id: grant?.id });

    const [token] = (await api(`/tokens?client=${printer.client.client_id}&kind=access`)).items.filter(({ state }) => state === "active");
    expect(text(await answer(`/admin/tokens/${token?.id}/revoke`))).toContain(`Token ${token?.id} has ended.`);
  });

  it("makes somebody an administrator, and takes that away from anybody but the last", async () => {
    const [ada, other] = await Promise.all(["ada", "grace"].map((name) => api(`/users/${name}@example.com`)));
    await answer(`/admin/people/${other?.id}/make_admin`);
    expect((await grace.open("/admin")).status).toBe(200);
    expect(await newest("account.made_admin")).toMatchObject({ operator: "ada@example.com", subject: other?.id });
    await answer(`/admin/people/${other?.id}/remove_admin`);
    expect((await grace.open("/admin")).status).toBe(403);

    for (const action of ["remove_admin", "disable"]) {
      const refused = await answer(`/admin/people/${ada?.id}/${action}`);
      expect([refused.status, text(refused)]).toEqual([
        409,
        expect.stringContaining("ada@example.com is the only administrator: make somebody else one first."),
      ]);
    }
  });

  it("rotates the signing key after a question, and verifies the audit", async () => {
    const before = (await api("/keys")).items.find(({ state }) => state === "signing")?.kid;
    const done = await answer("/admin/keys/rotate");
    expect(text(done)).toMatch(/\S+ signs now\./);
    expect((await api("/keys")).items.find(({ state }) => state === "signing")?.kid).not.toBe(before);

    const verified = await admin.submit(await admin.open("/admin/audit"), "/admin/audit/verify", {});
    expect([verified.status, text(verified)]).toEqual([200, expect.stringMatching(/The audit is whole \d+ events checked, 0 findings\./)]);
  });

  it("changes nothing for a form without its token, with another form's, with another session's, or from another site", async () => {
    const path = `/admin/apps/${printer.client.client_id}/delete`;
    const asked = await admin.open(path);
    const other = await admin.open(`/admin/apps/${printer.client.client_id}/disable`);
    const own = { origin: server.origin };
    const post = (csrf: string, headers: Record<string, string>, by = admin) =>
      by.send(path, { method: "POST", body: new URLSearchParams({ csrf }), headers });
    const csrf = asked.hidden()["csrf"] ?? "";

    expect((await post("", own)).status).toBe(400);
    expect((await post(other.hidden()["csrf"] ?? "", own)).status).toBe(400);
    expect((await post(csrf, own, await signedIn("ada@example.com"))).status).toBe(400);
    expect((await post(csrf, { ...own, "sec-fetch-site": "cross-site" })).status).toBe(400);
    expect((await post(csrf, { origin: "https://elsewhere.example" })).status).toBe(400);
    expect((await post(csrf, own, grace)).status).toBe(403);
    expect((await admin.send(path, { method: "DELETE" })).status).toBe(404);
    expect(await api(`/clients/${printer.client.client_id}`)).toMatchObject({ client_name: "Photo Printer" });
  });

  it("tells nobody of something done by a link that they were sent", async () => {
    const page = await admin.open("/admin/apps?done=Everything+has+been+deleted.&proof=made-up");
    expect([page.status, page.html.includes("Everything has been deleted")]).toEqual([200, false]);
  });

  it.each([
    "/apps/nobody",
    "/apps/nobody/revoke",
    "/people/nobody",
    "/people/nobody/disable",
    "/connections/none/revoke",
    "/tokens/999999/revoke",
    "/tokens/x/revoke",
    "/flows/none",
    "/nowhere",
    "/apps/a/constructor",
    "/apps/a/b/c",
  ])("/admin%s: is 404, in words", async (place) => {
    const page = await admin.open(`/admin${place}`);
    expect([page.status, page.html]).toEqual([404, expect.stringMatching(/<h1>(Not found|There is no such page)<\/h1>/)]);
  });

  it.each([
    ["?range=2y", "range is one of 1h, 24h, 7d, 30d"],
    ["/apps?color=red", "There is no filter color: this page has search, registered, state, after."],
    ["/apps?state=open", "state is one of enabled, disabled"],
    ["/apps?search=a&search=b", "search is there twice."],
    ["/connections?after=x", "after is next of the page before."],
    ["/tokens?kind=gold", "kind is one of access, refresh, personal"],
    ["/audit?type=no.such", "There is no event no.such"],
    ["/audit?since=yesterday", "since is a length of time such as 24h"],
    ["/audit?security=perhaps", "security is yes or absent"],
    ["/flows?outcome=lost", "outcome is one of"],
  ])("/admin%s: is 400 and says what is not understood", async (place, words) => {
    const page = await admin.open(`/admin${place}`);
    expect([page.status, text(page)]).toEqual([400, expect.stringContaining(words)]);
  });

  it("exports what is shown, and nothing else", async () => {
    const page = await admin.open("/admin/audit?type=client.registered,account.created&since=24h");
    const shown = table(page, "Events").map(([, type]) => type);
    const [, path = ""] = /href="([^"]+format=jsonl)"/.exec(page.html) ?? [];
    const exported = await admin.send(path.replaceAll("&amp;", "&"));
    const lines = (await exported.text())
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(new Set(lines)).toEqual(new Set(["client.registered", "account.created"]));
    expect(lines.toReversed()).toEqual(shown);
  });

  it("is linked from an administrator's first page, and from nobody else's", async () => {
    expect((await admin.open("/")).html).toContain('<a href="/admin">Operate</a>');
    expect((await grace.open("/")).html).not.toContain("/admin");
  });

  it("shows markup in names as text, on every page", async () => {
    for (const place of [...places, `/apps/${hostile.client.client_id}`, `/apps/${hostile.client.client_id}/delete`]) {
      const page = await admin.open(`/admin${place}`);
      expect(page.html, place).not.toContain("<img");
    }
    expect(text(await admin.open("/admin/apps"))).toContain(`"${markup}"`);
  });

  async function signedIn(email: string): Promise<Person> {
    const person = new Person(server.origin);
    await person.signIn(email, "correct horse battery staple");
    return person;
  }

  /** Opens the question, and says yes. */
  async function answer(path: string): Promise<Page> {
    return admin.submit(await admin.open(path), path, {});
  }

  async function api(path: string): Promise<Answer> {
    const response = await admin.send(`/admin/api/v1${path}`, { headers: { accept: "application/json" } });
    expect(response.status, path).toBe(200);
    return (await response.json()) as Answer;
  }

  const newest = async (type: string): Promise<unknown> => (await api(`/events?type=${type}&limit=1`)).items[0];
});

async function connect(app: LoopbackApp, person: AccountHolder): Promise<void> {
  const asked = await app.ask({ scope: "read" });
  await person.allow(asked.link, ["read"]);
  await app.redeem(asked, await app.answer(asked));
}

/** Brings an attempt into the database of a server. */
async function noteFlow({ directory }: RunningServer, { client }: LoopbackApp): Promise<void> {
  const store = sqlite(join(directory, "vouchsafe.db"));
  const step = { flowId: "flow-of-the-printer", client: { id: client.client_id, name: "Photo Printer" }, address: "198.51.100.20" };
  await store.flows.note([
    { ...step, at: began, name: "requested", family: markup },
    { ...step, at: began + 81_400, name: "refused", endpoint: "token", error: "invalid_grant", reason: "the code has expired" },
  ]);
  await store.close();
}

/** What the admin API answers, as far as a test looks at it. */
interface Answer {
  readonly items: readonly { readonly id: string; readonly kid: string; readonly state: string }[];
  readonly counts: Readonly<Record<"issued" | "refused" | "security", Readonly<Record<string, number>>>>;
  readonly connections: number;
  readonly id: string;
}

const sum = (tally: Record<string, number>): number => Object.values(tally).reduce((all, count) => all + count, 0);
