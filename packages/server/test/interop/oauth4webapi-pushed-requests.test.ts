import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type RunningServer, startServer } from "../running-server.ts";
import { AccountHolder } from "./account-holder.ts";
import { type Asked, discover, LoopbackApp } from "./loopback-app.ts";
import { notesApi, readNotes } from "./notes-api.ts";

const refused = (error: string, status = 400) => ({ name: "ResponseBodyError", error, status });

describe("an independent OAuth client, oauth4webapi, that pushes its authorization requests", () => {
  let server: RunningServer;
  let ada: AccountHolder;

  beforeAll(async () => {
    server = await startServer();
    ada = await AccountHolder.join(server, "ada");
  });
  afterAll(() => server.stop());

  it("finds where to push in the server metadata", async () => {
    expect(await discover(server.origin)).toMatchObject({ pushed_authorization_request_endpoint: `${server.origin}/oauth/par` });
  });

  it.each(["none", "client_secret_basic"])("sends the person with a reference alone, and connects, authenticated by %s", async (method) => {
    const budget = await app({ token_endpoint_auth_method: method });
    const asked = await budget.push(await ask(budget));
    expect([...asked.link.searchParams.keys()].sort()).toEqual(["client_id", "request_uri"]);
    expect(asked.link.searchParams.get("request_uri")).toMatch(/^urn:ietf:params:oauth:request_uri:\S+$/);

    await ada.allow(asked.link, ["read"]);
    const tokens = await budget.redeem(asked, await budget.answer(asked));
    expect(tokens.scope).toBe("read");
    expect(await readNotes(server, tokens.access_token)).toBe(200);
  });

  it("is told what is wrong with its request where it pushes, before a person sees anything", async () => {
    const budget = await app();
    const elsewhere = await budget.ask({ redirect_uri: "https://bank.example/callback" });

    await expect(budget.push(await budget.ask({ scope: "read everything" }))).rejects.toMatchObject(refused("invalid_scope"));
    await expect(budget.push(await budget.ask({ resource: "https://bank.example/api" }))).rejects.toMatchObject(refused("invalid_target"));
    await expect(budget.push(await budget.ask({ code_challenge_method: "plain" }))).rejects.toMatchObject(refused("invalid_request"));
    await expect(budget.push(elsewhere)).rejects.toMatchObject({ name: "ResponseBodyError", status: 400 });
  });

  it("may not push a reference to another request", async () => {
    const budget = await app();
    const { link } = await budget.push(await ask(budget));
    const request_uri = link.searchParams.get("request_uri") ?? "";

    await expect(budget.push(await budget.ask({ request_uri }))).rejects.toMatchObject(refused("invalid_request"));
  });

  it("may push nothing for a client whose secret it doesn't have", async () => {
    const printer = await app({ token_endpoint_auth_method: "client_secret_basic" });
    const pretender = await LoopbackApp.known(server.origin, printer.client, printer.callback, oauth.ClientSecretBasic("guessed"));

    await expect(pretender.push(await ask(printer))).rejects.toMatchObject({ status: 401 });
  });

  it("sends nobody on with another client's reference, nor with one that was never given", async () => {
    const budget = await app();
    const printer = await app();
    const pushed = await printer.push(await ask(printer));
    const stolen = withParameter(pushed, "client_id", budget.client.client_id);
    const invented = withParameter(pushed, "request_uri", "urn:ietf:params:oauth:request_uri:invented");

    for (const { link } of [stolen, invented]) {
      const page = await ada.follow(link);
      expect(page.status).toBe(400);
      expect(page.html).not.toContain('name="decision"');
    }
    expect([...budget.callback.arrivals, ...printer.callback.arrivals]).toEqual([]);
  });

  it("reads what it pushed, and nothing that somebody adds to the link", async () => {
    const budget = await app();
    const asked = withParameter(await budget.push(await ask(budget)), "scope", "read write");
    await ada.allow(asked.link, ["read", "write"]);

    expect((await budget.redeem(asked, await budget.answer(asked))).scope).toBe("read");
  });

  async function app(metadata: Parameters<typeof LoopbackApp.register>[2] = {}): Promise<LoopbackApp> {
    const registered = await LoopbackApp.register(server.origin, "Household Budget", metadata);
    onTestFinished(registered.callback.close);
    return registered;
  }

  const ask = (budget: LoopbackApp): Promise<Asked> => budget.ask({ scope: "read", resource: notesApi(server) });
});

function withParameter(asked: Asked, name: string, value: string): Asked {
  const link = new URL(asked.link);
  link.searchParams.set(name, value);
  return { ...asked, link };
}
