import type { Schema } from "../admin-api/schema.ts";
import { BadInput, Conflict, NotFound } from "../operator/operator.ts";
import { fits } from "./fits.ts";

/** The token is not an operator's there: exit code 3. */
export class NotAuthorised extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotAuthorised";
  }
}

/** The server could not be asked, or did not answer as one of ours does: exit code 1. */
export class Unreachable extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Unreachable";
  }
}

/** How long an answer, or the next part of a long one, may take, in milliseconds. */
const patience = 30_000;

/** Values of a query: what is undefined is left out, and a list is repeated. */
type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Calls of the admin API at this server, with this token. */
export function remoteCalls(url: string, token: string) {
  const base = baseOf(url);
  const send = async (method: string, path: string, query: Query, body: object | undefined, signal: AbortSignal): Promise<Response> => {
    const response = await fetch(`${base}${path}${queryText(query)}`, {
      method,
      redirect: "manual",
      signal,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await refusalOf(response, base);
    return response;
  };
  const call = async <Answer>(method: string, path: string, schema: Schema<Answer>, query: Query, body?: object): Promise<Answer> => {
    const answer = await reaching(base, async () => {
      const response = await send(method, path, query, body, AbortSignal.timeout(patience));
      return response.status === 204 ? undefined : ((await response.json()) as unknown);
    });
    return requireFitting(schema, answer, base);
  };

  /** The lines of a long answer, as they come. Whoever reads them may take their time: only the server must not. */
  async function* lines(path: string, query: object): AsyncGenerator<string> {
    const silence = new AbortController();
    const soon = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      const timer = setTimeout(() => silence.abort(), patience);
      return reaching(base, work).finally(() => clearTimeout(timer));
    };
    try {
      const { body } = await soon(() => send("GET", path, query as Query, undefined, silence.signal));
      let rest = "";
      for (const parts = body?.pipeThrough(new TextDecoderStream()).getReader(); parts !== undefined; ) {
        const { done, value } = await soon(() => parts.read());
        if (done) break;
        const [first = "", ...others] = value.split("\n");
        const complete = [rest + first, ...others];
        rest = complete.pop() ?? "";
        yield* complete;
      }
      if (rest !== "") yield rest;
    } finally {
      silence.abort();
    }
  }

  /** The documents of a long answer, one a line. */
  async function* documents<Document>(path: string, schema: Schema<Document>, query: object): AsyncGenerator<Document> {
    for await (const line of lines(path, query)) {
      const document = await reaching(base, async () => JSON.parse(line) as unknown);
      yield requireFitting(schema, document, base);
    }
  }

  return {
    get: <Answer>(path: string, schema: Schema<Answer>, query: object = {}) => call("GET", path, schema, query as Query),
    post: <Answer>(path: string, schema: Schema<Answer>, body?: object) => call("POST", path, schema, {}, body),
    end: <Answer>(method: "POST" | "DELETE", path: string, schema: Schema<Answer>, query: Query) => call(method, path, schema, query),
    documents,
  };
}

/** @throws Unreachable where the answer is none that a server of ours gives */
function requireFitting<Answer>(schema: Schema<Answer>, answer: unknown, base: string): Answer {
  if (fits(schema, answer)) return answer;
  throw new Unreachable(`${base} does not answer as a Vouchsafe server does.`);
}

/** @throws BadInput */
function baseOf(url: string): string {
  const parsed = URL.parse(url);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(parsed?.hostname ?? "");
  if (parsed === null || parsed.username !== "" || !(parsed.protocol === "https:" || (parsed.protocol === "http:" && isLoopback)))
    throw new BadInput("The URL of a server is an https one without a name or password, such as https://auth.example.com.");
  return `${parsed.origin}/admin/api/v1`;
}

function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each): [string, string] => [name, String(each)]),
  );
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs).toString()}`;
}

/** What the server says no to, as the operator that is at hand would say it. */
async function refusalOf(response: Response, base: string): Promise<Error> {
  const answer: unknown = await response.json().catch(() => undefined);
  const said =
    typeof answer === "object" && answer !== null && "error_description" in answer ? String(answer.error_description) : undefined;
  const { status } = response;
  if (said === undefined) return new Unreachable(`${base} answers ${status}, and not as a Vouchsafe server does.`);
  if (status === 401 || status === 403) return new NotAuthorised(`${base} does not take the token: ${said}`);
  if (status === 404) return new NotFound(said);
  if (status === 400 || status === 413) return new BadInput(said);
  if (status === 409) return new Conflict(said);
  if (status === 429) return new Unreachable(`${base} wants us to wait ${response.headers.get("retry-after") ?? "some"} seconds.`);
  return new Unreachable(`${base} answers ${status}: ${said}`);
}

/** Runs a call, and says in a sentence why the server could not be reached. */
async function reaching<Result>(base: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SyntaxError) throw new Unreachable(`${base} does not answer as a Vouchsafe server does.`);
    if (error instanceof DOMException) throw new Unreachable(`${base} took longer than ${patience / 1000} seconds.`);
    if (error instanceof TypeError) throw new Unreachable(`${base} cannot be reached: ${causeOf(error)}.`);
    throw error;
  }
}

function causeOf(error: TypeError): string {
  const { cause } = error;
  const [first = cause] = cause instanceof AggregateError ? (cause.errors as readonly unknown[]) : [];
  return first instanceof Error ? first.message : error.message;
}
