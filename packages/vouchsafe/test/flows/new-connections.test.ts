import { describe, expect, it } from "vitest";
import type { NewConnection } from "../../src/config.ts";
import { en } from "../../src/messages/en.ts";
import { allow, authorizePath, browserOf, connect, consentPage, goOn, open, press, readPage, submit, tokensOf } from "../a-person.ts";
import {
  aServer,
  budgetApp,
  days,
  lastEvent,
  minutes,
  photoPrinter,
  post,
  redeem,
  revoke,
  type Server,
  send,
  statusAtApi,
  verifier,
} from "../a-server.ts";
import { aLocalServer, aSite, publish } from "../a-site.ts";

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";

/** A server that tells ada of new connections, and what it told. */
function aTellingServer(options: Parameters<typeof aServer>[0] = {}): { server: Server; told: NewConnection[] } {
  const told: NewConnection[] = [];
  return { server: aServer({ onNewConnection: (connection) => void told.push(connection), ...options }), told };
}

const untilTold = () => new Promise((resolve) => setImmediate(resolve));

const pathOf = (url: string | undefined): string => {
  const { pathname, search } = new URL(url ?? "");
  return pathname + search;
};

/** Ada's browser, which says what it is, allows the app what it asks for. */
async function connectIn(server: Server, userAgent: string, language = "en") {
  const [app, browser] = [await budgetApp(server), browserOf(server)];
  const page = await consentPage(browser, app, { scope: "read write", ui_locales: language });
  const { target } = await goOn(browser, await press(browser, page, "allow", {}, { "user-agent": userAgent }));
  const response = await redeem(server, app, target.searchParams.get("code") ?? "");
  const tokens = await tokensOf(response);
  return { app, browser, tokens, token: tokens.access };
}

describe("a person whose account has a new connection", () => {
  it("is told by which app, when, where, what it can do and until when, and how to end it", async () => {
    const { server, told } = aTellingServer();
    const { app } = await connectIn(server, firefox);
    await untilTold();

    expect(told).toHaveLength(1);
    const [{ message, ...facts } = {} as NewConnection] = told;
    const at = server.clock.now;
    expect(facts).toMatchObject({ subject: "ada", clientId: app.id, clientName: '"Budget app"', scope: ["read", "write"], at });
    expect(facts.endsAt).toBe(at + 30 * days);
    expect(message.title).toBe('"Budget app" can now use your Notes account');
    expect(message.text).toContain("on Jan 15, 2027, 08:00 AM UTC, in Firefox on Linux.");
    expect(message.text).toContain("It can: Read your notes, Change your notes.");
    expect(message.text).toContain("It ends on Feb 14, 2027.");
    expect(message.text).toContain(`${server.issuer}/my/connected_apps\n`);
    expect(message.text).toContain(facts.notMeUrl);
  });

  it("is told in the language of the page on which they agreed", async () => {
    const { server, told } = aTellingServer();
    await connectIn(server, firefox, "de");
    await untilTold();
    expect(told[0]?.message.title).toBe("„Budget app“ kann jetzt dein Konto bei Notes nutzen");
    expect(told[0]?.message.text).toContain("in Firefox unter Linux.");
  });

  it("is told of a connection without an end, from a browser that does not say what it is", async () => {
    const { server, told } = aTellingServer();
    await connect(server, await budgetApp(server), {}, { lifetime: "never" });
    await untilTold();
    expect(told[0]?.message.text).toContain('"Budget app" was connected to your Notes account on Jan 15, 2027, 08:00 AM UTC.');
    expect(told[0]?.message.text).toContain("It stays connected until you disconnect it.");
    expect(told[0]).toHaveProperty("endsAt", undefined);
  });

  it("is led to where the server is, also below a path of its host", async () => {
    const { server, told } = aTellingServer({ issuer: "https://example.com/notes" });
    const [printer, browser, stranger] = [await photoPrinter(server), browserOf(server), browserOf(server, "nobody")];
    const asked = await readPage(await open(browser, `/notes${authorizePath(printer)}`));
    const { target } = await goOn(browser, await press(browser, asked, "allow"));
    const code = target.searchParams.get("code") ?? undefined;
    const fields = { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: printer.redirectUri };
    expect((await send(server, printer, "/notes/oauth/token", fields)).status).toBe(200);
    await untilTold();

    expect(told[0]?.message.text).toContain("\nhttps://example.com/notes/my/connected_apps\n");
    const question = await readPage(await open(stranger, pathOf(told[0]?.notMeUrl)));
    expect(question.html).toContain('<a href="/notes/my/connected_apps">Connected apps</a>');
    const ended = await submit(stranger, question.action, question.hidden);
    expect(await (await open(stranger, ended.headers.get("location") ?? "")).text()).toContain("Photo printer is disconnected");
  });

  it("is told nothing of a code that nobody redeems, of a no, and of a consent that was remembered", async () => {
    const { server, told } = aTellingServer();
    const [app, browser] = [await photoPrinter(server), browserOf(server)];
    await press(browser, await consentPage(browser, app), "deny");
    await allow(browser, app);
    await untilTold();
    expect(told).toEqual([]);

    await connect(server, app, { scope: "read" });
    await untilTold();
    expect(told).toHaveLength(1);
    const remembered = await open(browser, authorizePath(app, { scope: "read" }));
    const code = new URL(remembered.headers.get("location") ?? "").searchParams.get("code") ?? "";
    expect((await redeem(server, app, code)).status).toBe(200);
    await untilTold();
    expect(told).toHaveLength(1);
  });

  it("is not led anywhere by a name that an app gave itself", async () => {
    const { server, told } = aTellingServer();
    const app = await budgetApp(server, { client_name: "Your bank: https://bank.evil.example/login or help@evil.example" });
    await connect(server, app);
    await untilTold();
    const { title = "", text = "" } = told[0]?.message ?? {};
    expect(title).toBe('"Your bank  https bank evil example login or help evil exampl" can now use your Notes account');
    expect(text).not.toContain("evil.example");
  });

  it("is told where it says that it is from, and whether that was checked: its name alone says nothing", async () => {
    const site = await aSite();
    const told: NewConnection[] = [];
    for (const trustedHosts of [[], [new URL(site.origin).host]]) {
      const server = aLocalServer({
        clientIdMetadata: { allowLoopback: true, trustedHosts },
        onNewConnection: (made) => void told.push(made),
      });
      await connect(server, publish(site, { client_name: "Household Budget" }));
      await untilTold();
    }
    const { host } = new URL(site.origin);
    expect(told[0]?.message.text).toContain(`It says that it is from ${host}; Notes has not checked it.`);
    expect(told[1]?.message.text).toContain(`It is from ${host}, checked by Notes.`);
  });

  it("has no room in its title for a message of the app's own", async () => {
    const { server, told } = aTellingServer();
    await connect(server, await budgetApp(server, { client_name: `Pay now on evil\u3002example/login ${"x".repeat(150)}` }));
    await untilTold();
    expect(told[0]?.message.title).toMatch(/^"Pay now on evil example login x{28,36}" can now use your Notes account$/);
  });

  it("is told twenty times an hour at most, whoever else is told, and every connection is made all the same", async () => {
    const { server, told } = aTellingServer({ rateLimits: { register: "1000/1m", newConnection: "2/1h" } });
    const app = await budgetApp(server);
    for (const _ of ["first", "second", "third"]) expect((await connect(server, app)).access).not.toBe("");
    await untilTold();
    expect(told).toHaveLength(2);
    await connect(server, app, {}, {}, browserOf(server, "grace"));
    await untilTold();
    expect(told.map(({ subject }) => subject)).toEqual(["ada", "ada", "grace"]);
  });

  it("costs the app nothing where telling fails: it has its tokens, and the operator hears of it", async () => {
    const { server } = aTellingServer({ onNewConnection: () => Promise.reject(new Error("no mail today")) });
    const { access } = await connect(server, await budgetApp(server));
    await untilTold();
    expect(await statusAtApi(server, access)).toBe(200);
    expect(server.errors).toEqual([new Error("no mail today")]);
  });

  it("costs the app nothing where a catalogue of the host app's cannot say it", async () => {
    const title = () => {
      throw new Error("no words today");
    };
    const { server, told } = aTellingServer({ languages: [{ ...en, newConnection: { ...en.newConnection, title } }] });
    const { access } = await connect(server, await budgetApp(server));
    await untilTold();
    expect(await statusAtApi(server, access)).toBe(200);
    expect([told, server.errors]).toEqual([[], [new Error("no words today")]]);
  });

  it("is told before the server has closed", async () => {
    const told: string[] = [];
    const server = aServer({
      onNewConnection: async ({ subject }) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        told.push(subject);
      },
    });
    await connect(server, await budgetApp(server));
    await server.oauth.close();
    expect(told).toEqual(["ada"]);
  });
});

describe('"This wasn\'t me"', () => {
  async function aToldConnection() {
    const { server, told } = aTellingServer();
    const { app, token, tokens } = await connectIn(server, firefox);
    await untilTold();
    return { server, app, token, tokens, told, link: pathOf(told[0]?.notMeUrl), stranger: browserOf(server, "nobody") };
  }

  it("asks whoever follows the link, signed in or not, and ends nothing: mail programs follow links too", async () => {
    const { server, token, link, stranger } = await aToldConnection();
    const page = await readPage(await open(stranger, link));
    expect(page.html).toContain("You didn&#39;t connect &quot;Budget app&quot;?");
    expect(page.html).toContain("It was connected to your account on Jan 15, 2027.");
    expect(await statusAtApi(server, token)).toBe(200);
    expect(server.events.some(({ type }) => type === "suspicious.activity")).toBe(false);
  });

  it("ends the connection at once, says what else to do, and leaves a security event", async () => {
    const { server, token, told, link, stranger } = await aToldConnection();
    const page = await readPage(await open(stranger, link));
    const answer = await submit(stranger, page.action, page.hidden);
    expect(answer.status).toBe(303);
    expect(await statusAtApi(server, token)).toBe(401);
    expect(await (await open(stranger, answer.headers.get("location") ?? "")).text()).toContain("change your password");
    expect(lastEvent(server, "suspicious.activity")).toMatchObject({
      kind: "connection_disowned",
      subject: "ada",
      grantId: told[0]?.grantId,
      clientId: told[0]?.clientId,
    });
  });

  it("ends it once: sent again, the form says that it has ended, and files nothing more", async () => {
    const { server, link, stranger } = await aToldConnection();
    const page = await readPage(await open(stranger, link));
    for (const _ of ["first", "again"]) expect((await submit(stranger, page.action, page.hidden)).status).toBe(303);
    expect(server.events.filter(({ type }) => type === "suspicious.activity")).toHaveLength(1);
  });

  it("needs our signature on this very connection", async () => {
    const { server, token, link, stranger } = await aToldConnection();
    const other = await aToldConnection();
    const [path = "", proof = ""] = link.split("?proof=");
    const otherProof = other.link.split("?proof=")[1] ?? "";
    for (const wrong of ["", otherProof, `${proof}x`, proof.slice(1)]) {
      expect((await open(stranger, `${path}?proof=${wrong}`)).status).toBe(400);
      expect((await submit(stranger, path, { proof: wrong })).status).toBe(400);
    }
    expect((await post(server, path, {})).status).toBe(400);
    expect(await statusAtApi(server, token)).toBe(200);
  });

  it("can be said of a connection that whoever made it has ended already", async () => {
    const { server, app, link, stranger, tokens } = await aToldConnection();
    await revoke(server, app, tokens.refresh);
    server.clock.now += minutes;
    const page = await readPage(await open(stranger, link));
    expect(page.html).toContain("has ended since");
    const answer = await submit(stranger, page.action, page.hidden);
    expect(lastEvent(server, "suspicious.activity")).toMatchObject({ kind: "connection_disowned", subject: "ada" });
    expect(await (await open(stranger, answer.headers.get("location") ?? "")).text()).toContain("change your password");
  });
});
