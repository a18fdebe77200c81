/** How many things of a world's list does a sandbox make? */
import type { WorldList } from "../../subgraphs/sandbox/world/list.ts";

export interface Counted<T, Key extends keyof T> {
  readonly list: WorldList<T, Key>;
  /** Since the last call. */
  made(): number;
}

export function countedList<T, Key extends keyof T>(of: WorldList<T, Key>): Counted<T, Key> {
  let made = 0;
  const count = <Items extends readonly T[]>(items: Items): Items => {
    made += items.length;
    return items;
  };
  return {
    list: {
      get length() {
        return of.length;
      },
      at: (index) => count([of.at(index)].filter((item) => item !== undefined))[0],
      slice: (start, end) => count(of.slice(start, end)),
      *[Symbol.iterator]() {
        for (const item of of) {
          made += 1;
          yield item;
        }
      },
      ...(of.keyAt && { keyAt: of.keyAt }),
    },
    made() {
      const before = made;
      made = 0;
      return before;
    },
  };
}
