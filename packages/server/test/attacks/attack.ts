/** Plays one case and says how it went. */
import { type AttackCase, isDirective } from "./attack-case.ts";
import { playDirectives } from "./directive.ts";
import { reasonToSkip } from "./not-yet.ts";
import { UnknownPlaceholder } from "./placeholder.ts";
import type { Played } from "./played.ts";
import { parseMessage } from "./raw-message.ts";
import { scenarios } from "./scenarios.ts";
import { type Exchanged, Scene } from "./scene.ts";
import type { Stages } from "./stages.ts";
import { countRows } from "./store-rows.ts";
import { judge } from "./verdict.ts";

export interface Outcome {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly result: "passed" | "failed" | "skipped";
  /** Why it was skipped. */
  readonly reason?: string;
  readonly milliseconds: number;
  readonly failures: readonly string[];
  /** Parts of the expectation that no rule understands: they were not looked at. */
  readonly unchecked: readonly string[];
}

/** Why this case cannot be run by anybody here; undefined: it can. */
export function reasonNotToPlay(attackCase: AttackCase): string | undefined {
  const listed = reasonToSkip(attackCase.id, attackCase.group);
  if (listed !== undefined || attackCase.id in scenarios) return listed;
  const prose = attackCase.steps.find((step) => isDirective(step) && !playDirectives.knows(step));
  if (prose !== undefined) return `no scenario code for: ${prose.slice(0, 100)}`;
  const malformed = attackCase.steps.find((step) => !isDirective(step) && parseMessage(step) === undefined);
  return malformed === undefined ? undefined : `not an HTTP message: ${malformed.slice(0, 60)}`;
}

export async function attack(attackCase: AttackCase, stages: Stages): Promise<Outcome> {
  const { id, title, severity } = attackCase;
  const outcome = { id, title, severity, milliseconds: 0, failures: [], unchecked: [] };
  const reason = reasonNotToPlay(attackCase);
  if (reason !== undefined) return { ...outcome, result: "skipped", reason };
  const started = performance.now();
  let scene: Scene | undefined;
  try {
    scene = new Scene(await stages.for(attackCase), attackCase);
    const findings = await judge(await play(scene));
    const milliseconds = Math.round(performance.now() - started);
    return { ...outcome, ...findings, milliseconds, result: findings.failures.length === 0 ? "passed" : "failed" };
  } catch (error) {
    if (error instanceof UnknownPlaceholder) return { ...outcome, result: "skipped", reason: error.message };
    const problem = error instanceof Error ? error.message : String(error);
    return { ...outcome, result: "failed", failures: [...(scene?.failures ?? []), `could not be played: ${problem}`] };
  } finally {
    await scene?.close();
  }
}

async function play(scene: Scene): Promise<Played> {
  const scenario = scenarios[scene.attackCase.id];
  if (scenario === undefined && !scene.attackCase.steps.some(isDirective)) return playRaw(scene);
  const exchanges = scenario === undefined ? await playDirectives(scene) : await scenario(scene);
  return played(scene, exchanges, exchanges);
}

/** Every step is made ready before the first one is sent, so that the rows counted before belong to the fixtures. */
async function playRaw(scene: Scene): Promise<Played> {
  const messages = [];
  for (const step of scene.attackCase.steps) messages.push(await scene.prepare(step));
  const keepOpen = scene.attackCase.kind === "raw";
  const exchanges: Exchanged[] = [];
  await scene.mark();
  for (const message of messages) exchanges.push(await scene.play(message, keepOpen ? { keepOpen, untilQuiet: true } : {}));
  return played(scene, exchanges, judgedOf(exchanges));
}

/** A POST to another endpoint than the last step's only prepares it; it must work, or be what the case expects. */
function judgedOf(exchanges: readonly Exchanged[]): readonly Exchanged[] {
  const path = (exchanged: Exchanged | undefined): string | undefined => exchanged?.message.target.split("?")[0];
  const last = exchanges.at(-1);
  return exchanges.filter(
    (each) => each === last || each.message.method !== "POST" || path(each) === path(last) || each.answer.status >= 400,
  );
}

async function played(scene: Scene, exchanges: readonly Exchanged[], judged: readonly Exchanged[]): Promise<Played> {
  const after = scene.after ?? (await countRows(scene.stage));
  return {
    scene,
    exchanges,
    judged,
    last: exchanges.at(-1) ?? nothingSent,
    before: scene.before ?? after,
    after,
    outbound: scene.outbound,
  };
}

/** For scenarios that are not about an answer. */
const nothingSent: Exchanged = {
  message: { method: "GET", target: "/", fields: [], body: "" },
  answer: { status: 0, headers: [], body: "", milliseconds: 0, rest: "" },
  landing: undefined,
};
