/**
 * Which of an input's tests hold of a fact? Compiled once for each input. What the tests say of a value depends only on
 * which value of a cell it is, or which two it lies between: look up that class and copy its ready bits. A collection
 * holds any mixture of values, and each brings the bits of the tests that it meets alone; only tests of the collection as
 * a whole are tested one at a time.
 *
 * The first bit of an input says that the fact is known. Of an unknown fact no test holds, and of a known one there may be
 * none either; but what OpenText makes of null is not documented, so the two never count as equivalent. The price is one
 * class more for an input that may be null.
 */
import { clear, clearRuns, orRun, type Runs, setBit, setBitOf, wordAt, wordsFor } from "./bits.ts";
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
  if (type === "number" || type === "date") return senseOrdered(NUMBER_OF[type], tests, first);
  return senseListed(type, tests, first);
}

/** A class for each value in a cell, and class 0 for all others. */
function senseListed(type: "string" | "boolean", tests: readonly Test[], first: number): Sense {
  const values = new Set<Fact>(tests.flatMap((test) => test.values));
  const classes = new Map([...values].map((value, index) => [value, index + 1]));
  const meeting = (test: Test) => test.values.map((value) => classes.get(value) ?? 0);
  const ready = readyFor(1 + classes.size, meeting, tests, first);
  return (fact, truth) => {
    if (fact === null || fact === undefined) return true;
    const found = classes.get(fact);
    if (found === undefined && typeof fact !== type) return false;
    orRun(ready, found ?? 0, truth);
    return true;
  };
}

/** The values in the cells cut the line of numbers: below the first, on it, between it and the second, and so on. */
function senseOrdered(numberOf: (fact: Fact) => number, tests: readonly Test[], first: number): Sense {
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
  const ready = readyFor(count, meeting, tests, first);
  return (fact, truth) => {
    if (fact === null || fact === undefined) return true;
    const number = numberOf(fact);
    if (!Number.isFinite(number)) return false;
    orRun(ready, regionOf(number, cuts), truth);
    return true;
  };
}

/** Each class has its bits ready. `meeting` are the classes whose values meet a test. */
function readyFor(
  count: number,
  meeting: (test: Test) => readonly number[],
  tests: readonly Test[],
  first: number,
): Runs {
  const ready = clearRuns(count, first, bitsFor(tests.length));
  if (tests.length > 0) for (const found of range(0, count)) setBitOf(ready, found, first);
  tests.forEach((test, index) => {
    for (const found of meeting(test)) setBitOf(ready, found, first + 1 + index);
  });
  return ready;
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

/**
 * Each value in a cell has ready the bits of the `any of` tests that ask for it. For the other tests a bit for each value
 * says whether the collection holds it, and they compare those bits with their own.
 */
function senseContent(tests: readonly Test[], first: number): Sense {
  const places = new Map<unknown, number>();
  for (const value of tests.flatMap((test) => test.values)) {
    if (!places.has(value)) places.set(value, places.size);
  }
  const placesOf = (values: Test["values"]) => values.map((value) => places.get(value) ?? 0);
  const ready = clearRuns(places.size, first, bitsFor(tests.length));
  const held = new Uint32Array(wordsFor(places.size));
  const wholes: Whole[] = [];
  tests.forEach(({ kind, values }, index) => {
    const bit = first + 1 + index;
    if (kind === "any of") for (const place of placesOf(values)) setBitOf(ready, place, bit);
    else {
      const asked = new Uint32Array(held.length);
      for (const place of placesOf(values)) setBit(asked, place);
      wholes.push({ bit, asked, exactly: kind === "exactly" });
    }
  });
  return (fact, truth) => {
    if (fact === null || fact === undefined) return true;
    if (!Array.isArray(fact)) return false;
    const items: readonly unknown[] = fact;
    let hasOthers = false;
    clear(held);
    for (const item of items) {
      const place = places.get(item);
      if (place !== undefined) {
        setBit(held, place);
        orRun(ready, place, truth);
      } else if (typeof item === "string" || Number.isFinite(item)) hasOthers = true;
      else return false;
    }
    if (tests.length > 0) setBit(truth, first);
    for (const whole of wholes) {
      if (meets(whole, held, hasOthers)) setBit(truth, whole.bit);
    }
    return true;
  };
}

/** A test that no single value meets. */
interface Whole {
  readonly bit: number;
  /** A bit for each value that has to be held. */
  readonly asked: Uint32Array;
  /** Nor may any other be. */
  readonly exactly: boolean;
}

function meets({ asked, exactly }: Whole, held: Uint32Array, hasOthers: boolean): boolean {
  if (exactly && hasOthers) return false;
  for (let word = 0; word < held.length; word++) {
    const missing = wordAt(asked, word) & ~wordAt(held, word);
    const surplus = exactly ? wordAt(held, word) & ~wordAt(asked, word) : 0;
    if ((missing | surplus) !== 0) return false;
  }
  return true;
}
