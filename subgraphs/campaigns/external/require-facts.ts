/** Are the facts of an entity that another subgraph owns there? */
import { DecisionError } from "../../pipeline/ask.ts";

/**
 * What a gateway had to bring of an entity that another subgraph owns. It asks on without it where that one failed or the
 * entity is gone; then nothing is decided. Throws a DecisionError.
 */
export function requireFacts<Facts>(facts: Facts | null, of: "episode" | "listener", key: string): Facts {
  if (facts !== null) return facts;
  throw new DecisionError("DECISION_UNAVAILABLE", key, `the facts of the ${of} are not known`, true);
}
