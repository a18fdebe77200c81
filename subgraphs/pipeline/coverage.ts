/**
 * For which facts does an agreement between the decision service and the table here speak?
 *
 * Two asks of one class match the same rules here, but the service may run a table that tells them apart: by a country that
 * no rule here names, or by another threshold. So a class is covered after a few of its asks were compared, and each value
 * after one ask that had it: a text, an item of a collection, a number of that magnitude, a month.
 *
 * Between two numbers that agreed, others count as compared too, unless a rule here compares with one between them: a
 * threshold that was moved lies below or above some number that was never compared. New lowest and highest numbers become
 * rare, so what is compared is bounded by classes and values, not by subjects. A rule there that needs two values together
 * may stay unseen: it is left to the share of answers that is verified for ever.
 */
import { createLru } from "../platform/lru.ts";
import { factsDigest } from "./identity.ts";
import { readDay } from "./table/literal.ts";
import type { Fact, Facts, Literal, Rule, Table, Variable } from "./table/table.ts";

/** What has agreed for one version of one model. */
export interface Coverage {
  /** Whether an answer to other facts of the class counts for these. */
  covers(rules: string, facts: Facts): boolean;
  /** What comparing these facts would add: the values, and each comparison that the class still needs. */
  missing(rules: string, facts: Facts): { readonly values: readonly Need[]; readonly comparisons: readonly Need[] };
  /** The service agreed about these facts. */
  add(rules: string, facts: Facts): void;
}

/** A comparison that meets a need meets those of the same name that reach less far. */
export interface Need {
  readonly name: string;
  readonly reach: number;
  /** Nothing of the name has agreed yet: any comparison that is being made counts for now, so that few are. */
  readonly isFirst?: boolean;
}

/** Different facts of a class that are compared before others of it are answered without the service. */
const COMPARISONS = 2;
/** Of each input; beyond this, the one that came up longest ago is new again. */
const MAX_VALUES = 10_000;
const MAX_CLASSES = 50_000;

type Value = string | number | boolean;

export function createCoverage({ inputs, rules: rows }: Pick<Table, "inputs" | "rules">): Coverage {
  /** The digests of what was compared, for each class. */
  const classes = createLru<string, Set<string>>(MAX_CLASSES);
  const columns = inputs.map(({ name, type }, column) => ({
    name,
    valuesOf: VALUES[type],
    seen: createLru<Value, true>(MAX_VALUES),
    ranges: createRanges({ name, type }, cutsOf(rows, column)),
  }));

  return { covers, missing, add };

  function covers(rules: string, facts: Facts): boolean {
    if ((classes.get(rules)?.size ?? 0) < COMPARISONS) return false;
    return columns.every(({ name, valuesOf, seen, ranges }) => {
      const fact = facts[name] ?? null;
      return valuesOf(fact).every((value) => seen.get(value)) && ranges.missing(fact).length === 0;
    });
  }

  function missing(rules: string, facts: Facts): ReturnType<Coverage["missing"]> {
    const compared = classes.get(rules);
    const needed = compared?.has(factsDigest(facts)) ? 0 : Math.max(0, COMPARISONS - (compared?.size ?? 0));
    return {
      values: columns.flatMap(({ name, valuesOf, seen, ranges }) => {
        const fact = facts[name] ?? null;
        const unknown = valuesOf(fact).filter((value) => !seen.has(value));
        return [...unknown.map((value) => ({ name: `${name}=${value}`, reach: 0 })), ...ranges.missing(fact)];
      }),
      comparisons: Array.from({ length: needed }, (_none, index) => ({
        name: `${rules}#${COMPARISONS - index}`,
        reach: 0,
      })),
    };
  }

  function add(rules: string, facts: Facts): void {
    const compared = classes.get(rules) ?? new Set<string>();
    if (compared.size < COMPARISONS) compared.add(factsDigest(facts));
    classes.set(rules, compared);
    for (const { name, valuesOf, seen, ranges } of columns) {
      const fact = facts[name] ?? null;
      for (const value of valuesOf(fact)) seen.set(value, true);
      ranges.add(fact);
    }
  }
}

/** Between which numbers of one input were comparisons made? */
interface Ranges {
  missing(fact: Fact): readonly Need[];
  add(fact: Fact): void;
}

const NOTHING: readonly Need[] = [];
const NO_RANGES: Ranges = { missing: () => NOTHING, add: () => {} };

/** One range on each number that a rule here compares with, and one between two of them. */
function createRanges({ name, type }: Pick<Variable, "name" | "type">, cuts: readonly number[]): Ranges {
  if (type !== "number" && type !== "date") return NO_RANGES;
  const numberOf = NUMBER_OF[type];
  const ranges = new Map<number, { low: number; high: number }>();
  return {
    missing(fact) {
      const number = numberOf(fact);
      if (number === undefined) return NOTHING;
      const range = rangeOf(number, cuts);
      const compared = ranges.get(range);
      const { low, high } = compared ?? NO_RANGE;
      if (low <= number && number <= high) return NOTHING;
      const isFirst = compared === undefined;
      return [
        ...(number < low ? [{ name: `${name}<${range}`, reach: -number, isFirst }] : []),
        ...(number > high ? [{ name: `${name}>${range}`, reach: number, isFirst }] : []),
      ];
    },
    add(fact) {
      const number = numberOf(fact);
      if (number === undefined) return;
      const range = rangeOf(number, cuts);
      const { low, high } = ranges.get(range) ?? NO_RANGE;
      ranges.set(range, { low: Math.min(low, number), high: Math.max(high, number) });
    },
  };
}

const NO_RANGE = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
const NUMBER_OF = {
  number: (fact: Fact) => (typeof fact === "number" ? fact : undefined),
  date: (fact: Fact) => (typeof fact === "string" ? readDay(fact) : undefined),
};

/** Odd on a cut, even between two. */
function rangeOf(number: number, cuts: readonly number[]): number {
  let below = 0;
  while ((cuts[below] ?? Number.POSITIVE_INFINITY) < number) below += 1;
  return cuts[below] === number ? 2 * below + 1 : 2 * below;
}

/** The numbers and days that rules compare an input with, in order. */
function cutsOf(rules: readonly Rule[], column: number): readonly number[] {
  const values: readonly Literal[] = rules.flatMap(({ conditions }) => conditions[column]?.test.values ?? []);
  return [...new Set(values.map(Number))].toSorted((left, right) => left - right);
}

const UNKNOWN: readonly Value[] = ["unknown"];
const NONE: readonly Value[] = ["none"];

/** The values that a fact has, for each type of input. */
const VALUES: Readonly<Record<Variable["type"], (fact: Fact) => readonly Value[]>> = {
  string: (fact) => [String(fact)],
  boolean: (fact) => [String(fact)],
  number: (fact) => (typeof fact === "number" ? [magnitudeOf(fact)] : UNKNOWN),
  date: (fact) => (typeof fact === "string" ? [fact.slice(0, MONTH)] : UNKNOWN),
  collection: (fact) => {
    if (!Array.isArray(fact)) return UNKNOWN;
    return fact.length === 0 ? NONE : fact;
  },
};

/** `2024-02` */
const MONTH = 7;
const SMALLEST_EXPONENT = -10;

/** Equal for numbers of the same sign that lie between the same powers of two. */
function magnitudeOf(number: number): number {
  if (number === 0) return 0;
  const exponent = Math.max(SMALLEST_EXPONENT, Math.floor(Math.log2(Math.abs(number))));
  return Math.sign(number) * (exponent - SMALLEST_EXPONENT + 1);
}
