import type { Readable, Writable } from "node:stream";
import { type CANCEL_SYMBOL, confirm, isCancel, select, text } from "@clack/prompts";
import { CommandError, exitCode } from "../exit.ts";
import { type Choices, checkWritten, problemOf, settingsOf } from "./init-choices.ts";

/** Where somebody answers. */
export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * Asks for what is not said yet, each with what holds where nothing is answered. Every answer is checked with those before it.
 * @throws CommandError where the person leaves
 */
export async function askChoices(said: Partial<Choices>, terminal: Terminal): Promise<Choices> {
  const profile = said.profile ?? (await askProfile(terminal));
  let choices: Choices = { ...said, profile };
  for (const [name, ask] of questions) if (choices[name] === undefined) choices = await ask(choices, terminal);
  return choices;
}

type Ask = (choices: Choices, terminal: Terminal) => Promise<Choices>;

const askProfile = async (terminal: Terminal): Promise<Choices["profile"]> =>
  answered(
    await select<Choices["profile"]>({
      ...terminal,
      message: "What is it for?",
      options: [
        { value: "full", label: "Any kind of client", hint: "people decide for how long, tokens are renewed" },
        { value: "no-ceremony", label: "Apps on people's own computers, without ceremony", hint: "nothing expires until it is revoked" },
      ],
    }),
  );

/** A question for a text. Where the answer is the one that was shown, it is left to follow. */
const asksText =
  (name: TextName, message: string, shownFor: (choices: Choices) => string): Ask =>
  async (choices, terminal) => {
    const shown = shownFor(choices);
    const answer = answered(
      await text({
        ...terminal,
        message,
        placeholder: shown,
        defaultValue: shown,
        validate: (value = "") => (value === "" ? undefined : problemOf({ ...choices, [name]: value })),
      }),
    );
    return answer === shown ? choices : { ...choices, [name]: answer };
  };

type TextName = "port" | "host" | "issuer" | "name" | "databaseUrl" | "scopes";

const askRegistration: Ask = async (choices, terminal) => {
  if (choices.profile === "no-ceremony") return choices;
  const registration = await select({
    ...terminal,
    message: "Which apps may register themselves?",
    options: [
      { value: "open", label: "Any" },
      { value: "loopback", label: "Those on the person's own computer" },
      { value: "token", label: "Those with a registration token" },
      { value: "off", label: "None: you register them" },
    ],
  });
  return { ...choices, registration: answered(registration) };
};

const askSignUp: Ask = async (choices, terminal) => ({
  ...choices,
  signUp: answered(await confirm({ ...terminal, message: "May people make accounts of their own?" })),
});

/** In the order in which they are asked: what follows from others comes after them. */
const questions: readonly (readonly [keyof Choices, Ask])[] = [
  ["port", asksText("port", "Port", (choices) => String(settingsOf(choices).port))],
  ["host", asksText("host", "Address to listen on", (choices) => String(settingsOf(choices).host))],
  ["issuer", asksText("issuer", "Issuer: the URL by which everybody reaches it", (choices) => checkWritten(settingsOf(choices)).issuer)],
  ["name", asksText("name", "What its pages call it", (choices) => checkWritten(settingsOf(choices)).branding.name)],
  ["databaseUrl", asksText("databaseUrl", "Database file", (choices) => String(settingsOf(choices).databaseUrl))],
  ["registration", askRegistration],
  ["scopes", asksText("scopes", "Scopes, with commas between them", (choices) => Object.keys(settingsOf(choices).scopes ?? {}).join(","))],
  ["signUp", askSignUp],
];

function answered<Value extends string | boolean>(answer: Value | typeof CANCEL_SYMBOL): Value {
  if (isCancel(answer)) throw new CommandError(exitCode.failure, "Nothing was written.");
  return answer;
}
