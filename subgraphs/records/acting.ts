/** What does a subgraph need to act, beside what it knows? */
import type { DecidedBefore } from "../decisions/decided-before.ts";
import type { DecideFor } from "../decisions/loader.ts";
import type { Neighbours } from "../neighbours.ts";
import type { Mutate } from "./mutation.ts";
import type { Outbox } from "./outbox.ts";

export interface Acting {
  /** Evaluates anew, for this subject alone, and has it written down. */
  readonly decideAnew: DecideFor;
  /** What was decided before, for whoever repeats what was done because of it. */
  readonly decidedBefore: DecidedBefore;
  /** Once, and whole. */
  readonly mutate: Mutate;
  /** Upstreams hear of it through this. */
  readonly outbox: Pick<Outbox, "send" | "stepAside">;
  /** For facts of what other subgraphs own. */
  readonly neighbours: Pick<Neighbours, "entity">;
}
