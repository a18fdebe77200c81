/** Where does what this subgraph knows of listeners come from? Each request reads them in batches. */
import DataLoader from "dataloader";
import { listenerId } from "../../schema/id.ts";
import type { DecideFor } from "../pipeline/loader.ts";
import type { Recall } from "../pipeline/recall.ts";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { LeadRecords, ListenerRecord, ListenerRecords } from "../records/listeners/types.ts";
import type { Crm } from "../sources/crm/client.ts";
import { latestConsents } from "./consents/consents.ts";
import { Listener } from "./listener/listener.ts";

export interface ListenerSources {
  readonly records: ListenerRecords;
  readonly leads: LeadRecords;
  readonly crm: Crm;
  readonly decide: DecideFor;
  readonly recall: Recall;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface ListenerServices extends ListenerSources {
  readonly load: (context: Context) => ListenerLoaders;
}

export interface ListenerLoaders {
  /** By the id in the records. */
  readonly listener: DataLoader<string, Listener | null>;
}

export function listenerServices(sources: ListenerSources): ListenerServices {
  const { records } = sources;
  const load = perRequest(() => ({
    listener: new DataLoader(async (ids: readonly string[]) =>
      (await records.byIds(ids)).map((record) => (record ? toListener(record) : null)),
    ),
  }));
  return { ...sources, load };
}

/** Reads past the request's loader, for commands: they act on the current state. */
export async function readListener(records: Pick<ListenerRecords, "byIds">, id: string): Promise<Listener | undefined> {
  const [record] = await records.byIds([id]);
  return record && toListener(record);
}

export function toListener({ id, consents, ...record }: ListenerRecord): Listener {
  return Object.assign(new Listener(), { ...record, id: listenerId.encode(id), consents: latestConsents(consents) });
}
