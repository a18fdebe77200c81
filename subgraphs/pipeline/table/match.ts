/**
 * Which rules match a truth vector? Those that none of its nibbles rules out. What each of the 16 values of each nibble
 * rules out is precomputed: up to 32 rules cost one operation for every four tests, not two operations for every rule. The
 * price is half a byte for each rule and test.
 */
import { clear, clearRuns, nibbleAt, orRun, setBitOf, wordAt, wordsFor } from "./bits.ts";
import type { Rule } from "./table.ts";

/** A rule matches only where the bit is set, or only where it is clear. */
export interface Requirement {
  /** Index of the rule. */
  readonly rule: number;
  readonly bit: number;
  readonly isSet: boolean;
}

/** Both read the vector as it is when they are called. */
export interface Matcher {
  /** The rules that match, in their order. */
  matched(): readonly Rule[];
  /** A bit for each rule that does not match; overwritten by the next call. */
  ruledOut(): Uint32Array;
}

export function matcherOf(truth: Uint32Array, rules: readonly Rule[], requirements: readonly Requirement[]): Matcher {
  // No rule depends on the nibbles after the last required bit.
  const nibbles = requirements.reduce((count, { bit }) => Math.max(count, 1 + (bit >>> 2)), 0);
  const ruledOutBy = clearRuns(NIBBLE_VALUES * nibbles, 0, rules.length);
  for (const { rule, bit, isSet } of requirements) {
    for (let value = 0; value < NIBBLE_VALUES; value++) {
      const isSetInValue = ((value >>> (bit & 3)) & 1) === 1;
      if (isSetInValue !== isSet) setBitOf(ruledOutBy, NIBBLE_VALUES * (bit >>> 2) + value, rule);
    }
  }
  const out = new Uint32Array(wordsFor(rules.length));

  function ruledOut(): Uint32Array {
    clear(out);
    for (let index = 0; index < nibbles; index++) {
      orRun(ruledOutBy, NIBBLE_VALUES * index + nibbleAt(truth, index), out);
    }
    return out;
  }
  return { matched: () => rulesOf(rules, ruledOut()), ruledOut };
}

const NIBBLE_VALUES = 16;

/** The rules whose bits are clear, in their order. The bits beyond the last rule are clear too: the loop ends there. */
function rulesOf(rules: readonly Rule[], out: Uint32Array): readonly Rule[] {
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
