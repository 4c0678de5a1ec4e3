import { performance } from "node:perf_hooks";
import { type Check, finding, ok, warning } from "./check.ts";
import { type Exchange, isAnswer } from "./exchange.ts";

/** How far apart clocks may be before assertions that live for a minute are refused, in seconds. */
const most = 30;

/** This computer's clock beside the server's, which stands in the Date of its answers: both sign, or check, times. RFC 9110 §6.6.1 */
export function checkClock(exchange: Exchange | undefined): readonly Check[] {
  const change = "timedatectl set-ntp true";
  const date = isAnswer(exchange) ? exchange.headers.date : undefined;
  if (!isAnswer(exchange) || date === undefined) return [];
  const apart = Math.round((exchange.at - Date.parse(date)) / 1000);
  const cached = Number(exchange.headers.age ?? 0) > 0;
  if (Number.isNaN(apart)) return [warning("clock", "The server's Date is none.", "Date: as RFC 9110 §5.6.7 writes it", "RFC 9110 §6.6.1")];
  if (cached || Math.abs(apart) <= most)
    return [
      ok(
        "clock",
        cached ? "The answer comes from a cache, which says nothing of clocks." : `Server and this computer are at most ${most} s apart.`,
      ),
    ];
  const seen = `The server's clock is ${Math.abs(apart)} s ${apart > 0 ? "behind" : "ahead of"} this computer's.`;
  return [finding("clock", seen, change, "RFC 7519 §4.1.4")];
}

/** Whether the clock of this computer jumps: it and the clock that only ever goes forward must go alike. */
export function checkSteadiness(): Check {
  const jumped = Math.abs(Date.now() - (performance.timeOrigin + performance.now())) / 1000;
  if (jumped > 1) return warning("clock, steady", `It was moved by ${Math.round(jumped)} s within seconds.`, "timedatectl set-ntp true");
  return ok("clock, steady", "It goes steadily.");
}
