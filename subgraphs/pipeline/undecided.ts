/** How does a command go on without a decision? */
import { DecisionError } from "./ask.ts";

/** Undefined for a DecisionError; other errors are rethrown. */
export async function undefinedIfUndecided<T>(decided: Promise<T>): Promise<T | undefined> {
  try {
    return await decided;
  } catch (error) {
    if (error instanceof DecisionError) return undefined;
    throw error;
  }
}

/** Of a record that is kept until it can be decided. */
export function notDecidedYet(decision: string): DecisionError {
  return new DecisionError("DECISION_UNAVAILABLE", decision, "it is not decided yet", true);
}
