import { type Html, html } from "vouchsafe/pages";

/** A name of several, and how it is drawn: each in a colour and a weave of its own, so that nobody needs the colour to tell them apart. */
export interface Series {
  readonly name: string;
  readonly total: number;
  /** From 1 to 5. */
  readonly place: number;
}

export type Tally = Readonly<Record<string, number>>;

const mostSeries = 5;
const rest = "other";

/** The names with the greatest numbers, the greatest first; what is left is one more, called "other". */
export function seriesOf(tallies: readonly Tally[]): readonly Series[] {
  const totals = new Map<string, number>();
  for (const tally of tallies) for (const [name, count] of Object.entries(tally)) totals.set(name, (totals.get(name) ?? 0) + count);
  const named = [...totals].filter(([, total]) => total > 0).sort(([one, a], [other, b]) => b - a || one.localeCompare(other));
  const kept = named.length > mostSeries ? named.slice(0, mostSeries - 1) : named;
  const left = named.slice(kept.length).reduce((sum, [, total]) => sum + total, 0);
  const shown = left > 0 ? [...kept, [rest, left] as const] : kept;
  return shown.map(([name, total], index) => ({ name, total, place: index + 1 }));
}

/** How much of a tally is of this series. */
export function amountOf(series: Series, all: readonly Series[], tally: Tally): number {
  if (series.name !== rest || tally[rest] !== undefined) return tally[series.name] ?? 0;
  const others = Object.entries(tally).filter(([name]) => all.every((one) => one.name !== name));
  return others.reduce((sum, [, count]) => sum + count, 0);
}

/** The weaves of a chart. The first series is plain. */
export function weaves(id: string, series: readonly Series[]): Html | string {
  const woven = series.filter(({ place }) => place > 1);
  if (woven.length === 0) return "";
  return html`<defs>${woven.map(
    ({ place }) =>
      html`<pattern id="${id}-w${place}" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="c${place}" width="6" height="6"/><path class="weave" d="${threads[place - 2] ?? ""}"/></pattern>`,
  )}</defs>`;
}

/** Rising, falling, level, upright. */
const threads = ["M-1 7L7 -1M-1 1L1 -1M5 7L7 5", "M-1 -1L7 7M5 -1L7 1M-1 5L1 7", "M0 3H6", "M3 0V6"];

/** What a shape of this series is filled with: plain ones by the stylesheet, woven ones by the chart's own weave. */
export const filling = (id: string, { place }: Series): Html => (place === 1 ? html` class="c1"` : html` fill="url(#${id}-w${place})"`);

/** A share of the whole, in percent, as short as it is exact enough. */
export const percent = (part: number, whole: number): string => `${Math.round((part / whole) * 10_000) / 100}%`;
