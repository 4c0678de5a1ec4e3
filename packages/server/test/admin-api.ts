/** The admin API of a running server, asked by whoever it is, and its answers held to its own description. */
import { expect } from "vitest";
import { type Description, describeAnswers } from "./openapi.ts";
import { Person } from "./person.ts";
import type { RunningServer } from "./running-server.ts";

export const adminToken = "an-admin-token-of-48-characters-for-these-tests-";

const password = "a-long-password";

/** How a server is started whose admin API is looked at. */
export const adminEnvironment = { OAUTH_ADMIN_TOKEN: adminToken, OAUTH_SCOPES: "read,write,admin" };

/** Grace administers; ada does not. */
export async function addPeople(server: RunningServer): Promise<void> {
  await server.command(["users", "add", "grace@example.com", "--admin", "--password-stdin"], password);
  await server.command(["users", "add", "ada@example.com", "--password-stdin"], password);
}

export async function signedIn(server: RunningServer, email: string): Promise<Person> {
  const person = new Person(server.origin);
  await person.signIn(email, password);
  return person;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export type Ask = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;

/** Asks by a token, or by whatever these headers say. Every answer must be as the description says. */
export function asking(server: RunningServer, description: Description, credentials: Readonly<Record<string, string>>): Ask {
  const problemOf = describeAnswers(description);
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${server.origin}/admin/api/v1${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...credentials, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type") === "application/json";
    const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    expect(problemOf(method, path, response, isJson ? parsed : undefined), `${method} ${path} ${response.status} ${text}`).toBeUndefined();
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect([response.headers.get("cache-control"), response.headers.get("x-content-type-options")]).toEqual(["no-store", "nosniff"]);
    return { status: response.status, headers: response.headers, text, body: parsed };
  };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export async function describedBy(server: RunningServer): Promise<Description> {
  const response = await fetch(`${server.origin}/admin/api/v1/openapi.json`, { headers: bearer(adminToken) });
  return (await response.json()) as Description;
}
