import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient, createService, type OperatorClient } from "./interop/operator-client.ts";
import { type Finished, type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ environment: { OAUTH_ACCESS_TOKEN_FORMAT: "jwt" } });
});
afterAll(() => server.stop());

const ask = ({ client_id, client_secret }: OperatorClient, more: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.origin}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "read", ...more }),
  });

describe("vouchsafe clients", () => {
  it("gives a client a new secret, and keeps the old one as long as it is told", async () => {
    const old = await createService(server, "client_secret_basic");
    const kept = await server.command(["clients", "secret", old.client_id, "--keep-old", "24h", "--json"]);
    const { client_secret } = JSON.parse(kept.stdout) as OperatorClient;
    const next = { ...old, client_secret };
    expect([(await ask(old)).status, (await ask(next)).status]).toEqual([200, 200]);

    const { stdout } = await server.command(["clients", "secret", old.client_id]);
    const last = { ...old, client_secret: stdout.trim() };
    expect([(await ask(old)).status, (await ask(next)).status, (await ask(last)).status]).toEqual([401, 401, 200]);
  });

  it("disables a client and enables it again, beside the running server", async () => {
    const service = await createService(server, "client_secret_basic");
    expect((await server.command(["clients", "disable", service.client_id])).code).toBe(0);
    expect((await ask(service)).status).toBe(401);
    expect((await server.command(["clients", "enable", service.client_id])).code).toBe(0);
    expect((await ask(service)).status).toBe(200);
  });

  it("deletes a client, which then nobody knows", async () => {
    const service = await createService(server, "client_secret_basic");
    expect((await server.command(["clients", "delete", service.client_id])).code).toBe(0);
    expect((await ask(service)).status).toBe(401);
    expect((await server.command(["clients", "show", service.client_id])).code).toBe(4);
  });

  it("shows what is known of a client, and no secret", async () => {
    const flags = ["--name", "Night Backup", "--confidential", "--grant-type", "client_credentials"];
    const client = await createClient(server, [...flags, "--resource", `${server.origin}/api/notes`]);
    const shown = await server.command(["clients", "show", client.client_id, "--json"]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ client_name: "Night Backup", resources: [`${server.origin}/api/notes`] });
    expect(shown.stdout + shown.stderr).not.toContain(client.client_secret);
  });

  it("ties a client to the resources it is given", async () => {
    const flags = ["--name", "Night Backup", "--confidential", "--grant-type", "client_credentials"];
    const client = await createClient(server, [...flags, "--resource", `${server.origin}/api/notes`]);
    expect((await ask(client)).status).toBe(200);
    const elsewhere = await ask(client, { resource: `${server.origin}/mcp` });
    expect([elsewhere.status, await elsewhere.json()]).toMatchObject([400, { error: "invalid_target" }]);
  });

  it.each<[string, (id: string) => readonly string[], number]>([
    ["a client there is not", () => ["clients", "secret", "nobody"], 4],
    ["a client there is not", () => ["clients", "disable", "nobody"], 4],
    ["a client there is not", () => ["clients", "delete", "nobody"], 4],
    ["a secret for a client without one", (id) => ["clients", "secret", id], 2],
    ["a time that is none", (id) => ["clients", "secret", id, "--keep-old", "a while"], 2],
    ["private keys", () => ["clients", "create", "--name", "X", "--auth-method", "private_key_jwt", "--jwks", "-"], 2],
    ["a method without keys", () => ["clients", "create", "--name", "X", "--auth-method", "private_key_jwt"], 2],
    ["keys in a private network", () => ["clients", "create", "--name", "X", "--jwks-uri", "http://10.0.0.1/keys"], 2],
    ["a resource there is not", () => ["clients", "create", "--name", "X", "--resource", "https://bank.example"], 2],
    ["an id that is no URL", () => ["clients", "create", "--name", "X", "--id", "mine"], 2],
  ])("says in one sentence that it cannot take %s", async (_, args, code) => {
    const { client_id } = await createClient(server, ["--name", "Household Budget", "--public", "--redirect-uri", "http://localhost/cb"]);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const finished: Finished = await server.command(args(client_id), JSON.stringify({ keys: [privateKey.export({ format: "jwk" })] }));
    expect(finished.code).toBe(code);
    expect(finished.stderr.trim().split("\n")).toHaveLength(1);
    expect(finished.stdout).toBe("");
  });
});

describe("vouchsafe keys", () => {
  interface Listed {
    readonly kid: string;
    readonly algorithm: string;
    readonly state: string;
  }
  const list = async (): Promise<readonly Listed[]> => JSON.parse((await server.command(["keys", "list", "--json"])).stdout) as Listed[];
  const published = async (): Promise<readonly string[]> =>
    ((await (await fetch(`${server.origin}/oauth/jwks`)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  const signedWith = async (service: OperatorClient): Promise<string> => {
    const { access_token: token = "" } = (await (await ask(service)).json()) as { access_token?: string };
    return (JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { kid: string }).kid;
  };
  /** Another process has rotated: the server looks at least once a second. */
  const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
    for (let attempt = 0; attempt < 100 && !(await isTrue()); attempt++) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  it("are two from the start: one signs, the next is published already", async () => {
    const keys = await list();
    expect(keys.map(({ state }) => state).toSorted()).toEqual(["next", "signing"]);
    expect((await published()).toSorted()).toEqual(keys.map(({ kid }) => kid).toSorted());
  });

  it("rotate: the next one signs, the one before stays published, and the running server follows", async () => {
    const service = await createService(server, "client_secret_basic");
    const before = await list();
    const next = before.find(({ state }) => state === "next")?.kid ?? "";
    expect(await signedWith(service)).toBe(before.find(({ state }) => state === "signing")?.kid);

    const { code, stdout } = await server.command(["keys", "rotate"]);
    expect([code, stdout.trim()]).toEqual([0, next]);
    await until(async () => (await signedWith(service)) === next);
    expect(await signedWith(service)).toBe(next);
    expect(await published()).toEqual(expect.arrayContaining(before.map(({ kid }) => kid)));
    expect((await list()).map(({ state }) => state).toSorted()).toEqual(["next", "retired", "signing"]);
  });

  it("rotate to another algorithm when told, and to none that there is not", async () => {
    expect((await server.command(["keys", "rotate", "--algorithm", "RS256"])).code).toBe(0);
    expect((await list()).find(({ state }) => state === "signing")?.algorithm).toBe("RS256");
    expect((await server.command(["keys", "rotate", "--algorithm", "HS256"])).code).toBe(2);
  });
});
