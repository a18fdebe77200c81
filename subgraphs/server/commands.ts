/** What does a subgraph need for its mutations, effects and reviews? */
import type { DecideFor } from "../pipeline/loader.ts";
import type { Recall } from "../pipeline/recall.ts";
import type { SubgraphClient } from "../platform/subgraph-client.ts";
import type { ReviewHandler } from "../records/decisions/reviews.ts";
import type { Mutate } from "../records/mutations/mutation.ts";
import type { Transact } from "../records/mutations/transact.ts";
import type { Handler } from "../records/outbox/effect.ts";
import type { Outbox } from "../records/outbox/outbox.ts";
import type { DeliveryHandler } from "../records/webhooks/delivery.ts";
import type { Tell } from "../records/webhooks/tell.ts";

/** What a subgraph with mutations registers. */
export interface SubgraphCommands {
  /** For the effects that it sends. */
  readonly handlers: readonly Handler<never>[];
  /** For the reviews that it opens. */
  readonly reviewHandlers: readonly ReviewHandler[];
  /** For the events that it tells, if something follows from whether they are delivered. Default: none. */
  readonly deliveryHandlers?: readonly DeliveryHandler[];
}

/** For a subgraph without effects and reviews. */
export const NO_COMMANDS: SubgraphCommands = { handlers: [], reviewHandlers: [] };

export interface CommandTools {
  /** Evaluates for this subject alone, without the cache, and records the evaluation. */
  readonly decideAnew: DecideFor;
  /** Reads an earlier decision from the ledger. */
  readonly recall: Recall;
  /** Runs a mutation in one transaction, once for each idempotency key. */
  readonly mutate: Mutate;
  /** Runs one transaction, for the changes of an effect. */
  readonly transact: Transact;
  /** Sends effects to upstreams. */
  readonly outbox: Pick<Outbox, "send" | "unblockSubject" | "retry" | "drop">;
  /** Tells events to those who are configured. */
  readonly tell: Tell;
  /** Fetches facts that other subgraphs own. */
  readonly subgraphClient: Pick<SubgraphClient, "entity">;
}
