import { execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { freePort } from "./running-server.ts";

const root = join(import.meta.dirname, "../../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const embedding = /<!-- embedding -->\n```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";

/** The README's code, in a file of its own beside the packages, so that it resolves them as an app would. */
function writeApp(name: string, code: string): { folder: string; file: string } {
  const folder = join(root, "test-artifacts", name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "app.ts");
  writeFileSync(file, code);
  return { folder, file };
}

describe("README", () => {
  it("names commands that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm (?:run )?(start|test|build|bench)\b/g)].map(([, script = ""]) => script);
    expect(named).toEqual(expect.arrayContaining(["start", "test", "build", "bench"]));
    for (const script of named) expect(scripts).toHaveProperty(script);
  });

  it("shows an embedding that compiles", async () => {
    const { folder, file } = writeApp("readme-types", embedding);
    const wrongScope = `${embedding}\n// @ts-expect-error a scope that the server does not have\nvoid oauth.authenticate(new Request("http://localhost"), { scope: "delete" });\n`;
    writeFileSync(file, wrongScope);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: "../../tsconfig.json",
        compilerOptions: { noPropertyAccessFromIndexSignature: false },
        include: ["app.ts"],
      }),
    );
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe("");
  });

  it("shows an embedding that runs: discovery, a challenge, and a guarded answer", async () => {
    const port = await freePort();
    const { folder, file } = writeApp("readme-runs", embedding.replaceAll("3000", String(port)));
    const child = spawn(process.execPath, [file], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", OAUTH_SECRET: "a-secret-of-at-least-32-bytes-here" },
      stdio: "inherit",
    });
    try {
      const origin = `http://localhost:${port}`;
      const metadata = await patiently(() => fetch(`${origin}/.well-known/oauth-authorization-server`));
      expect(await metadata.json()).toMatchObject({ issuer: origin, code_challenge_methods_supported: ["S256"] });
      const challenged = await fetch(`${origin}/notes`);
      expect(challenged.status).toBe(401);
      expect(challenged.headers.get("www-authenticate")).toBe(
        `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource", scope="read write"`,
      );
      expect((await fetch(`${origin}/my/connected_apps`, { headers: { cookie: "user=ada" } })).status).toBe(200);
    } finally {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

async function patiently(request: () => Promise<Response>): Promise<Response> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const response = await request().catch(() => undefined);
    if (response !== undefined) return response;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("the README's server did not start");
}
