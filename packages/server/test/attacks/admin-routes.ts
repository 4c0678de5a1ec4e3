/** The operator's way in to the admin API of a stage, and all that can be asked there. */
import type { Answer } from "./answer.ts";
import { jsonOf } from "./answer.ts";
import type { Exchanged, Scene } from "./scene.ts";
import type { Stage } from "./stage.ts";

/** What a stage must have so that there is an admin API that a scope could open. */
export const adminStage = {
  environment: {
    OAUTH_ADMIN_TOKEN: "the-admin-token-of-the-attacks-in-48-characters",
    OAUTH_SCOPES: "read,write,api:read,admin",
  },
  resources: ["", "/api/notes", "/mcp"],
};

export const adminApi = "/admin/api/v1";

/** By the operator's own token. */
export const asOperator = (stage: Stage, method: string, path: string, body = ""): Promise<Answer> =>
  stage.send({
    method,
    target: adminApi + path,
    fields: [`Authorization: Bearer ${adminStage.environment.OAUTH_ADMIN_TOKEN}`, "Content-Type: application/json"],
    body,
  });

interface AdminRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

/** Every route of the admin API's own description with every method that it has, about this client and person. */
export async function everyAdminRequest(stage: Stage, clientId: string, user: string): Promise<readonly AdminRequest[]> {
  const paths = jsonOf(await asOperator(stage, "GET", "/openapi.json"))["paths"] as Readonly<
    Record<string, Readonly<Record<string, unknown>>>
  >;
  const ids: Readonly<Record<string, string>> = { client_id: clientId, user };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      target: adminApi + path.replace(/\{(\w+)\}/, (_, name: string) => encodeURIComponent(ids[name] ?? "1")),
      body: method === "get" ? "" : (bodies[path] ?? "{}"),
    })),
  );
}

const bodies: Readonly<Record<string, string>> = {
  "/clients": '{"client_name":"x"}',
  "/users": '{"email":"x@example.com","admin":true}',
  "/users/{user}/admin": '{"admin":true}',
};

/** Asks for everything as these headers say who it is. */
export async function askEverything(
  scene: Scene,
  fields: readonly string[],
  { methods = ["GET", "POST", "DELETE"], type = "application/json" } = {},
): Promise<readonly Exchanged[]> {
  const requests = await everyAdminRequest(scene.stage, (await scene.client("dcr1")).id, (await scene.member("bob")).email);
  const exchanges: Exchanged[] = [];
  for (const { method, target, body } of requests.filter((request) => methods.includes(request.method)))
    exchanges.push(await scene.play({ method, target, fields: [...fields, ...(body === "" ? [] : [`Content-Type: ${type}`])], body }));
  return exchanges;
}
