/**
 * Where are values kept of which only those used last are worth their memory?
 *
 * In a map of at most so many entries. The library takes the memory for `max` entries at once, and most of the maps here
 * never have as many; counted as sizes, entries take it as they come.
 */
import { LRUCache } from "lru-cache";

export function createLru<Key extends object | string | number | boolean, Value extends object | number | true>(
  max: number,
): LRUCache<Key, Value> {
  return new LRUCache({ maxSize: max, sizeCalculation: () => 1 });
}
