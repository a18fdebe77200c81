/** What does the sandboxes' world know of listeners? Their records in memory, in the order of their ids. */
import type { ListenerRecord, ListenerRecords } from "../listeners/records.ts";

export function listenerRecordsOf(listeners: readonly ListenerRecord[]): ListenerRecords {
  const all = listeners.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const byId = new Map(all.map((listener) => [listener.id, listener]));
  const byCountry = Map.groupBy(all, ({ country }) => country);
  const of = (country: string | undefined): readonly ListenerRecord[] =>
    country === undefined ? all : (byCountry.get(country) ?? []);

  return {
    listeners: async ({ after, limit, country }) => {
      const start = after === undefined ? 0 : of(country).findIndex(({ id }) => id > after);
      return start === -1 ? [] : of(country).slice(start, start + limit);
    },
    count: async (country) => of(country).length,
    byIds: async (ids) => ids.map((id) => byId.get(id)),
  };
}
