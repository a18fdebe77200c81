/**
 * Where in a list is the item with this key?
 *
 * A hash table of places only, eight bytes an item: the keys themselves are computed again, for the few places that a look
 * finds. It is built at the first look.
 */
import { keyOf, once } from "./list.ts";
import type { WorldList } from "./list.ts";

export interface Lookup {
  /** Undefined if there is none. */
  first(key: string): number | undefined;
  /** In the list's order. */
  all(key: string): readonly number[];
}

const NONE = -1;

export function createLookup<T, Key extends keyof T>(list: WorldList<T, Key>, key: Key): Lookup {
  const table = once(() => {
    const heads = new Int32Array(2 ** Math.ceil(Math.log2(list.length + 1))).fill(NONE);
    const following = new Int32Array(list.length);
    // From the end, so that each chain is in the list's order.
    for (let index = list.length - 1; index >= 0; index -= 1) {
      const bucket = bucketOf(String(keyOf(list, index, key)), heads.length);
      following[index] = heads[bucket] ?? NONE;
      heads[bucket] = index;
    }
    return { heads, following };
  });

  function* places(wanted: string): Generator<number> {
    const { heads, following } = table();
    let index = heads[bucketOf(wanted, heads.length)] ?? NONE;
    for (; index !== NONE; index = following[index] ?? NONE) if (keyOf(list, index, key) === wanted) yield index;
  }

  return {
    first: (wanted) => places(wanted).next().value ?? undefined,
    all: (wanted) => places(wanted).toArray(),
  };
}

/** By FNV-1a; `buckets` is a power of two. */
function bucketOf(text: string, buckets: number): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  return (hash ^ (hash >>> 16)) & (buckets - 1);
}
