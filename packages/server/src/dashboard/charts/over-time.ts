import { type Html, html } from "vouchsafe/pages";
import { counted, number } from "../pages/words.ts";
import { amountOf, filling, percent, type Series, seriesOf, type Tally, weaves } from "./series.ts";

export interface OverTime {
  /** Of this chart alone, on its page. */
  readonly id: string;
  readonly title: string;
  /** What is counted, one and several: `token`, `tokens`. */
  readonly unit: string;
  readonly units: string;
  readonly since: string;
  readonly until: string;
  /** Seconds. */
  readonly period: number;
  /** Periods in which nothing happened may be absent. */
  readonly periods: readonly { readonly at: string; readonly tally: Tally }[];
}

/** How many bars there is room for on a phone. */
const mostBars = 60;

interface Bar {
  readonly at: number;
  readonly tally: Tally;
}

/** Bars over time, stacked by name, and the same numbers as a table. It is as wide as its place; its text stays as large as the page's. */
export function overTime(chart: OverTime): Html {
  const { id, title, unit, units } = chart;
  const series = seriesOf(chart.periods.map(({ tally }) => tally));
  if (series.length === 0) return html`<figure><h2>${title}</h2><p class="soft">Nothing in this time.</p></figure>`;
  const bars = barsOf(chart);
  const sums = bars.map(({ tally }) => Object.values(tally).reduce((sum, count) => sum + count, 0));
  const top = niceTop(Math.max(...sums));
  const total = sums.reduce((sum, one) => sum + one, 0);
  return html`<figure><h2>${title}</h2>
<ul class="legend">${series.map(legend(id))}</ul>
<svg class="chart over-time" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${title}</title><desc id="${id}-desc">${counted(total, unit, units)}: ${series.map((one) => `${one.name} ${number(one.total)}`).join(", ")}. The highest bar is ${number(Math.max(...sums))}. The same numbers are in the table below.</desc>${weaves(id, series)}
<text y=".9em">${number(top)}</text>
<svg y="1.4em" width="100%" height="11em"><line x2="100%"/><line y1="50%" x2="100%" y2="50%"/>${bars.map((bar, index) => stack(bar, { id, index, of: bars.length, top, series }))}<line y1="100%" x2="100%" y2="100%"/>${bars.map((bar, index) => hint(bar, index, { bars, series, chart }))}</svg>
<text y="13.8em">${when(bars[0]?.at ?? 0, chart)}</text><text x="100%" y="13.8em" text-anchor="end">${when(bars.at(-1)?.at ?? 0, chart)}</text></svg>
<details><summary>The numbers: ${title}</summary>${numbersOf(bars, series, chart)}</details></figure>`;
}

/** Every period, also those without anything, joined so that there is room for all of them. */
function barsOf({ since, until, period, periods }: OverTime): readonly Bar[] {
  const first = Date.parse(since);
  const length = period * 1000;
  const all = Math.max(1, Math.ceil((Date.parse(until) - first) / length));
  const joined = Math.ceil(all / mostBars);
  const bars = Array.from({ length: Math.ceil(all / joined) }, (_, index) => ({
    at: first + index * joined * length,
    tally: {} as Record<string, number>,
  }));
  for (const { at, tally } of periods) {
    const bar = bars[Math.floor((Date.parse(at) - first) / length / joined)];
    if (bar === undefined) continue;
    for (const [name, count] of Object.entries(tally)) bar.tally[name] = (bar.tally[name] ?? 0) + count;
  }
  return bars;
}

/** A round number that is no less. */
function niceTop(highest: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(1, highest)));
  const nice = [1, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * step >= highest) ?? 10;
  return Math.max(2, nice * step);
}

interface Standing {
  readonly id: string;
  readonly index: number;
  readonly of: number;
  readonly top: number;
  readonly series: readonly Series[];
}

/** One bar: its parts from below, in the order of the legend. */
function stack({ tally }: Bar, { id, index, of, top, series }: Standing): readonly Html[] {
  let below = 0;
  return series.flatMap((one) => {
    const amount = amountOf(one, series, tally);
    if (amount === 0) return [];
    below += amount;
    return [
      html`<rect x="${percent(index + 0.12, of)}" y="${percent(top - below, top)}" width="${percent(0.76, of)}" height="${percent(amount, top)}"${filling(id, one)}/>`,
    ];
  });
}

/** What a pointer over a period is told. */
function hint(
  bar: Bar,
  index: number,
  { bars, series, chart }: { bars: readonly Bar[]; series: readonly Series[]; chart: OverTime },
): Html | string {
  const amounts = series.map((one) => ({ one, amount: amountOf(one, series, bar.tally) })).filter(({ amount }) => amount > 0);
  if (amounts.length === 0) return "";
  const words = amounts.map(({ one, amount }) => `${one.name} ${number(amount)}`).join(", ");
  return html`<rect class="period" x="${percent(index, bars.length)}" width="${percent(1, bars.length)}" height="100%"><title>${when(bar.at, chart)}: ${words}</title></rect>`;
}

const legend =
  (id: string) =>
  (series: Series): Html =>
    html`<li><svg viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="2"${filling(id, series)}/></svg>${series.name} <b>${number(series.total)}</b></li>`;

function numbersOf(bars: readonly Bar[], series: readonly Series[], chart: OverTime): Html {
  const filled = bars.filter(({ tally }) => Object.keys(tally).length > 0);
  const rows = filled.map(
    (bar) =>
      html`<tr><th scope="row">${when(bar.at, chart)}</th>${series.map((one) => html`<td class="number">${number(amountOf(one, series, bar.tally))}</td>`)}</tr>
`,
  );
  const totals = html`<tr><th scope="row">All</th>${series.map(({ total }) => html`<td class="number">${number(total)}</td>`)}</tr>`;
  return html`<section class="scroll" aria-label="${chart.title}, numbers" tabindex="0"><table>
<thead><tr><th scope="col">Time (UTC)</th>${series.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>
${rows}${totals}</tbody></table></section>`;
}

const aDay = 86_400;
const dayFormat = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });
const timeFormat = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" });

/** The day; of shorter periods also the time of the day. */
function when(at: number, { period }: OverTime): string {
  return period >= aDay ? dayFormat.format(at) : `${dayFormat.format(at)}, ${timeFormat.format(at)}`;
}
