/** A count that takes less, in milliseconds, is made for everybody who asks. */
const slow = 500;

/** For how many times as long as it took a slow count stands. */
const standsFor = 20;

/**
 * Counts for whoever asks. What takes long is counted again only after twenty times as long, and until that is done the last
 * count is told: however often somebody asks, a table that has grown is not read all the time, and only the first one waits.
 * Where counting fails, nothing older is told.
 * @param clock in milliseconds
 */
export function sparingly<Count>(count: () => Promise<Count>, clock: () => number = () => performance.now()): () => Promise<Count> {
  let last: { readonly counted: Count; readonly until: number } | undefined;
  let underWay: Promise<Count> | undefined;
  const countAnew = async (): Promise<Count> => {
    const began = clock();
    try {
      const counted = await count();
      const took = clock() - began;
      last = took < slow ? undefined : { counted, until: clock() + standsFor * took };
      return counted;
    } catch (error) {
      last = undefined;
      throw error;
    } finally {
      underWay = undefined;
    }
  };
  return async () => {
    if (last !== undefined && clock() < last.until) return last.counted;
    underWay ??= countAnew();
    if (last === undefined) return underWay;
    underWay.catch(() => undefined); // whoever asks next is told
    return last.counted;
  };
}
