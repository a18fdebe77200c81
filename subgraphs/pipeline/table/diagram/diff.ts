/**
 * What changes for whom where one version of a table replaces another?
 *
 * Both are diagrams of one space, and so is their difference. Without any change of the verdict or of an own output it is
 * proven that the versions are equivalent; reasons may still differ. Cells are counted exactly: one cell is all facts that no
 * condition of either version tells apart.
 */
import type { Verdict } from "../../../../schema/verdict.ts";
import type { OutputWays } from "../output-way.ts";
import type { Facts, Literal, Table } from "../table.ts";
import { type Node, type Operation, TooLargeError, end } from "./diagram.ts";
import {
  type Meaning,
  VERDICTS,
  type Way,
  createValues,
  itemRegions,
  meaningOf,
  orderOf,
  ownOutputs,
  valueDiagram,
} from "./meaning.ts";
import { NOWHERE, OUTSIDE, and, inside } from "./operations.ts";
import { type Space, type SpaceOptions, createSpace } from "./space.ts";
import { cellWith } from "./walk.ts";

export interface Difference {
  /** Of the new version. */
  readonly key: string;
  /** No verdict and no own output changes anywhere. */
  readonly equivalent: boolean;
  /** One for each pair of verdicts; null where no row is given. */
  readonly changes: readonly Change<Verdict | null>[];
  /**
   * One for each pair of values of an output. Of a list one for each item: from null where it is added, to null where it is
   * removed; and one for each two items whose order changes, `a, b` to `b, a`.
   */
  readonly outputs: readonly (Change<Literal | null> & { readonly output: string })[];
  /** All that are possible. */
  readonly cells: bigint;
}

export interface Change<Value> {
  readonly from: Value;
  readonly to: Value;
  readonly cells: bigint;
  readonly witness: Facts;
}

export interface DiffOptions extends SpaceOptions {
  /** What a decision makes of its outputs. Of an output that is left out, all values count, in their order. */
  readonly outputs?: OutputWays | undefined;
}

/** Throws a RangeError for tables that cannot be compared, a TooLargeError for those that are too large. */
export function diff(before: Table, after: Table, options: DiffOptions = {}): Difference {
  const space = createSpace([before, after], options);
  const meanings = [meaningOf(space, before), meaningOf(space, after)] as const;
  const [old, next] = meanings;
  const verdictAt = (value: number): Verdict | null => VERDICTS[value] ?? null;
  const changes = changesBetween(space, old.verdict, next.verdict, (from, to) => [verdictAt(from), verdictAt(to)]);
  const names = [...new Set([before, after].flatMap(ownOutputs))];
  const outputs = names.flatMap((output) => {
    const way: Way = options.outputs?.[output] ?? "values";
    const found =
      way === "list" || way === "values"
        ? listChanges(space, meanings, { output, way })
        : valueChanges(space, meanings, { output, way });
    return found.map(({ from, to, cells, witness }) => ({ output, from, to, cells, witness }));
  });
  return {
    key: after.key,
    equivalent: changes.length === 0 && outputs.length === 0,
    changes,
    outputs,
    cells: space.diagrams.count(space.possible, 1),
  };
}

type Meanings = readonly [Meaning, Meaning];
type OutputChange = Change<Literal | null>;

function valueChanges(
  space: Space,
  [old, next]: Meanings,
  { output, way }: { readonly output: string; readonly way: Exclude<Way, "list" | "values"> },
): readonly OutputChange[] {
  const values = createValues();
  const valueAt = (code: number): Literal | null => values.all[code] ?? null;
  const left = valueDiagram(space, old, { output, way }, values);
  const right = valueDiagram(space, next, { output, way }, values);
  return changesBetween(space, left, right, (from, to) => [valueAt(from), valueAt(to)]);
}

function listChanges(
  space: Space,
  [old, next]: Meanings,
  list: { readonly output: string; readonly way: "list" | "values" },
): readonly OutputChange[] {
  const { diagrams } = space;
  const [left, right] = [itemRegions(space, old, list), itemRegions(space, next, list)];
  const named = new Set([...left.keys(), ...right.keys()]);
  if (named.size > MAX_ITEMS) {
    throw new TooLargeError(
      `Cannot compare ${next.table.key}: ${list.output} has ${named.size} items, expected at most ${MAX_ITEMS}`,
    );
  }
  const items = [...named].map((item) => {
    const [before, after] = [left.get(item) ?? NOWHERE, right.get(item) ?? NOWHERE];
    return { item, before, after, kept: diagrams.combine(before, after, and) };
  });
  const changed = items.flatMap(({ item, before, after }) =>
    changesBetween<string | null>(space, before, after, (_from, to) => (to === 1 ? [null, item] : [item, null])),
  );
  const pairs = items.flatMap((one, index) => items.slice(index + 1).map((other) => [one, other] as const));
  const swapped = pairs.flatMap(([one, other]) => {
    const both = diagrams.combine(one.kept, other.kept, and);
    if (both === NOWHERE) return [];
    const orderIn = (meaning: Meaning): Node =>
      diagrams.combine(both, orderOf(space, meaning, list, [one.item, other.item]), inside);
    const [first, last] = [`${one.item}, ${other.item}`, `${other.item}, ${one.item}`];
    return changesBetween(space, orderIn(old), orderIn(next), (from) => (from === 1 ? [first, last] : [last, first]));
  });
  return [...changed, ...swapped];
}

/** Of a list: the order of each two of them is compared. */
const MAX_ITEMS = 500;

/** One for each pair of different values that some possible cell has, by the values of the ends. */
function changesBetween<Value>(
  space: Space,
  left: Node,
  right: Node,
  valuesOf: (from: number, to: number) => readonly [Value, Value],
): readonly Change<Value>[] {
  if (left === right) return [];
  const { diagrams, possible } = space;
  const pairs = diagrams.combine(possible, diagrams.combine(left, right, pairing), inside);
  const changed = diagrams.values(pairs).filter((value) => value !== OUTSIDE && value !== SAME);
  return changed.map((value) => {
    const [from, to] = valuesOf(Math.floor((value - 1) / VALUES), (value - 1) % VALUES);
    const witness = space.factsOf(cellWith(space, pairs, value) ?? []);
    return { from, to, cells: diagrams.count(pairs, value), witness };
  });
}

const SAME = 0;
/** Of one output, or OUTSIDE where that is of no interest on both sides. */
const VALUES = 2 ** 11;

const pairing: Operation = Object.assign(
  (from: number, to: number): number => (from === to ? SAME : 1 + from * VALUES + to),
  { shortcut: (left: Node, right: Node): Node | undefined => (left === right ? end(SAME) : undefined) },
);
