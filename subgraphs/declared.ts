/**
 * Which decisions are declared, of all subgraphs?
 *
 * Apart from the registry, which has them too: a command that only reads tables starts without everything else that is there,
 * in a fraction of the time and the memory.
 */
import { campaignDecisions } from "./campaigns/decisions.ts";
import { episodeDecisions } from "./episodes/decisions.ts";
import { listenerDecisions } from "./listeners/decisions.ts";
import { locationDecisions } from "./locations/decisions.ts";
import type { Decision } from "./pipeline/decision.ts";

export const declaredDecisions: readonly Decision[] = [
  ...campaignDecisions,
  ...episodeDecisions,
  ...locationDecisions,
  ...listenerDecisions,
];
