/** How does a list hold each value once? In the order of first occurrence. */

export function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
