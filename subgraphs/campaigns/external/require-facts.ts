/** What if a gateway sends an entity without the facts that a decision requires? */
import { DecisionError } from "../../pipeline/ask.ts";

/**
 * A gateway sends null if the owning subgraph failed, or no longer has the entity; then nothing is decided. Throws a
 * DecisionError.
 */
export function requireFacts<Facts>(facts: Facts | null, of: "episode" | "listener", key: string): Facts {
  if (facts !== null) return facts;
  throw new DecisionError("DECISION_UNAVAILABLE", key, `the facts of the ${of} are not known`, true);
}
