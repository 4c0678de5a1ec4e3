import { type Configuration, ConfigurationError } from "vouchsafe";
import { environmentOf } from "../environment.ts";
import { checkSettings } from "../main.ts";
import type { SettingName, Settings } from "../settings.ts";

/** `full`: the defaults. `no-ceremony`: a token that exists is the grant, for apps of the person's own computer alone. */
export const profiles = ["full", "no-ceremony"] as const;

/** What `vouchsafe init` may be told. What is absent is as the server has it where nothing is said. */
export interface Choices {
  readonly profile: (typeof profiles)[number];
  readonly port?: string;
  readonly host?: string;
  readonly issuer?: string;
  readonly name?: string;
  readonly databaseUrl?: string;
  readonly registration?: string;
  readonly scopes?: string;
  readonly signUp?: boolean;
}

/** The content of a configuration file: values of settings, by their names. */
export type Written = Readonly<Partial<Record<SettingName, unknown>>>;

/** What the profiles say that the defaults do not. */
const saidByProfile: Readonly<Record<Choices["profile"], Written>> = {
  full: {},
  "no-ceremony": {
    registration: "loopback",
    registrationGrants: ["authorization_code"],
    tokenLifetime: "never",
    refreshTokenLifetime: "off",
    grantChoices: ["never"],
    requireState: "on",
  },
};

/**
 * The configuration file for these choices: whatever can be chosen is in it, so that it can be changed there. Issuer and name
 * are in it only where they were said; else they follow from the port and from the issuer.
 * @throws ConfigurationError
 */
export function settingsOf(choices: Choices): Written {
  const { profile, ...chosen } = choices;
  const { issuer, name } = chosen;
  const { values } = environmentIn(chosen);
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(name === undefined ? {} : { name }),
    port: values.port,
    host: values.host,
    databaseUrl: values.databaseUrl,
    signUp: values.signUp ? "on" : "off",
    registration: values.registration,
    scopes: profile === "no-ceremony" ? writeImpliesRead(values.scopes) : values.scopes,
    ...saidByProfile[profile],
  };
}

/** The environment of a file alone, whatever the variables of this process say. */
const environmentIn = (file: Written) => environmentOf({ environment: {}, file, readSecretFile: () => "" });

function writeImpliesRead(vocabulary: Settings["scopes"]): Settings["scopes"] {
  const { read, write } = vocabulary;
  if (read === undefined || write === undefined) return vocabulary;
  const options = typeof write === "string" ? { description: write } : write;
  return { ...vocabulary, write: { ...options, implies: ["read"] } };
}

/**
 * What the server makes of a file with these settings.
 * @throws ConfigurationError where it would not start
 */
export const checkWritten = (settings: Written): Configuration => checkSettings(environmentIn(settings));

/** What is wrong about these choices, or undefined. */
export function problemOf(choices: Choices): string | undefined {
  try {
    checkWritten(settingsOf(choices));
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.join("; ");
    throw error;
  }
}
