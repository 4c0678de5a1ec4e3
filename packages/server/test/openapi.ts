/** An OpenAPI 3.1 document as a judge of what a server answers. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

interface Content {
  readonly [mediaType: string]: { readonly schema: object };
}

interface DescribedResponse {
  readonly $ref?: string;
  readonly content?: Content;
}

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}

export interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, DescribedResponse>>;
  };
}

/** Strict: an unknown word in a schema is a mistake in it. */
export const createValidator = (description: Description): Ajv2020 =>
  new Ajv2020({
    strict: true,
    strictRequired: false,
    formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ },
  })
    .addVocabulary(["components", "paths", "openapi", "info", "servers", "security"])
    .addSchema(description, "description");

/** Each operation with its method and path. */
export const operationsOf = ({ paths }: Description) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

/** What is wrong about an answer; undefined: it is as it is described. */
export function describeAnswers(
  description: Description,
): (method: string, path: string, response: Response, body: unknown) => string | undefined {
  const validator = createValidator(description);
  const compiled = new Map<string, ValidateFunction>();
  return (method, path, { status, headers }, body) => {
    const described = operationOf(description, method, path);
    if (described === undefined) return [404, 405].includes(status) ? undefined : "no such operation is described";
    const [pointer, answer] = answerOf(description, described, status);
    if (answer === undefined) return `status ${status} is not described`;
    if (answer.content === undefined) return headers.get("content-type") === null ? undefined : "no content is described";
    const [mediaType = ""] = (headers.get("content-type") ?? "").split(";");
    if (answer.content[mediaType] === undefined) return `${mediaType} is not described`;
    if (mediaType !== "application/json") return undefined;
    const reference = `description#${pointer}/content/application~1json/schema`;
    const validate = compiled.get(reference) ?? validator.compile({ $ref: reference });
    compiled.set(reference, validate);
    return validate(body) ? undefined : validator.errorsText(validate.errors);
  };
}

function operationOf(description: Description, method: string, asked: string) {
  const [path = ""] = asked.split("?");
  return operationsOf(description)
    .filter((one) => one.method === method && new RegExp(`^${one.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(path))
    .sort((a, b) => Number(a.path.includes("{")) - Number(b.path.includes("{")))[0];
}

function answerOf(
  description: Description,
  { method, path, operation }: { readonly method: string; readonly path: string; readonly operation: Operation },
  status: number,
): readonly [pointer: string, DescribedResponse | undefined] {
  const answer = operation.responses[status];
  const name = answer?.$ref?.split("/").at(-1);
  if (name !== undefined) return [`/components/responses/${name}`, description.components.responses[name]];
  const escaped = path.replaceAll("/", "~1").replace(/[{}]/g, encodeURIComponent);
  return [`/paths/${escaped}/${method.toLowerCase()}/responses/${status}`, answer];
}
