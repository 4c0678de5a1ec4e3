import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminEnvironment, describedBy } from "./admin-api.ts";
import { createValidator, type Description, operationsOf } from "./openapi.ts";
import { type RunningServer, startServer } from "./running-server.ts";

let server: RunningServer;
let description: Description;

beforeAll(async () => {
  server = await startServer({ environment: adminEnvironment });
  description = await describedBy(server);
});
afterAll(() => server.stop());

const parameter = {
  type: "object",
  required: ["name", "in", "schema"],
  properties: {
    name: { type: "string" },
    in: { enum: ["path", "query", "header"] },
    required: { type: "boolean" },
    description: { type: "string" },
    schema: { type: "object" },
  },
  anyOf: [
    { properties: { in: { enum: ["query", "header"] } } },
    { properties: { in: { const: "path" }, required: { const: true } }, required: ["required"] },
  ],
  additionalProperties: false,
} as const;

const content = {
  type: "object",
  minProperties: 1,
  propertyNames: { pattern: "^[a-z]+/[a-z-]+$" },
  additionalProperties: { type: "object", required: ["schema"], properties: { schema: { type: "object" } }, additionalProperties: false },
} as const;

const response = {
  type: "object",
  properties: { $ref: { type: "string", pattern: "^#/components/responses/" }, description: { type: "string", minLength: 1 }, content },
  oneOf: [{ required: ["$ref"] }, { required: ["description"] }],
  additionalProperties: false,
} as const;

const operation = {
  type: "object",
  required: ["operationId", "summary", "responses"],
  properties: {
    operationId: { type: "string", pattern: "^[a-z][A-Za-z]+$" },
    summary: { type: "string", minLength: 1 },
    parameters: { type: "array", items: parameter },
    requestBody: {
      type: "object",
      required: ["content"],
      properties: { required: { type: "boolean" }, content },
      additionalProperties: false,
    },
    responses: { type: "object", minProperties: 1, propertyNames: { pattern: "^[1-5]\\d\\d$" }, additionalProperties: response },
  },
  additionalProperties: false,
} as const;

/** What an OpenAPI 3.1 document consists of, as far as ours uses it: nothing else may stand in it. @see https://spec.openapis.org/oas/v3.1.1 §4.8 */
const document = {
  type: "object",
  required: ["openapi", "info", "paths"],
  properties: {
    openapi: { type: "string", pattern: "^3\\.1\\.\\d+$" },
    info: {
      type: "object",
      required: ["title", "version"],
      properties: { title: { type: "string" }, version: { type: "string" }, description: { type: "string" } },
      additionalProperties: false,
    },
    servers: {
      type: "array",
      items: { type: "object", required: ["url"], properties: { url: { type: "string" } }, additionalProperties: false },
    },
    security: { type: "array", items: { type: "object", additionalProperties: { type: "array", items: { type: "string" } } } },
    paths: {
      type: "object",
      propertyNames: { pattern: "^/" },
      additionalProperties: { type: "object", propertyNames: { enum: ["get", "post", "put", "delete"] }, additionalProperties: operation },
    },
    components: {
      type: "object",
      properties: {
        schemas: { type: "object", propertyNames: { pattern: "^[A-Za-z]+$" }, additionalProperties: { type: "object" } },
        responses: { type: "object", additionalProperties: response },
        securitySchemes: {
          type: "object",
          additionalProperties: {
            type: "object",
            required: ["type"],
            properties: {
              type: { enum: ["http", "apiKey"] },
              scheme: { const: "bearer" },
              in: { const: "cookie" },
              name: { type: "string" },
              description: { type: "string" },
            },
            additionalProperties: false,
          },
        },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
} as const;

describe("the OpenAPI document of the admin API", () => {
  it("has the form of OpenAPI 3.1, and its schemas that of JSON Schema 2020-12", () => {
    const validator = createValidator(description);
    expect(validator.validate(document, description), validator.errorsText()).toBe(true);
    for (const [name, schema] of Object.entries(description.components.schemas)) {
      expect(validator.validateSchema(schema), `${name}: ${validator.errorsText()}`).toBe(true);
      expect(() => validator.compile({ $ref: `description#/components/schemas/${name}` })).not.toThrow();
    }
  });

  it("refers to nothing that is not in it, and has nothing that is not referred to", () => {
    const referred = [...JSON.stringify(description).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)].map(([, kind, name]) => `${kind}/${name}`);
    const { schemas, responses } = description.components;
    const there = [...Object.keys(schemas).map((name) => `schemas/${name}`), ...Object.keys(responses).map((name) => `responses/${name}`)];
    expect([...new Set(referred)].sort()).toEqual(there.sort());
  });

  it("names every operation once, and each id that stands in a path", () => {
    const operations = operationsOf(description);
    expect(new Set(operations.map(({ operation: { operationId } }) => operationId)).size).toBe(operations.length);
    for (const {
      path,
      operation: { parameters },
    } of operations) {
      const inPath = parameters.filter((one) => one.in === "path").map(({ name }) => `{${name}}`);
      expect(inPath).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  });

  it("describes all that an operator can ask", () => {
    expect(
      operationsOf(description)
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    ).toMatchInlineSnapshot(`
      [
        "DELETE /clients/{client_id}",
        "GET /clients",
        "GET /clients/{client_id}",
        "GET /events",
        "GET /events/stream",
        "GET /events/verification",
        "GET /flows",
        "GET /flows/{flow_id}",
        "GET /grants",
        "GET /grants/{grant_id}",
        "GET /keys",
        "GET /openapi.json",
        "GET /registration_tokens",
        "GET /security",
        "GET /stats",
        "GET /tokens",
        "GET /users",
        "GET /users/{user}",
        "POST /cleanup",
        "POST /clients",
        "POST /clients/{client_id}/disable",
        "POST /clients/{client_id}/enable",
        "POST /clients/{client_id}/revoke",
        "POST /clients/{client_id}/secret",
        "POST /grants/{grant_id}/revoke",
        "POST /keys/rotate",
        "POST /registration_tokens",
        "POST /registration_tokens/{token_id}/revoke",
        "POST /tokens",
        "POST /tokens/{token_id}/revoke",
        "POST /users",
        "POST /users/{user}/admin",
        "POST /users/{user}/disable",
        "POST /users/{user}/enable",
        "POST /users/{user}/password",
        "POST /users/{user}/revoke",
      ]
    `);
  });

  it("has no route that changes what happened: events are only read", () => {
    const ofEvents = operationsOf(description).filter(({ path }) => path.startsWith("/events"));
    expect(ofEvents.length).toBeGreaterThan(0);
    expect(ofEvents.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});
