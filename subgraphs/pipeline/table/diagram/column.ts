/**
 * What can the cells of one input tell apart?
 *
 * A scalar's values fall into classes: those that every cell treats alike are one. A collection holds any mix of values, so
 * each value that a cell names is a level of its own with two classes, in it or not; values that every cell treats alike
 * share one. What a class means is asked of truth.ts, which evaluation uses too: there is one reading of a cell.
 */
import { setBit, wordAt, wordsFor } from "../bits.ts";
import type { Condition, Fact, Literal, Test, Variable } from "../table.ts";
import { compileTests } from "../truth.ts";
import { EVERYWHERE, NOWHERE, and, or } from "./operations.ts";
import type { Diagrams, Node } from "./diagram.ts";
import { type NumberLine, partsOf } from "./number-line.ts";

export interface Column {
  readonly input: Variable;
  /** The number of classes at each of its levels. */
  readonly arities: readonly number[];
  /** The class at each of its levels; undefined for a fact of a wrong type, or unknown where it must not be. */
  classesOf(fact: Fact): readonly number[] | undefined;
  /** A fact of these classes: the one nearest to another, or the plainest. */
  factOf(classes: readonly number[], near?: Fact): Fact;
  /** How far each class of each level is from a fact that has classes: in whole items, and below one in order of nearness. */
  distancesFrom(fact: Fact): readonly (readonly number[])[];
  /** The region where a condition holds. `first` is the column's first level. */
  regionOf(condition: Condition, diagrams: Diagrams, first: number): Node;
  /** The region where the fact is not known: nowhere, if it must be. */
  unknown(diagrams: Diagrams, first: number): Node;
  /** Where its levels agree with each other, if they can disagree: an unknown collection holds nothing. */
  consistent(diagrams: Diagrams, first: number): Node;
}

export interface ColumnOptions {
  /** Distinct. */
  readonly tests: readonly Test[];
  /** Whether a cell has a list operator. */
  readonly hasList: boolean;
  readonly line?: NumberLine | undefined;
  readonly oneOf?: readonly string[] | undefined;
  /** Whether the fact may be unknown. */
  readonly nullable: boolean;
}

export function columnOf(input: Variable, options: ColumnOptions): Column {
  return input.type === "collection" ? collection(input, options) : scalar(input, options);
}

/** The weight of an item of a collection, and of a scalar: more than all places among classes. */
const ITEM = 2 ** 20;

/** One value, or all numbers of a part of the line. */
interface Atom {
  nearest(to: Fact | undefined): Fact;
}

function scalar(input: Variable, { tests, hasList, line, oneOf, nullable }: ColumnOptions): Column {
  const truthOf = truthReader(input, { tests, hasList });
  const classes: { readonly key: string; readonly truth: Uint32Array; readonly atoms: Atom[] }[] = [];
  const indexes = new Map<string, number>();
  const atoms: readonly Atom[] = [...atomsOf(input, { tests, line, oneOf }), ...(nullable ? [UNKNOWN] : [])];
  for (const atom of atoms) {
    const truth = truthOf(atom.nearest(undefined));
    if (!truth) continue;
    const key = keyOf(truth);
    const index = indexes.get(key);
    if (index !== undefined) classes[index]?.atoms.push(atom);
    else {
      indexes.set(key, classes.length);
      classes.push({ key, truth, atoms: [atom] });
    }
  }

  if (classes.length === 0) throw new RangeError(`input ${input.name} can have no value`);

  const bits = new Map(tests.map((test, index) => [JSON.stringify(test), 1 + index]));
  const levelWith = (diagrams: Diagrams, first: number, isIn: (truth: Uint32Array) => boolean): Node =>
    diagrams.choice(
      first,
      classes.map(({ truth }) => (isIn(truth) ? EVERYWHERE : NOWHERE)),
    );
  const distance = (fact: Fact, near: Fact | undefined): number =>
    input.type === "date" && fact !== null ? Math.abs(dayOf(fact) - dayOf(near)) : distanceBetween(fact, near);
  const nearestOf = (index: number, near: Fact | undefined): Fact => {
    const [first = null, ...others] = (classes[index]?.atoms ?? []).map((atom) => atom.nearest(near));
    return others.reduce((best, fact) => (distance(fact, near) < distance(best, near) ? fact : best), first);
  };
  const classesOf = (fact: Fact): readonly [number] | undefined => {
    const truth = truthOf(fact);
    const index = truth && indexes.get(keyOf(truth));
    return index === undefined ? undefined : [index];
  };
  return {
    input,
    arities: [classes.length],
    classesOf,
    factOf: ([index = 0], near) => nearestOf(index, near),
    distancesFrom(fact) {
      const [own] = classesOf(fact) ?? [];
      const others = classes.flatMap((_class, index) =>
        index === own ? [] : [{ index, away: distance(nearestOf(index, fact), fact) }],
      );
      const places = new Map(
        others.toSorted((one, other) => one.away - other.away).map(({ index }, place) => [index, place]),
      );
      return [classes.map((_class, index) => (index === own ? 0 : ITEM + (places.get(index) ?? 0)))];
    },
    regionOf({ test, holds }, diagrams, first) {
      const bit = bits.get(JSON.stringify(test)) ?? 0;
      return levelWith(diagrams, first, (truth) => isSet(truth, bit) === holds);
    },
    unknown: (diagrams, first) => levelWith(diagrams, first, (truth) => !isSet(truth, 0)),
    consistent: () => EVERYWHERE,
  };
}

const UNKNOWN: Atom = { nearest: () => null };

function atomsOf(
  { type }: Variable,
  { tests, line, oneOf }: Pick<ColumnOptions, "tests" | "line" | "oneOf">,
): readonly Atom[] {
  const values = [...new Set(tests.flatMap((test) => test.values))];
  if (type === "boolean") return [false, true].map(valueAtom);
  if (type === "string") return textsOf(values.map(String), oneOf).map(valueAtom);
  const isDate = type === "date";
  const cuts = values.map((value) => Number(value) / (isDate ? DAY_MS : 1));
  return partsOf(cuts, isDate ? DAYS : (line ?? ANY_NUMBER)).map((part) => ({
    nearest: (near) =>
      isDate ? dayText(part.nearest(dayOf(near))) : part.nearest(typeof near === "number" ? near : 0),
  }));
}

function valueAtom(value: string | boolean): Atom {
  return { nearest: () => value };
}

function textsOf(values: readonly string[], oneOf: readonly string[] | undefined): readonly string[] {
  if (oneOf) return oneOf;
  let other = "other";
  while (values.includes(other)) other += "_";
  return [...values, other];
}

const DAY_MS = 86_400_000;
const ANY_NUMBER: NumberLine = { whole: false, from: -Infinity, to: Infinity };
/** The days that have a text of four digits for the year. */
const DAYS: NumberLine = {
  whole: true,
  from: Date.parse("0000-01-01") / DAY_MS,
  to: Date.parse("9999-12-31") / DAY_MS,
};
/** 2000-01-01 */
const PLAIN_DAY = 10_957;

function dayOf(fact: Fact | undefined): number {
  return typeof fact === "string" ? Date.parse(fact) / DAY_MS : PLAIN_DAY;
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, "YYYY-MM-DD".length);
}

/** How far a fact is from another, to choose the nearest one. */
function distanceBetween(fact: Fact, other: Fact | undefined): number {
  if (fact === other) return 0;
  if (typeof fact === "number") return Math.abs(fact - (typeof other === "number" ? other : 0));
  return fact === null ? 2 : 1;
}

function collection(input: Variable, { tests, nullable }: ColumnOptions): Column {
  const groups = groupsOf(tests);
  const indexes = new Map(groups.flatMap((members, index) => members.map((member) => [member, index] as const)));
  // The first level says whether it is known, if it may be unknown.
  const skipped = nullable ? 1 : 0;
  const held = (diagrams: Diagrams, first: number, group: number): Node =>
    diagrams.choice(first + skipped + group, [NOWHERE, EVERYWHERE]);
  const groupsIn = (values: readonly Literal[]): readonly number[] => [
    ...new Set(values.flatMap((value) => indexes.get(String(value)) ?? [])),
  ];

  return {
    input,
    arities: [...(nullable ? [2] : []), ...groups.map(() => 2)],
    classesOf(fact) {
      if (fact === null || fact === undefined) return nullable ? [1, ...groups.map(() => 0)] : undefined;
      if (typeof fact !== "object") return undefined;
      const items = new Set(groupsIn(fact.filter((item) => typeof item === "string")));
      return [...(nullable ? [0] : []), ...groups.map((_group, index) => Number(items.has(index)))];
    },
    factOf(classes, near) {
      if (nullable && classes[0] === 1) return null;
      const isHeld = (group: number): boolean => classes[skipped + group] === 1;
      const kept = typeof near === "object" && near !== null ? near : [];
      const items = kept.filter((item) => isHeld(indexes.get(String(item)) ?? -1) || !indexes.has(String(item)));
      const missing = groups.flatMap((members, group) => {
        const [member] = members;
        return member !== undefined && isHeld(group) && !members.some((each) => items.includes(each)) ? [member] : [];
      });
      return [...items, ...missing];
    },
    distancesFrom(fact) {
      const items = typeof fact === "object" && fact !== null ? [...new Set(fact.map(String))] : [];
      const heldIn = (members: readonly string[]): number => members.filter((each) => items.includes(each)).length;
      return [
        ...(nullable ? [[0, 1].map((index) => (index === Number(fact === null) ? 0 : ITEM))] : []),
        ...groups.map((members) => (heldIn(members) === 0 ? [0, ITEM] : [ITEM * heldIn(members), 0])),
      ];
    },
    regionOf({ test: { kind, values }, holds }, diagrams, first) {
      const regions = groupsIn(values).map((group) => held(diagrams, first, group));
      const isAll = kind === "all of";
      const region = regions.reduceRight(
        (both, one) => diagrams.combine(one, both, isAll ? and : or),
        isAll ? EVERYWHERE : NOWHERE,
      );
      return holds ? region : diagrams.combine(region, EVERYWHERE, not);
    },
    unknown: (diagrams, first) => (nullable ? diagrams.choice(first, [NOWHERE, EVERYWHERE]) : NOWHERE),
    consistent(diagrams, first) {
      if (!nullable) return EVERYWHERE;
      const empty = groups.reduceRight(
        (below, _group, index) => diagrams.choice(first + 1 + index, [below, NOWHERE]),
        EVERYWHERE,
      );
      return diagrams.choice(first, [EVERYWHERE, empty]);
    },
  };
}

const not = (region: number): number => 1 - region;

/** Values that are in the same `any of` tests, and in no `all of` test, of which each needs its own. */
function groupsOf(tests: readonly Test[]): readonly (readonly string[])[] {
  const holding = new Map<string, number[]>();
  for (const [index, { values }] of tests.entries()) {
    for (const value of values) holding.set(String(value), [...(holding.get(String(value)) ?? []), index]);
  }
  const needed = new Set(tests.flatMap(({ kind, values: all }) => (kind === "all of" ? all.map(String) : [])));
  const keyed = Map.groupBy(holding.keys(), (value) =>
    needed.has(value) ? value : (holding.get(value) ?? []).join(","),
  );
  return [...keyed.values()];
}

function truthReader(input: Variable, { tests, hasList }: Pick<ColumnOptions, "tests" | "hasList">) {
  const testFact = compileTests(input, { tests, hasList }, 0);
  return (fact: Fact | undefined): Uint32Array | undefined => {
    const truth = new Uint32Array(wordsFor(1 + tests.length));
    if (!testFact(fact, truth)) return undefined;
    // Without tests there is no bit for a known fact either.
    if (tests.length === 0 && fact !== null && fact !== undefined) setBit(truth, 0);
    return truth;
  };
}

function keyOf(truth: Uint32Array): string {
  return truth.join(",");
}

function isSet(truth: Uint32Array, bit: number): boolean {
  return ((wordAt(truth, bit >>> 5) >>> (bit & 31)) & 1) === 1;
}
