/** A moment of a soak. */
export interface Sample {
  /** Seconds since it began. */
  readonly at: number;
  /** In MB: resident and not mapped from a file. */
  readonly anonymous: number;
  readonly resident: number;
  readonly heap: number;
}

/** MB from the first third's end to the last sample, by the straight line that fits best: no single moment decides. */
export function growthOf(samples: readonly Sample[]): number {
  const settled = afterFirstThird(samples);
  const [first, last] = [settled[0], settled.at(-1)];
  return first === undefined || last === undefined ? Number.NaN : slopeOf(settled) * (last.at - first.at);
}

/** MB per second. */
export function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [at, memory] = [mean((sample) => sample.at), mean(({ anonymous }) => anonymous)];
  const covariance = samples.reduce((sum, sample) => sum + (sample.at - at) * (sample.anonymous - memory), 0);
  return covariance / samples.reduce((sum, sample) => sum + (sample.at - at) ** 2, 0);
}

/** A server that has just begun still compiles and fills its caches. */
export const afterFirstThird = (samples: readonly Sample[]): readonly Sample[] => samples.slice(Math.floor(samples.length / 3));

const [mostLines, width] = [40, 50];

/** A line for every moment, at most forty, with a bar. */
export function memoryCurve(samples: readonly Sample[]): string {
  const every = Math.ceil(samples.length / mostLines);
  const most = Math.max(...samples.map(({ anonymous }) => anonymous));
  const lines = samples
    .filter((_, index) => index % every === 0)
    .map(({ at, anonymous, resident, heap }) => {
      const figures = [at, anonymous, heap, resident].map((figure) => figure.toFixed(0).padStart(6)).join("");
      return `${figures}  ${"█".repeat(Math.round((anonymous / most) * width))}`;
    });
  return ["     s    MB  heap   RSS", ...lines].join("\n");
}
