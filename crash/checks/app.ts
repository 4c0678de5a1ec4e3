import { opened, redemption } from "../deeds/connecting.ts";
import { parseTokens, rotation } from "../deeds/tokens.ts";
import type { AppFacts, Code } from "../facts.ts";
import { type Checker, countEvents, isActive, opensNotes, readAdmin } from "./checker.ts";

/** For this long after a rotation, in milliseconds, the spent token is shown again: well within the overlap of a minute. */
const repeated = 20_000;

/** For this long a code is shown again, in milliseconds: well within the lifetime that the server is given. */
const codeLives = 500_000;

/** Compares everything that one app was told with what the server says, and lets the answers settle what was in doubt. */
export async function checkApp(app: AppFacts, checker: Checker): Promise<void> {
  await checkRegistration(app, checker);
  if (app.code?.state === "unused" || app.code?.state === "in doubt") await checkCode(app, app.code, checker);
  if (app.grant !== undefined) {
    await checkRefreshTokens(app, checker);
    await checkAccessTokens(app, checker);
  }
  await checkListing(app, checker);
  await checkEvents(app, checker);
  if (app.isLive && checker.random.chance(0.2)) await provoke(app, checker);
}

/** RFC 7592 §2.1 */
async function checkRegistration({ clientId, registrationToken }: AppFacts, { caller, ledger }: Checker): Promise<void> {
  const headers = { authorization: `Bearer ${registrationToken}` };
  const { status } = await caller.ask({ path: `/oauth/register/${clientId}`, headers }, 200, 401);
  ledger.holds(status === 200, "lost", `client ${clientId} is not registered`);
}

/** A code that was handed out and never sent is good; one that was sent without an answer may have been redeemed. */
async function checkCode(app: AppFacts, code: Code, { caller, ledger }: Checker): Promise<void> {
  const wasSent = code.state === "in doubt";
  const answer = await caller.ask(redemption(app, code), 200, 400);
  app.events.exactly("token.issued", wasSent || answer.status === 200 ? 1 : 0);
  // Where it had been redeemed, this was a replay.
  app.events.exactly("code.replayed", wasSent && answer.status === 400 ? 1 : 0);
  if (answer.status === 200) return opened(app, code, answer, ledger);
  ledger.holds(wasSent, "lost", `the code of client ${app.clientId} is refused, and was never redeemed`);
  code.state = "refused";
  app.grant = "ended";
}

/** The newest is good while the grant lives, the one before it has the very same answer, and none is good after that. */
async function checkRefreshTokens(app: AppFacts, { caller, ledger }: Checker): Promise<void> {
  const [newest, before] = [app.refreshTokens.at(-1), app.refreshTokens.at(-2)];
  if (newest === undefined) return;
  const canRepeat = performance.now() - app.rotatedAt < repeated && !app.isRotationInDoubt;
  if (app.isLive && before !== undefined && canRepeat) await checkRepetition(app, before, newest, { caller, ledger });
  const answer = await caller.ask(rotation(app, newest), 200, 400);
  const isGood = answer.status === 200;
  if (app.grant === "live") ledger.holds(isGood, "lost", `the newest refresh token of client ${app.clientId} is refused`);
  else if (app.grant === "ended")
    ledger.holds(!isGood, "revived", `a refresh token of client ${app.clientId} is good after its grant ended`);
  if (app.grant === "either" && app.endingInDoubt !== undefined) app.events.settle(app.endingInDoubt, !isGood);
  app.grant = isGood ? "live" : "ended";
  app.endingInDoubt = undefined;
  if (!isGood) return;
  if (!app.isRotationInDoubt) app.events.asked("token.refreshed");
  app.events.happened("token.refreshed");
  app.take(parseTokens(answer));
  ledger.did("refreshed");
  await checkRepetition(app, newest, app.refreshTokens.at(-1) ?? "", { caller, ledger });
}

async function checkRepetition(app: AppFacts, spent: string, successor: string, { caller, ledger }: Pick<Checker, "caller" | "ledger">) {
  const answer = await caller.ask(rotation(app, spent), 200, 400);
  const isSame = answer.status === 200 && parseTokens(answer).refreshToken === successor;
  const breach = answer.status === 200 ? "accepted twice" : "lost";
  ledger.holds(isSame, breach, `a spent refresh token of client ${app.clientId} has not the same answer again`);
}

async function checkAccessTokens(app: AppFacts, checker: Checker): Promise<void> {
  const { ledger } = checker;
  for (const [position, token] of app.accessTokens.entries()) {
    const standing = app.standingOf(token);
    const active = await isActive(token.value, checker);
    const words = `access token ${position + 1} of the ${app.accessTokens.length} newest of client ${app.clientId}`;
    if (standing === "live") ledger.holds(active, "lost", `${words} is not active`);
    else if (standing === "ended") ledger.holds(!active, "revived", `${words} is active after it was ended`);
    else if (app.isLive) app.events.settle("token.revoked", !active);
    if (token.standing === "either" && app.isLive) token.standing = active ? "live" : "ended";
    if (position === 0)
      ledger.holds((await opensNotes(token.value, checker)) === active, "wrong", `${words} is not treated alike by API and introspection`);
  }
}

async function checkListing(app: AppFacts, checker: Checker): Promise<void> {
  const { items } = JSON.parse(await readAdmin(`/grants?client=${app.clientId}`, checker)) as { items: readonly unknown[] };
  const isListed = items.length > 0;
  const breach = app.isLive ? "lost" : "revived";
  checker.ledger.holds(isListed === app.isLive, breach, `the grant of client ${app.clientId} is ${isListed ? "listed" : "not listed"}`);
}

async function checkEvents(app: AppFacts, checker: Checker): Promise<void> {
  const seen = await countEvents({ client: app.clientId }, checker);
  const wrong = app.events.compare(seen);
  checker.ledger.holds(
    wrong.length === 0,
    wrong[0]?.breach ?? "lost",
    `client ${app.clientId}: ${wrong.map(({ words }) => words).join("; ")}`,
  );
}

/** What is used a second time is refused, and ends the grant: code and refresh token are in two hands. OAuth 2.1 §4.1.3, §4.3.1 */
async function provoke(app: AppFacts, checker: Checker): Promise<void> {
  const { caller, ledger, random } = checker;
  const older = app.refreshTokens.at(-3);
  const { code } = app;
  const hasCode = code?.state === "redeemed" && performance.now() - code.madeAt < codeLives;
  if (code !== undefined && hasCode && (older === undefined || random.chance(0.5))) {
    const { status } = await caller.ask(redemption(app, code), 200, 400);
    ledger.holds(status === 400, "accepted twice", `the code of client ${app.clientId} was redeemed a second time`);
    app.events.asked("code.replayed");
    app.events.happened("code.replayed");
  } else if (older !== undefined) {
    const { status } = await caller.ask(rotation(app, older), 200, 400);
    ledger.holds(status === 400, "accepted twice", `an old refresh token of client ${app.clientId} was rotated a second time`);
    app.events.asked("refresh.reused");
    app.events.happened("refresh.reused");
  } else return;
  app.grant = "ended";
  await checkAccessTokens(app, checker);
}
