/** What can a test do with a started Decibel, be it one process or a deployment of many? */
import type { Decibel } from "../../subgraphs/decibel.ts";
import type { Pipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { Outbox } from "../../subgraphs/records/outbox/outbox.ts";
import type { KeptWorklist } from "../../subgraphs/records/worklists/worklist.ts";
import type { TestDecibel } from "./decibel.ts";

/** What one process and several have both. */
export interface Deployment extends Omit<TestDecibel, "decibel"> {
  readonly decibel: Pick<Decibel, "url" | "parts" | "database" | "sandboxes"> & {
    readonly outbox: Pick<Outbox, "isIdle">;
    readonly worklists: readonly Pick<KeptWorklist, "catchUp">[];
    readonly pipeline: Pick<Pipeline, "models"> & {
      /** Of several processes, what they agree on. */
      readonly versions: Pick<Pipeline["versions"], "refresh" | "running">;
      /** Of several processes, those of the one with the most. */
      readonly scheduler: Pick<Pipeline["scheduler"], "waiting" | "working">;
    };
  };
}
