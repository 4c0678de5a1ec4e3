declare const shape: unique symbol;

/** A JSON Schema of values of this type: as much of JSON Schema 2020-12 as the admin API needs. */
export interface Schema<Shape = unknown> {
  readonly [shape]?: Shape;
  /** The name it goes by in the OpenAPI document. */
  readonly title?: string;
  readonly description?: string;
  readonly type?: "string" | "integer" | "boolean" | "object" | "array";
  readonly enum?: readonly string[];
  readonly format?: "date-time";
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | Schema;
}

type OptionalKey<Shape> = { [Key in keyof Shape]-?: object extends Pick<Shape, Key> ? Key : never }[keyof Shape];

/** The members of an object. One that is missing, or is none, does not compile: the documents cannot drift from their description. */
export interface Members<Shape> {
  readonly required: { readonly [Key in Exclude<keyof Shape, OptionalKey<Shape>>]: Schema<Shape[Key]> };
  readonly optional: { readonly [Key in OptionalKey<Shape>]: Schema<Exclude<Shape[Key], undefined>> };
}

export function object<Shape>(title: string, { required, optional }: Members<Shape>): Schema<Shape> {
  const names = Object.keys(required);
  return {
    ...(title === "" ? {} : { title }),
    type: "object",
    properties: { ...required, ...optional } as Readonly<Record<string, Schema>>,
    ...(names.length === 0 ? {} : { required: names }),
    additionalProperties: false,
  };
}

/** The longest text that anybody sends: an identifier that is a URL has at most so many characters. */
const longestText = 2000;

export const text = (description?: string): Schema<string> => ({ type: "string", ...described(description) });

/** What somebody sends. */
export const givenText = (description: string): Schema<string> => ({ type: "string", minLength: 1, maxLength: longestText, description });

export const moment = (description?: string): Schema<string> => ({ type: "string", format: "date-time", ...described(description) });

export const oneOf = (...words: readonly string[]): Schema<string> => ({ type: "string", enum: words });

export const whole = (description?: string, bounds: Pick<Schema, "minimum" | "maximum"> = { minimum: 0 }): Schema<number> => ({
  type: "integer",
  ...bounds,
  ...described(description),
});

export const flag = (description?: string): Schema<boolean> => ({ type: "boolean", ...described(description) });

export const listOf = <Item>(items: Schema<Item>, description?: string): Schema<readonly Item[]> => ({
  type: "array",
  items,
  ...described(description),
});

/** Numbers by names. */
export const tally = (description: string): Schema<Readonly<Record<string, number>>> => ({
  type: "object",
  additionalProperties: whole(),
  description,
});

export const anything = (description: string): Schema => ({ description });

const described = (description: string | undefined): Pick<Schema, "description"> => (description === undefined ? {} : { description });
