/** The directives that need no scenario code: @race, @repeat, @load, @ok, @clock. What is prose is a scenario. */
import { isDirective } from "./attack-case.ts";
import { parseMessage } from "./raw-message.ts";
import type { Exchanged, Scene } from "./scene.ts";

/** More would test this machine rather than the server. */
const mostRepetitions = 200;
const longestWaitSeconds = 3;

export async function playDirectives(scene: Scene): Promise<readonly Exchanged[]> {
  let judged: readonly Exchanged[] = [];
  for (const step of scene.attackCase.steps) {
    const sent = isDirective(step) ? await playDirective(step, scene) : [await scene.send(step)];
    if (sent.length > 0) judged = sent;
  }
  return judged;
}

playDirectives.knows = (step: string): boolean =>
  /^@ok\b/.test(step) || waitIn(step) !== undefined || copiesIn(step) !== undefined || sidesOf(step) !== undefined;

async function playDirective(step: string, scene: Scene): Promise<readonly Exchanged[]> {
  const wait = waitIn(step);
  if (wait !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, wait * 1_000));
    return [];
  }
  const sides = sidesOf(step);
  if (sides !== undefined) return together(sides, scene);
  const copies = copiesIn(step);
  if (copies === undefined) return [];
  if (copies.atOnce)
    return together(
      Array.from({ length: copies.count }, () => copies.step),
      scene,
    );
  const sent: Exchanged[] = [];
  for (let turn = 0; turn < copies.count; turn++) sent.push(await scene.send(copies.step));
  return sent;
}

/** Everything is made ready first; then all connections are opened in the same turn of the event loop. */
export async function together(steps: readonly string[], scene: Scene): Promise<readonly Exchanged[]> {
  const messages = [];
  for (const step of steps) messages.push(await scene.prepare(step));
  return Promise.all(messages.map((message) => scene.play(message)));
}

function waitIn(step: string): number | undefined {
  const seconds = Number(/^@clock \+(\d+)s\b/.exec(step)?.[1] ?? Number.NaN);
  return seconds <= longestWaitSeconds ? seconds + 0.1 : undefined;
}

function copiesIn(step: string): { readonly count: number; readonly step: string; readonly atOnce: boolean } | undefined {
  const match = /^@(race|repeat|load) (\d+)x? ?([A-Z]+ \/[\s\S]*)$/.exec(step);
  if (match === null || parseMessage(match[3] ?? "") === undefined) return undefined;
  return { count: Math.min(Number(match[2]), mostRepetitions), step: match[3] ?? "", atOnce: match[1] === "race" };
}

function sidesOf(step: string): readonly string[] | undefined {
  const sides = /^@race ([A-Z]+ \/[\s\S]*?) \|\| ([A-Z]+ \/[\s\S]*)$/.exec(step)?.slice(1, 3);
  return sides?.every((side) => parseMessage(side) !== undefined) === true ? sides : undefined;
}
