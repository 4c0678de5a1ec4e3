import { givenTimesOf } from "../operator/listing.ts";
import { BadInput, type TimeRange } from "../operator/operator.ts";

/** `--since` and `--until`, as they were given: what is no time is said before anything is opened. @throws BadInput */
export function rangeOf({ since, until }: TimeRange): TimeRange {
  const range = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
  try {
    givenTimesOf(range, Date.now());
  } catch (error) {
    throw error instanceof BadInput ? new BadInput(`--${error.message}`) : error;
  }
  return range;
}
