import { StorageError } from "vouchsafe";

/** How long a probe waits for the database, in milliseconds: whoever asks gives up after five or ten seconds, and would learn nothing. */
const patience = 3000;

/**
 * What the database says to a probe. What it says later is not heard.
 * @throws StorageError where it says nothing in time
 */
export async function probe<Answer>(asked: Promise<Answer>): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new StorageError("unavailable", "the database does not answer in time")), patience);
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
