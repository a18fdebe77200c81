/**
 * Which cell of a diagram has a value, and which is the nearest to a given one?
 *
 * Nearest is the one where the fewest inputs are changed, of those that may be; then the fewest items of collections; then the
 * nearest values of scalars. Of a diagram that is a shortest path: each node's distance is computed once, with and without a change of
 * its input above it.
 */
import { type Node, isEnd, valueOf } from "./diagram.ts";
import type { Space } from "./space.ts";

/** A cell with the value; undefined where there is none. */
export function cellWith({ diagrams }: Space, node: Node, value: number): readonly number[] | undefined {
  const cell = diagrams.arities.map(() => 0);
  const dead = new Set<Node>();
  const reaches = (from: Node): boolean => {
    if (isEnd(from)) return valueOf(from) === value;
    if (dead.has(from)) return false;
    const level = diagrams.levelOf(from);
    for (let index = 0; index < (diagrams.arities[level] ?? 0); index++) {
      cell[level] = index;
      if (reaches(diagrams.child(from, index))) return true;
    }
    cell[level] = 0;
    dead.add(from);
    return false;
  };
  return reaches(node) ? cell : undefined;
}

export interface Nearest {
  readonly cell: readonly number[];
  /** The indexes of the inputs that are changed. */
  readonly changed: readonly number[];
}

/** Undefined where no cell with the value can be reached by changes of these inputs. */
export function nearestWith(
  { diagrams, inputAt }: Space,
  node: Node,
  wanted: {
    readonly value: number;
    readonly from: readonly number[];
    /** Of the facts of that cell, how far the classes of each level are from them. */
    readonly distances: readonly (readonly number[])[];
    readonly isChangeable: (input: number) => boolean;
  },
): Nearest | undefined {
  const { value, from, distances, isChangeable } = wanted;
  const known = new Map<number, Step>();

  /** `changedInput` is the input that is changed already, if it is that of the node. */
  function stepFrom(at: Node, changedInput: number): Step {
    if (isEnd(at)) return valueOf(at) === value ? ARRIVED : LOST;
    const level = diagrams.levelOf(at);
    const input = inputAt[level] ?? 0;
    const isChanged = input === changedInput;
    const key = 2 * at + Number(isChanged);
    const before = known.get(key);
    if (before) return before;
    const actual = from[level] ?? 0;
    let best = LOST;
    for (let index = 0; index < (diagrams.arities[level] ?? 0); index++) {
      if (index !== actual && !isChangeable(input)) continue;
      const change = index === actual ? 0 : (isChanged ? 0 : INPUT) + (distances[level]?.[index] ?? 0);
      const now = index === actual && !isChanged ? NONE : input;
      const cost = change + stepFrom(diagrams.child(at, index), now).cost;
      if (cost < best.cost) best = { cost, index, changed: now };
    }
    known.set(key, best);
    return best;
  }

  const first = stepFrom(node, NONE);
  if (first.cost === Infinity) return undefined;
  const cell = [...from];
  let at = node;
  let step = first;
  while (!isEnd(at)) {
    cell[diagrams.levelOf(at)] = step.index;
    at = diagrams.child(at, step.index);
    step = stepFrom(at, step.changed);
  }
  const changed = new Set(cell.flatMap((index, level) => (index === from[level] ? [] : (inputAt[level] ?? 0))));
  return { cell, changed: [...changed] };
}

interface Step {
  readonly cost: number;
  /** Of the child. */
  readonly index: number;
  readonly changed: number;
}

const NONE = -1;
const ARRIVED: Step = { cost: 0, index: 0, changed: NONE };
const LOST: Step = { cost: Infinity, index: 0, changed: NONE };
/** More than all distances within inputs. */
const INPUT = 2 ** 40;
