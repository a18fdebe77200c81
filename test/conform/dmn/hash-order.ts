/**
 * In which order does the engine answer the rules that matched? It keeps them in a Java HashMap by their numbers, and
 * iterates over its buckets.
 *
 * A bucket is the number modulo the capacity, and keeps the order in which the rules were added. The capacity is 16, and
 * doubles when more than three quarters are used, or when a bucket gets its ninth rule. From 64 on such a bucket becomes a
 * tree, which may put another of its rules first: that takes a table of more than 500 rules, and is not predicted here.
 */

/** `numbers` come in the order of the table. */
export function hashOrder<Item extends { readonly number: number }>(items: readonly Item[]): readonly Item[] {
  let capacity = FIRST_CAPACITY;
  let buckets = new Map<number, number>();
  for (const [index, { number }] of items.entries()) {
    const inBucket = 1 + (buckets.get(number % capacity) ?? 0);
    buckets.set(number % capacity, inBucket);
    const times = Number(inBucket > FULL_BUCKET && capacity < LAST_CAPACITY) + Number(index + 1 > 0.75 * capacity);
    if (times === 0) continue;
    capacity *= 2 ** times;
    buckets = countBy(items.slice(0, index + 1), capacity);
  }
  return items.toSorted((left, right) => (left.number % capacity) - (right.number % capacity));
}

const FIRST_CAPACITY = 16;
const FULL_BUCKET = 8;
const LAST_CAPACITY = 64;

function countBy(items: readonly { readonly number: number }[], capacity: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { number } of items) counts.set(number % capacity, 1 + (counts.get(number % capacity) ?? 0));
  return counts;
}
