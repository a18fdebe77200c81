/** What goes on where there is no decision? */
import { DecisionError } from "./ask.ts";

/** Undefined where it could not be decided. Passes on whatever else went wrong. */
export async function unlessUndecided<T>(decided: Promise<T>): Promise<T | undefined> {
  try {
    return await decided;
  } catch (error) {
    if (error instanceof DecisionError) return undefined;
    throw error;
  }
}

/** For what is kept until the rules can be asked: they will be. */
export function notDecidedYet(decision: string): DecisionError {
  return new DecisionError("DECISION_UNAVAILABLE", decision, "it is not decided yet", true);
}
