/**
 * Which records does a list of the Ads API sandbox have, and which are on a page of it?
 *
 * Those of the world, with the changes over them. A page makes its own records only. What a list is ordered and filtered by
 * is known without making records: an order is four bytes a record, kept until a change. A filter by name has to look at
 * all names, so it costs as much as there are records.
 */
import { itemAt, keyOf, once } from "../world/list.ts";
import type { WorldList } from "../world/list.ts";
import { createLookup } from "../world/lookup.ts";
import { compare, keyOfField } from "./query.ts";
import type { ListQuery, ListedKey } from "./query.ts";

export interface Listing<T> {
  find(id: string): T | undefined;
  /** Gives the changed record; undefined if there is none. */
  change(id: string, changes: Partial<T>): T | undefined;
  /** Of all, or of those among the indexes. */
  page(query: ListQuery, among?: readonly number[]): Page<T>;
  /** The indexes of those with these ids. */
  indexesOf(ids: readonly string[] | undefined): readonly number[] | undefined;
}

export interface Page<T> {
  readonly total: number;
  readonly records: readonly T[];
}

type Listed = { readonly [Key in ListedKey]: string };

export function createListing<T extends Listed>(list: WorldList<T, ListedKey>): Listing<T> {
  const byId = createLookup(list, "id");
  const changed = new Map<number, T>();
  const orders = new Map<ListedKey, Uint32Array>();
  /** The texts are few, and shared. */
  const statuses = once(() => columnOf("status"));

  return {
    find: (id) => recordAt(byId.first(id)),
    change(id, changes) {
      const index = byId.first(id);
      const old = recordAt(index);
      if (index === undefined || !old) return undefined;
      const record = { ...old, ...changes };
      statuses()[index] = record.status;
      changed.set(index, record);
      for (const key of orders.keys()) if (record[key] !== old[key]) orders.delete(key);
      return record;
    },
    page(query, among) {
      const { offset, limit } = query;
      const wanted = filtered(among ? sorted([...among], query) : orderOf(query), query);
      const isAscending = query.sort_direction === "ASC";
      const places = Array.from({ length: Math.max(0, Math.min(limit, wanted.length - offset)) }, (_none, nth) =>
        isAscending ? offset + nth : wanted.length - 1 - offset - nth,
      );
      return { total: wanted.length, records: places.flatMap((place) => recordAt(wanted[place]) ?? []) };
    },
    indexesOf: (ids) => ids && [...new Set(ids)].flatMap((id) => byId.first(id) ?? []),
  };

  function recordAt(index: number | undefined): T | undefined {
    return index === undefined ? undefined : (changed.get(index) ?? itemAt(list, index));
  }

  function textAt(index: number, key: ListedKey): string {
    return changed.get(index)?.[key] ?? keyOf(list, index, key) ?? "";
  }

  function columnOf(key: ListedKey): string[] {
    return Array.from({ length: list.length }, (_none, index) => textAt(index, key));
  }

  /** Ascending. */
  function orderOf({ sort_field: field }: ListQuery): Uint32Array {
    const key = keyOfField(field);
    const known = orders.get(key);
    if (known) return known;
    const [texts, ids] = [columnOf(key), columnOf("id")];
    const text = (all: readonly string[], index: number): string => all[index] ?? "";
    const order = Uint32Array.from({ length: list.length }, (_none, index) => index).toSorted(
      (a, b) => compare(text(texts, a), text(texts, b)) || compare(text(ids, a), text(ids, b)),
    );
    orders.set(key, order);
    return order;
  }

  function sorted(indexes: number[], { sort_field: field }: ListQuery): readonly number[] {
    const key = keyOfField(field);
    return indexes.toSorted(
      (a, b) => compare(textAt(a, key), textAt(b, key)) || compare(textAt(a, "id"), textAt(b, "id")),
    );
  }

  function filtered(indexes: ArrayLike<number>, { name, statuses: wanted }: ListQuery): ArrayLike<number> {
    if (name === "" && wanted === undefined) return indexes;
    const part = name.toLowerCase();
    return Array.from(indexes).filter(
      (index) =>
        (wanted === undefined || wanted.includes(statuses()[index] ?? "")) &&
        (part === "" || textAt(index, "name").toLowerCase().includes(part)),
    );
  }
}
