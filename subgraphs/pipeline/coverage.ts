/**
 * For which facts does an agreement between the decision service and the table here speak?
 *
 * Two asks of one class match the same rules here, but the service may run a table that tells them apart: by a country that
 * no rule here names, or by another threshold. So a class is covered after a few of its asks were compared, and each value
 * after one ask that had it: a text, an item of a collection, a number of that magnitude, a month. What is compared is so
 * bounded by classes and values, not by subjects. A rule there that needs two values together may stay unseen: it is left to
 * the share of answers that is verified for ever.
 */
import { LRUCache } from "lru-cache";
import { factsDigest } from "./identity.ts";
import type { Fact, Facts, Variable } from "./table/table.ts";

/** What has agreed for one version of one model. */
export interface Coverage {
  /** Whether an answer to other facts of the class counts for these. */
  covers(rules: string, facts: Facts): boolean;
  /** What comparing these facts would add: a name for each value, and one for each comparison the class still needs. */
  missing(rules: string, facts: Facts): { readonly values: readonly string[]; readonly comparisons: readonly string[] };
  /** The service agreed about these facts. */
  add(rules: string, facts: Facts): void;
}

/** Different facts of a class that are compared before others of it are answered without the service. */
const COMPARISONS = 2;
/** Beyond this, an input is free text or an id rather than a list: no value of it is new. */
const MAX_VALUES = 200;
const MAX_CLASSES = 50_000;

type Value = string | number | boolean;

export function createCoverage(inputs: readonly Pick<Variable, "name" | "type">[]): Coverage {
  /** The digests of what was compared, for each class. */
  const classes = new LRUCache<string, Set<string>>({ max: MAX_CLASSES });
  const columns = inputs.map(({ name, type }) => ({ name, valuesOf: VALUES[type], seen: new Set<Value>() }));

  return { covers, missing, add };

  function covers(rules: string, facts: Facts): boolean {
    if ((classes.get(rules)?.size ?? 0) < COMPARISONS) return false;
    return columns.every(({ name, valuesOf, seen }) =>
      valuesOf(facts[name] ?? null).every((value) => isKnown(seen, value)),
    );
  }

  function missing(rules: string, facts: Facts): ReturnType<Coverage["missing"]> {
    const compared = classes.get(rules);
    const needed = compared?.has(factsDigest(facts)) ? 0 : Math.max(0, COMPARISONS - (compared?.size ?? 0));
    return {
      values: columns.flatMap(({ name, valuesOf, seen }) =>
        valuesOf(facts[name] ?? null).flatMap((value) => (isKnown(seen, value) ? [] : [`${name}=${value}`])),
      ),
      comparisons: Array.from({ length: needed }, (_none, index) => `${rules}#${COMPARISONS - index}`),
    };
  }

  function add(rules: string, facts: Facts): void {
    const compared = classes.get(rules) ?? new Set<string>();
    if (compared.size < COMPARISONS) compared.add(factsDigest(facts));
    classes.set(rules, compared);
    for (const { name, valuesOf, seen } of columns) {
      for (const value of valuesOf(facts[name] ?? null)) if (seen.size < MAX_VALUES) seen.add(value);
    }
  }
}

function isKnown(seen: ReadonlySet<Value>, value: Value): boolean {
  return seen.has(value) || seen.size >= MAX_VALUES;
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
