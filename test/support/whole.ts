/** How does a test get all of a world, which makes things only when they are asked for? As arrays, in the same places. */

export type Whole<World> = World extends string | Date | ((...args: never) => unknown)
  ? World
  : World extends Iterable<infer Item>
    ? readonly Item[]
    : World extends object
      ? { readonly [Part in keyof World]: Whole<World[Part]> }
      : World;

/** A world, a part of one, or a list. */
export function whole<World extends object>(world: World): Whole<World> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type says what this does
  return wholeOf(world) as Whole<World>;
}

function wholeOf(part: unknown): unknown {
  if (typeof part !== "object" || part === null || part instanceof Date) return part;
  if (Symbol.iterator in part) return [...(part as Iterable<unknown>)];
  return Object.fromEntries(Object.entries(part).map(([name, own]) => [name, wholeOf(own)]));
}
