/**
 * Which tests of an input hold for a fact?
 *
 * Compiled once for each input. For a scalar, the tests depend only on which value of a cell it is, or which two it lies
 * between: its class is looked up, and the precomputed bits of the class are copied. A collection may hold any mix of
 * values: each adds the bits of the tests that it alone meets, and only tests of the whole collection run one by one.
 *
 * The first bit of an input says that its fact is known. No test holds for an unknown fact, nor for some known ones; but
 * OpenText does not document how it treats null, so the two are never equivalent. The price is one more class for an
 * input that may be null.
 */
import { clear, clearRuns, orRun, type Runs, setBit, setBitOf, wordAt, wordsFor } from "./bits.ts";
import { looksLikeList } from "./fact.ts";
import { readDay } from "./literal.ts";
import type { Fact, Test, Variable } from "./table.ts";

/** Sets the bits of one input, which must be clear; false where the fact is not one that the input can have. */
export type TestFact = (fact: Fact | undefined, truth: Uint32Array) => boolean;

/** How many bits an input takes: none where no rule tests it. */
export function bitsFor(tests: number): number {
  return tests === 0 ? 0 : 1 + tests;
}

/** The bits start at `first`: whether the fact is known, then the tests in their order. */
export function compileTests({ type }: Variable, { tests, hasList }: Tests, first: number): TestFact {
  if (type === "collection") return compileCollection(tests, first);
  if (type === "number" || type === "date") return compileOrdered(NUMBER_OF[type], tests, first);
  const testFact = compileListed(type, tests, first);
  if (type === "boolean" || !hasList) return testFact;
  return (fact, truth) => !(typeof fact === "string" && looksLikeList(fact)) && testFact(fact, truth);
}

/** The tests of one input. */
export interface Tests {
  readonly tests: readonly Test[];
  /** Whether a rule has one of them with a list operator. */
  readonly hasList: boolean;
}

/** A class for each value in a cell, and class 0 for all others. */
function compileListed(type: "string" | "boolean", tests: readonly Test[], first: number): TestFact {
  const values = new Set<Fact>(tests.flatMap((test) => test.values));
  const classes = new Map([...values].map((value, index) => [value, index + 1]));
  const meeting = (test: Test) => test.values.map((value) => classes.get(value) ?? 0);
  const bitsOf = bitsOfClasses(1 + classes.size, meeting, tests, first);
  return (fact, truth) => {
    if (fact === null || fact === undefined) return true;
    const index = classes.get(fact);
    if (index === undefined && typeof fact !== type) return false;
    orRun(bitsOf, index ?? 0, truth);
    return true;
  };
}

/** The values in the cells cut the number line: below the first, on it, between it and the second, and so on. */
function compileOrdered(numberOf: (fact: Fact) => number, tests: readonly Test[], first: number): TestFact {
  const cuts = Float64Array.from(new Set(tests.flatMap((test) => test.values.map(Number)))).toSorted();
  const count = 2 * cuts.length + 1;
  const meeting = ({ kind, values }: Test) => {
    const [region = 0, ...others] = values.map((value) => regionOf(Number(value), cuts));
    if (kind === "<") return range(0, region);
    if (kind === "<=") return range(0, region + 1);
    if (kind === ">") return range(region + 1, count);
    if (kind === ">=") return range(region, count);
    return [region, ...others];
  };
  const bitsOf = bitsOfClasses(count, meeting, tests, first);
  return (fact, truth) => {
    if (fact === null || fact === undefined) return true;
    const number = numberOf(fact);
    if (!Number.isFinite(number)) return false;
    orRun(bitsOf, regionOf(number, cuts), truth);
    return true;
  };
}

/** A run of bits for each class. `meeting` gives the classes whose values meet a test. */
function bitsOfClasses(
  count: number,
  meeting: (test: Test) => readonly number[],
  tests: readonly Test[],
  first: number,
): Runs {
  const runs = clearRuns(count, first, bitsFor(tests.length));
  if (tests.length > 0) for (const index of range(0, count)) setBitOf(runs, index, first);
  tests.forEach((test, number) => {
    for (const index of meeting(test)) setBitOf(runs, index, first + 1 + number);
  });
  return runs;
}

const NUMBER_OF = {
  number: (fact: Fact) => (typeof fact === "number" ? fact : NaN),
  date: (fact: Fact) => (typeof fact === "string" ? (readDay(fact) ?? NaN) : NaN),
};

/** Odd on a cut, even between two. */
function regionOf(value: number, cuts: Float64Array): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cuts[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return cuts[low] === value ? 2 * low + 1 : 2 * low;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/**
 * Each value in a cell has precomputed bits for the `any of` tests that list it. Other tests compare the values they list
 * with a bit set of the values that the collection holds.
 */
function compileCollection(tests: readonly Test[], first: number): TestFact {
  const indexes = new Map<unknown, number>();
  for (const value of tests.flatMap((test) => test.values)) {
    if (!indexes.has(value)) indexes.set(value, indexes.size);
  }
  const indexesOf = (values: Test["values"]) => values.map((value) => indexes.get(value) ?? 0);
  const bitsOf = clearRuns(indexes.size, first, bitsFor(tests.length));
  const held = new Uint32Array(wordsFor(indexes.size));
  const wholeTests: WholeTest[] = [];
  tests.forEach(({ kind, values }, number) => {
    const bit = first + 1 + number;
    if (kind === "any of") for (const index of indexesOf(values)) setBitOf(bitsOf, index, bit);
    else {
      const required = new Uint32Array(held.length);
      for (const index of indexesOf(values)) setBit(required, index);
      wholeTests.push({ bit, required });
    }
  });
  return (fact, truth) => {
    if (fact === null || fact === undefined) return true;
    if (!Array.isArray(fact)) return false;
    const items: readonly unknown[] = fact;
    clear(held);
    for (const item of items) {
      const index = indexes.get(item);
      if (index !== undefined) {
        setBit(held, index);
        orRun(bitsOf, index, truth);
      } else if (typeof item !== "string") return false;
    }
    if (tests.length > 0) setBit(truth, first);
    for (const test of wholeTests) {
      if (isMet(test, held)) setBit(truth, test.bit);
    }
    return true;
  };
}

/** A test that no single item can meet. */
interface WholeTest {
  readonly bit: number;
  /** A bit for each value that must be held. */
  readonly required: Uint32Array;
}

function isMet({ required }: WholeTest, held: Uint32Array): boolean {
  for (let word = 0; word < held.length; word++) {
    if ((wordAt(required, word) & ~wordAt(held, word)) !== 0) return false;
  }
  return true;
}
