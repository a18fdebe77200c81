/** What does a subgraph need to act, beside what it knows? */
import type { DecideFor } from "../pipeline/loader.ts";
import type { Recall } from "../pipeline/recall.ts";
import type { SubgraphClient } from "../platform/subgraph-client.ts";
import type { Mutate } from "../records/mutations/mutation.ts";
import type { Transact } from "../records/mutations/transact.ts";
import type { Handler } from "../records/outbox/effect.ts";
import type { Outbox } from "../records/outbox/outbox.ts";
import type { ReviewHandler } from "../records/decisions/reviews.ts";

/** What every subgraph that acts has. */
export interface SubgraphCommands {
  /** Of the effects that it asks for. */
  readonly handlers: readonly Handler<never>[];
  /** Of what it has reviewed. */
  readonly reviewHandlers: readonly ReviewHandler[];
}

/** Of a subgraph that asks for no effects and has nothing reviewed. */
export const NO_COMMANDS: SubgraphCommands = { handlers: [], reviewHandlers: [] };

export interface CommandTools {
  /** Evaluates anew, for this subject alone, and has it written down. */
  readonly decideAnew: DecideFor;
  /** What was decided before, from the ledger. */
  readonly recall: Recall;
  /** Once for each idempotency key, and whole. */
  readonly mutate: Mutate;
  /** Whole: for what an effect changes. */
  readonly transact: Transact;
  /** Upstreams hear of it through this. */
  readonly outbox: Pick<Outbox, "send" | "unblockSubject">;
  /** For facts of what other subgraphs own. */
  readonly subgraphClient: Pick<SubgraphClient, "entity">;
}
