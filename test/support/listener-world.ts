/** Which listeners are in the sandboxes' world, and how does a test replace them? */
import { listenerId } from "../../schema/id.ts";
import type { ListenerRecord, ListenerRecords } from "../../subgraphs/records/listeners/types.ts";
import { createListeners } from "../../subgraphs/sandbox/world/listeners.ts";
import { listenerRecordsOf } from "./memory-records.ts";
import { NOW } from "./now.ts";
import { whole } from "./whole.ts";

export const world: readonly ListenerRecord[] = whole(createListeners({ scale: 1, now: new Date(NOW) })).listeners;
/** In the order of the graph's lists. */
export const byId: readonly ListenerRecord[] = world.toSorted((left, right) => (left.id < right.id ? -1 : 1));

export function idOf({ id }: Pick<ListenerRecord, "id">): string {
  return listenerId.encode(id);
}

/** The world's records, of which those in `changed`, by their ids, are replaced. */
export function recordsWith(changed: ReadonlyMap<string, ListenerRecord>): ListenerRecords {
  const records = listenerRecordsOf(world);
  return {
    ...records,
    byIds: async (ids) => (await records.byIds(ids)).map((record, index) => changed.get(ids[index] ?? "") ?? record),
  };
}
