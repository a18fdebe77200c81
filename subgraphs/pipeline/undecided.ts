/** What goes on where there is no decision? Whoever asks here says what; only what is no decision is passed over. */
import { DecisionError } from "./ask.ts";

/** undefined where it could not be decided. Passes on whatever else went wrong. */
export async function unlessUndecided<T>(decided: Promise<T>): Promise<T | undefined> {
  try {
    return await decided;
  } catch (error) {
    if (error instanceof DecisionError) return undefined;
    throw error;
  }
}
