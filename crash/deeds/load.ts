import { setTimeout as pause } from "node:timers/promises";
import { Unanswered, WrongAnswer } from "../caller.ts";
import { consent, redeem, redeemTwice, register, signIn } from "./connecting.ts";
import { createPersonalToken, deletePersonalToken, disconnect, mostPersonalTokens } from "./taking-back.ts";
import { refresh, refreshTwice, requestForItself, revokeAccessToken, revokeForItself, revokeGrant } from "./tokens.ts";
import type { Worker } from "./worker.ts";

/** Works until told to stop, or, where `endures` is not set, until the first answer that does not come. */
export async function load(worker: Worker, { isOver, endures }: { readonly isOver: () => boolean; readonly endures: boolean }) {
  while (!isOver()) {
    try {
      await doSomething(worker);
    } catch (error) {
      if (!(error instanceof Unanswered || error instanceof WrongAnswer)) throw error;
      if (error instanceof Unanswered && !endures) return;
      await pause(10);
    }
  }
}

/** How often each is chosen, among a hundred. */
async function doSomething(worker: Worker): Promise<void> {
  const { random, person, apps } = worker;
  const app = random.pick(apps.filter(({ isLive, isRotationInDoubt }) => isLive && !isRotationInDoubt));
  const choice = random.between(1, 100);
  if (app === undefined || choice <= 22) return connect(worker);
  if (choice <= 27) return void (await register(worker));
  if (choice <= 47) return refresh(app, worker);
  if (choice <= 54) return refreshTwice(app, worker);
  if (choice <= 64) return revokeAccessToken(app, worker);
  if (choice <= 71) return revokeGrant(app, worker);
  if (choice <= 77) return disconnect(app, worker);
  if (choice <= 88) return requestForItself(worker);
  if (choice <= 92) return revokeForItself(worker);
  if (choice === 93) return signIn(worker);
  if (choice <= 97 && person.personalTokens.length < mostPersonalTokens) return createPersonalToken(worker);
  return deletePersonalToken(worker);
}

/** From the registration to the tokens; now and then the app leaves its code, or redeems it twice at once. */
async function connect(worker: Worker): Promise<void> {
  const app = await register(worker);
  const code = await consent(app, worker);
  const { random } = worker;
  if (random.chance(0.1)) return;
  return random.chance(0.1) ? redeemTwice(app, code, worker) : redeem(app, code, worker);
}
