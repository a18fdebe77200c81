/**
 * How does the world have many things without keeping them?
 *
 * Each is a function of its index, and is made when it is asked for. An array is such a list too, so a smaller world can be
 * put together by hand. What was made last is kept, because a request asks for the same things several times.
 */
import { createLru } from "../../platform/lru.ts";

/** `Key` names the texts of an item that are known without making it. */
export interface WorldList<T, Key extends keyof T = never> extends Iterable<T> {
  readonly length: number;
  /** Undefined beyond the end. */
  at(index: number): T | undefined;
  /** Of indexes from 0. */
  slice(start?: number, end?: number): readonly T[];
  readonly keyAt?: (index: number, key: Key) => string;
}

export interface WorldListOptions<T, Key extends keyof T> {
  /** Asked for once, when it is needed. */
  readonly length: () => number;
  /** `index` is from 0 and below the length. */
  readonly make: (index: number) => T;
  readonly keys?: Readonly<Record<Key, (index: number) => string>>;
}

/** More than a world of scale 1 has of anything that upstreams answer. */
const KEPT = 1000;

export function createWorldList<T extends object, Key extends keyof T = never>(
  options: WorldListOptions<T, Key>,
): WorldList<T, Key> {
  const { make, keys } = options;
  const lengthOf = once(options.length);
  const kept = createLru<number, T>(KEPT);

  function at(index: number): T | undefined {
    if (!(index >= 0 && index < lengthOf())) return undefined;
    const made = kept.get(index) ?? make(index);
    kept.set(index, made);
    return made;
  }

  return {
    get length() {
      return lengthOf();
    },
    at,
    slice(start = 0, end = lengthOf()) {
      const items: T[] = [];
      for (let index = start; index < end; index += 1) {
        const item = at(index);
        if (item === undefined) break;
        items.push(item);
      }
      return items;
    },
    // Nothing is kept: whoever wants all does not come back soon.
    *[Symbol.iterator]() {
      for (let index = 0; index < lengthOf(); index += 1) yield make(index);
    },
    ...(keys && { keyAt: (index: number, key: Key) => keys[key](index) }),
  };
}

/** Undefined beyond the end. */
export function keyOf<T, Key extends keyof T>(list: WorldList<T, Key>, index: number, key: Key): string | undefined {
  if (index >= list.length) return undefined;
  if (list.keyAt) return list.keyAt(index, key);
  const item = list.at(index);
  return item && String(item[key]);
}

export function itemAt<T>(list: WorldList<T>, index: number | undefined): T | undefined {
  return index === undefined ? undefined : list.at(index);
}

/** Those that there are. */
export function itemsAt<T>(list: WorldList<T>, indexes: readonly number[]): readonly T[] {
  return indexes.flatMap((index) => list.at(index) ?? []);
}

/** Made when it is asked for the first time. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Keeps what was made last: neighbours share it. */
export function keepLast<T>(make: (index: number) => T): (index: number) => T {
  let last: { readonly index: number; readonly value: T } | undefined;
  return (index) => {
    if (last?.index !== index) last = { index, value: make(index) };
    return last.value;
  };
}

/**
 * For items of several parts each, such as the ad sets of campaigns: the owner of a part, and which of the owner's it is.
 * Four bytes for each owner.
 */
export interface Parts {
  readonly length: number;
  /** Of the first part of this owner. */
  startOf(owner: number): number;
  ownerOf(part: number): readonly [owner: number, nth: number];
}

export function createParts(owners: number, countOf: (owner: number) => number): Parts {
  const starts = new Uint32Array(owners + 1);
  for (let owner = 0; owner < owners; owner += 1) starts[owner + 1] = (starts[owner] ?? 0) + countOf(owner);
  return {
    length: starts[owners] ?? 0,
    startOf: (owner) => starts[owner] ?? 0,
    ownerOf(part) {
      let [low, high] = [0, owners];
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if ((starts[middle] ?? 0) <= part) low = middle;
        else high = middle;
      }
      return [low, part - (starts[low] ?? 0)];
    },
  };
}
