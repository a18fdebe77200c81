/**
 * Which of an input's tests hold of a fact? Compiled once for each input. What the tests say of a value depends only on
 * which value of a cell it is, or which two it lies between: look up that class and copy its ready bits. Only
 * collections, which hold any mixture of values, are tested one test at a time.
 *
 * The first bit of an input says that the fact is known. Of an unknown fact no test holds, and of a known one there may be
 * none either; but what OpenText makes of null is not documented, so the two never count as equivalent. The price is one
 * class more for an input that may be null.
 */
import { setBit, wordAt, wordsFor } from "./bits.ts";
import { readInstant } from "./literal.ts";
import type { Fact, Test, Variable } from "./table.ts";

/** Sets the bits of one input, which were clear; false if the fact is not of the input's type. */
export type Sense = (fact: Fact | undefined, truth: Uint32Array) => boolean;

/** How many bits an input takes: none if no rule asks about it. */
export function bitsFor(tests: number): number {
  return tests === 0 ? 0 : 1 + tests;
}

/** The bits start at `first`: whether the fact is known, then the tests in their order. */
export function senseOf({ type }: Variable, tests: readonly Test[], first: number): Sense {
  if (type === "collection") return senseContent(tests, first);
  const classes = type === "number" || type === "date" ? ordered(NUMBER_OF[type], tests) : listed(type, tests);
  return senseClass(classes, tests, first);
}

/** Values of which all tests say the same. */
interface Classes {
  readonly count: number;
  /** -1 if the fact is not of the type. */
  readonly classOf: (fact: Fact) => number;
  /** The classes whose values meet the test. */
  readonly meeting: (test: Test) => readonly number[];
}

/** A class for each value in a cell, and class 0 for all others. */
function listed(type: "string" | "boolean", tests: readonly Test[]): Classes {
  const values = new Set<Fact>(tests.flatMap((test) => test.values));
  const places = new Map([...values].map((value, index) => [value, index + 1]));
  const place = (value: Fact) => places.get(value) ?? 0;
  return {
    count: 1 + places.size,
    classOf: (fact) => (typeof fact === type ? place(fact) : -1),
    meeting: (test) => test.values.map(place),
  };
}

/** The values in the cells cut the line of numbers: below the first, on it, between it and the second, and so on. */
function ordered(numberOf: (fact: Fact) => number, tests: readonly Test[]): Classes {
  const cuts = Float64Array.from(new Set(tests.flatMap((test) => test.values.map(Number)))).toSorted();
  const count = 2 * cuts.length + 1;
  return {
    count,
    classOf: (fact) => {
      const number = numberOf(fact);
      return Number.isFinite(number) ? regionOf(number, cuts) : -1;
    },
    meeting: ({ kind, values }) => {
      const [region = 0, ...others] = values.map((value) => regionOf(Number(value), cuts));
      if (kind === "<") return range(0, region);
      if (kind === "<=") return range(0, region + 1);
      if (kind === ">") return range(region + 1, count);
      if (kind === ">=") return range(region, count);
      return [region, ...others];
    },
  };
}

const NUMBER_OF = {
  number: (fact: Fact) => (typeof fact === "number" ? fact : NaN),
  date: (fact: Fact) => (typeof fact === "string" ? (readInstant(fact) ?? NaN) : NaN),
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

/** Each class has its bits ready, in the words that the input shares with its neighbours. */
function senseClass({ count, classOf, meeting }: Classes, tests: readonly Test[], first: number): Sense {
  const start = first >>> 5;
  const width = wordsFor(first + bitsFor(tests.length)) - start;
  const ready = new Uint32Array(count * width);
  const mark = (found: number, bit: number) => setBit(ready, 32 * (found * width - start) + bit);
  if (tests.length > 0) for (const found of range(0, count)) mark(found, first);
  tests.forEach((test, index) => {
    for (const found of meeting(test)) mark(found, first + 1 + index);
  });
  return (fact, truth) => {
    if (fact === null || fact === undefined) return true;
    const found = classOf(fact);
    if (found < 0) return false;
    for (let word = 0; word < width; word++) {
      truth[start + word] = wordAt(truth, start + word) | wordAt(ready, found * width + word);
    }
    return true;
  };
}

/** A bit for each value in a cell says whether the collection holds it; the tests compare those bits with their own. */
function senseContent(tests: readonly Test[], first: number): Sense {
  const places = new Map<unknown, number>();
  for (const value of tests.flatMap((test) => test.values)) {
    if (!places.has(value)) places.set(value, places.size);
  }
  const seen = new Uint32Array(wordsFor(places.size));
  const masks = tests.map(({ kind, values }) => {
    const mask = new Uint32Array(seen.length);
    for (const value of values) setBit(mask, places.get(value) ?? 0);
    return { kind, mask };
  });
  return (fact, truth) => {
    if (fact === null || fact === undefined) return true;
    if (!Array.isArray(fact)) return false;
    const items: readonly unknown[] = fact;
    let hasOthers = false;
    seen.fill(0);
    for (const item of items) {
      if (typeof item !== "string" && !Number.isFinite(item)) return false;
      const place = places.get(item);
      if (place === undefined) hasOthers = true;
      else setBit(seen, place);
    }
    if (masks.length > 0) setBit(truth, first);
    let bit = first;
    for (const { kind, mask } of masks) {
      bit++;
      if (meets(kind, seen, mask, hasOthers)) setBit(truth, bit);
    }
    return true;
  };
}

function meets(kind: Test["kind"], seen: Uint32Array, mask: Uint32Array, hasOthers: boolean): boolean {
  let any = false;
  let all = true;
  let exactly = !hasOthers;
  for (let index = 0; index < seen.length; index++) {
    const held = wordAt(seen, index);
    const asked = wordAt(mask, index);
    any ||= (held & asked) !== 0;
    all &&= (~held & asked) === 0;
    exactly &&= held === asked;
  }
  if (kind === "any of") return any;
  return kind === "all of" ? all : exactly;
}
