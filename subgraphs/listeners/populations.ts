/** Which listeners are there to decide about, and what are they to the decisions of other subgraphs? */
import type { Neighbours } from "../server/neighbours.ts";
import { batchesOf } from "../server/populations.ts";
import type { Population } from "../server/populations.ts";
import { grantedPurposes, refusedPurposes } from "./consents/consents.ts";
import { audienceSegment, segmentFacts } from "./decisions/audience-segment.ts";
import { leadFacts, leadRouting } from "./decisions/lead-routing.ts";
import type { Listener } from "./listener/listener.ts";
import { toListener } from "./services.ts";
import type { ListenerServices } from "./services.ts";

type Services = Pick<ListenerServices, "records" | "now">;

export function listenerPopulations(services: Services): readonly Population[] {
  return [
    {
      field: "Listener.segments",
      model: audienceSegment.key,
      async *members() {
        for await (const listeners of everyListener(services))
          yield listeners.map((one) => ({ subject: one.id, facts: segmentFacts(one, services.now()) }));
      },
    },
    {
      field: "Listener.lead",
      model: leadRouting.key,
      async *members() {
        for await (const listeners of everyListener(services))
          yield listeners.map((one) => ({ subject: one.id, facts: leadFacts(one) }));
      },
    },
  ];
}

/** For activations. */
export function listenersOf(services: Services): Neighbours["listeners"] {
  return async function* considered() {
    for await (const listeners of everyListener(services))
      yield listeners.map(({ id, age, country, consents }) => ({
        subject: id,
        facts: { age, country, consents: grantedPurposes(consents), refusals: refusedPurposes(consents) },
      }));
  };
}

async function* everyListener({ records }: Services): AsyncGenerator<readonly Listener[]> {
  const batches = batchesOf(
    (limit, after: string | undefined) => records.listeners({ limit, ...(after !== undefined && { after }) }),
    ({ id }) => id,
  );
  for await (const batch of batches) yield batch.map(toListener);
}
