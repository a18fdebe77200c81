/** How are diagrams combined? A region is a diagram of which the cells inside have the value 1, and those outside 0. */
import { end } from "./diagram.ts";
import type { Diagrams, Node, Operation } from "./diagram.ts";

export const NOWHERE = end(0);
export const EVERYWHERE = end(1);
/** The value of a cell that is of no interest. */
export const OUTSIDE = 2 ** 24;

export const and: Operation = operation(
  (left, right) => left & right,
  (left, right) => {
    if (left === NOWHERE || right === NOWHERE) return NOWHERE;
    if (left === EVERYWHERE || left === right) return right;
    return right === EVERYWHERE ? left : undefined;
  },
);

export const or: Operation = operation(
  (left, right) => left | right,
  (left, right) => {
    if (left === EVERYWHERE || right === EVERYWHERE) return EVERYWHERE;
    if (left === NOWHERE || left === right) return right;
    return right === NOWHERE ? left : undefined;
  },
);

/** The left region without the right one. */
export const without: Operation = operation(
  (left, right) => left & ~right,
  (left, right) => {
    if (left === NOWHERE || right === EVERYWHERE || left === right) return NOWHERE;
    return right === NOWHERE ? left : undefined;
  },
);

/** Of what is right, the part in the region on the left; all else is OUTSIDE. */
export const inside: Operation = operation(
  (left, right) => (left === 1 ? right : OUTSIDE),
  (left, right) => {
    if (left === EVERYWHERE) return right;
    return left === NOWHERE ? end(OUTSIDE) : undefined;
  },
);

/** What gives the value in the region on the left, and elsewhere what is right. The same for the same value. */
export function putting(value: number): Operation {
  const known = puts.get(value);
  if (known) return known;
  const made = operation(
    (left, right) => (left === 1 ? value : right),
    (left, right) => {
      if (left === NOWHERE) return right;
      return left === EVERYWHERE ? end(value) : undefined;
    },
  );
  puts.set(value, made);
  return made;
}

/** The region where what is left has the value. The same for the same value. */
export function having(value: number): Operation {
  const known = haves.get(value);
  if (known) return known;
  const made: Operation = (left) => Number(left === value);
  haves.set(value, made);
  return made;
}

export function all(diagrams: Diagrams, regions: readonly Node[]): Node {
  return regions.reduce((both, region) => diagrams.combine(both, region, and), EVERYWHERE);
}

export function any(diagrams: Diagrams, regions: readonly Node[]): Node {
  return regions.reduce((both, region) => diagrams.combine(both, region, or), NOWHERE);
}

const puts = new Map<number, Operation>();
const haves = new Map<number, Operation>();

function operation(
  values: (left: number, right: number) => number,
  shortcut: NonNullable<Operation["shortcut"]>,
): Operation {
  return Object.assign(values, { shortcut });
}
