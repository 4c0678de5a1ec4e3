import { ConfigurationError } from "vouchsafe";
import { type Environment, readEnvironment } from "../environment.ts";
import { checkSettings } from "../main.ts";
import { type Check, finding, ok, warning } from "./check.ts";

/** What the settings come to. `environment`: undefined where they cannot be read at all. */
export interface SettingsSeen {
  readonly checks: readonly Check[];
  readonly environment: Environment | undefined;
  readonly isUsable: boolean;
}

const name = "configuration";

/** Reads and checks the settings as a start would, every problem at once. */
export async function checkConfigured(): Promise<SettingsSeen> {
  let environment: Environment | undefined;
  try {
    environment = await readEnvironment();
    const { issuer } = checkSettings(environment);
    return {
      checks: [ok(name, `It is complete, for the issuer ${issuer}.`), ...environment.warnings.map(checkWarning)],
      environment,
      isUsable: true,
    };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { checks: error.problems.map(checkProblem), environment, isUsable: false };
  }
}

/** The line is the setting's own; which value is right, the problem says. */
function checkProblem(problem: string): Check {
  const meant =
    /did you mean (\w+)\?$/.exec(problem)?.[1] ?? /^([A-Z][A-Z_]+)\b/.exec(problem)?.[1] ?? variableOf(/^(\w+)/.exec(problem)?.[1] ?? "");
  return finding(name, `${problem}.`.replace(/([.?])\.$/, "$1"), `${meant}=…`);
}

/** An option of the library, as the setting that makes it. */
const variableOf = (option: string): string => `OAUTH_${option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

function checkWarning(text: string): Check {
  const [variable = ""] = /^[A-Z_]+/.exec(text) ?? [];
  return warning(name, `${text}.`, text.startsWith(`${variable} is off`) ? `${variable}=on` : `unset ${variable}`);
}
