/** How does this subgraph get at what it knows of listeners, without asking twice or one by one? */
import DataLoader from "dataloader";
import { listenerId } from "../../schema/id.ts";
import { perRequest } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import type { DecideFor } from "../pipeline/loader.ts";
import type { Crm } from "../sources/crm/client.ts";
import { standingConsents } from "./consents/consents.ts";
import { Listener } from "./listener/listener.ts";
import type { LeadRecords, ListenerRecord, ListenerRecords } from "../records/listeners/types.ts";

export interface ListenerSources {
  readonly records: ListenerRecords;
  readonly leads: LeadRecords;
  readonly crm: Crm;
  readonly decide: DecideFor;
  /** Milliseconds since the epoch; says how long somebody has been away. */
  readonly now: () => number;
}

export interface ListenerServices extends ListenerSources {
  readonly load: (context: Context) => ListenerLoaders;
}

export interface ListenerLoaders {
  /** By the records' id. */
  readonly listener: DataLoader<string, Listener | null>;
}

export function listenerServices(sources: ListenerSources): ListenerServices {
  const { records } = sources;
  const load = perRequest(() => ({
    listener: new DataLoader(async (ids: readonly string[]) =>
      (await records.byIds(ids)).map((found) => (found ? toListener(found) : null)),
    ),
  }));
  return { ...sources, load };
}

export function toListener({ id, consents, ...known }: ListenerRecord): Listener {
  return Object.assign(new Listener(), { ...known, id: listenerId.encode(id), consents: standingConsents(consents) });
}
