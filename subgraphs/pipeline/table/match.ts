/**
 * Which rules match a truth vector? Those that none of its letters rules out. What each of the sixteen values of each letter
 * rules out is ready before the first facts come, so up to 32 rules cost one operation for every four tests, not two for
 * every rule; the price is half a byte for each rule and test.
 */
import { clear, clearRuns, letterAt, orRun, setBitOf, wordAt, wordsFor } from "./bits.ts";
import type { Rule } from "./table.ts";

/** What the rule at the place `row` wants of a bit: that it is set, or that it is not. */
export interface Wish {
  readonly row: number;
  readonly bit: number;
  readonly holds: boolean;
}

/** Both ask the vector as it is then. */
export interface Matcher {
  /** The rules that match, in their order. */
  matched(): readonly Rule[];
  /** A bit for each rule that does not match; overwritten by the next call. */
  ruledOut(): Uint32Array;
}

export function matcherOf(truth: Uint32Array, rules: readonly Rule[], wishes: readonly Wish[]): Matcher {
  // The last letters of the last word mean nothing to any rule.
  const letters = wishes.reduce((most, { bit }) => Math.max(most, 1 + (bit >>> 2)), 0);
  const ruledOut = clearRuns(VALUES * letters, 0, rules.length);
  for (const { row, bit, holds } of wishes) {
    for (let value = 0; value < VALUES; value++) {
      const isSet = ((value >>> (bit & 3)) & 1) === 1;
      if (isSet !== holds) setBitOf(ruledOut, VALUES * (bit >>> 2) + value, row);
    }
  }
  const out = new Uint32Array(wordsFor(rules.length));

  function ruleOut(): Uint32Array {
    clear(out);
    for (let letter = 0; letter < letters; letter++) orRun(ruledOut, VALUES * letter + letterAt(truth, letter), out);
    return out;
  }
  return { matched: () => remaining(rules, ruleOut()), ruledOut: ruleOut };
}

/** Of a letter. */
const VALUES = 16;

/** The rules whose bits are clear, in their order. Beyond the last rule the bits are clear as well: there it ends. */
function remaining(rules: readonly Rule[], out: Uint32Array): readonly Rule[] {
  const matched: Rule[] = [];
  for (let word = 0; word < out.length; word++) {
    for (let left = ~wordAt(out, word); left !== 0; left &= left - 1) {
      const lowest = 31 - Math.clz32(left & -left);
      const rule = rules[32 * word + lowest];
      if (rule === undefined) break;
      matched.push(rule);
    }
  }
  return matched;
}
