/**
 * Which rules match a truth vector? Those that none of its letters rules out: what each value of each letter rules out is
 * ready before the first facts come. So a table of 25 rules costs two operations for four tests, not two for each rule;
 * the price is two bytes for each rule and test, rounded up to words.
 */
import { clear, clearRuns, letterAt, lettersIn, orRun, setBitOf, wordAt, wordsFor } from "./bits.ts";
import type { Rule } from "./table.ts";

/** What the rule at the place `row` wants of a bit: that it is set, or that it is not. */
export interface Wish {
  readonly row: number;
  readonly bit: number;
  readonly holds: boolean;
}

/** Asks the vector as it is at the time of each call. */
export function matcherOf(truth: Uint32Array, rules: readonly Rule[], wishes: readonly Wish[]): () => readonly Rule[] {
  const letters = lettersIn(truth);
  const ruledOut = clearRuns(VALUES * letters, 0, rules.length);
  for (const { row, bit, holds } of wishes) {
    for (let value = 0; value < VALUES; value++) {
      const isSet = ((value >>> (bit & 3)) & 1) === 1;
      if (isSet !== holds) setBitOf(ruledOut, VALUES * (bit >>> 2) + value, row);
    }
  }
  const out = new Uint32Array(wordsFor(rules.length));
  return () => {
    clear(out);
    for (let letter = 0; letter < letters; letter++) orRun(ruledOut, VALUES * letter + letterAt(truth, letter), out);
    return remaining(rules, out);
  };
}

/** Of one letter. */
const VALUES = 16;

/** The rules whose bits are clear, in their order. Beyond the last rule there are clear bits too, but no rules. */
function remaining(rules: readonly Rule[], out: Uint32Array): readonly Rule[] {
  const matched: Rule[] = [];
  for (let word = 0; word < out.length; word++) {
    for (let clear = ~wordAt(out, word); clear !== 0; clear &= clear - 1) {
      const lowest = 31 - Math.clz32(clear & -clear);
      const rule = rules[32 * word + lowest];
      if (rule === undefined) break;
      matched.push(rule);
    }
  }
  return matched;
}
