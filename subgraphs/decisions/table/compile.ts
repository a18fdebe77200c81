/**
 * What does a table answer to facts, and which facts does it not tell apart? Compiled once: every distinct test of every
 * input has a bit in the truth vector, and a rule is the bits it cares about and what it wants them to be. The facts are
 * looked at once; from there on a rule costs two operations a word.
 *
 * Facts with equal truth vectors match the same rules and get the same answer: that makes the vector an identity.
 */
import { setBit, textOf, wordAt, wordsFor } from "./bits.ts";
import { FactError } from "./fact.ts";
import { type Evaluation, settle } from "./hit-policy.ts";
import type { Facts, Rule, Table, Test, Variable } from "./table.ts";
import { bitsFor, type Sense, senseOf } from "./truth.ts";

/** What both of its questions throw. */
export { FactError };

export interface CompiledTable {
  readonly table: Table;
  /** A table that computes outputs from facts is refused when it is read; equal truth would not mean equal outputs. */
  readonly outputsAreLiterals: true;
  /** Facts that no input names are ignored. Throws a FactError. */
  evaluate(facts: Facts): Evaluation;
  /** The truth vector as text: equal texts mean equal vectors. Throws a FactError. */
  truth(facts: Facts): string;
}

export function compile(table: Table): CompiledTable {
  const { columns, wishes, bits } = layOut(table);
  const words = wordsFor(bits);
  const cares = new Uint32Array(words * table.rules.length);
  const wants = new Uint32Array(words * table.rules.length);
  for (const { row, bit, holds } of wishes) {
    setBit(cares, 32 * words * row + bit);
    if (holds) setBit(wants, 32 * words * row + bit);
  }
  const answer = settle(table);
  // One for all calls: each writes it anew and is done with it before the next can begin.
  const truth = new Uint32Array(words);

  function look(facts: Facts): void {
    truth.fill(0);
    for (const { input, sense } of columns) {
      const fact = facts[input.name];
      if (!sense(fact, truth)) throw new FactError(table.key, input, fact);
    }
  }

  function matches(start: number): boolean {
    for (let word = 0; word < words; word++) {
      const wrong = (wordAt(truth, word) ^ wordAt(wants, start + word)) & wordAt(cares, start + word);
      if (wrong !== 0) return false;
    }
    return true;
  }

  return {
    table,
    outputsAreLiterals: true,
    evaluate(facts) {
      look(facts);
      const matched: Rule[] = [];
      let start = 0;
      for (const rule of table.rules) {
        if (matches(start)) matched.push(rule);
        start += words;
      }
      return answer(matched);
    },
    truth(facts) {
      look(facts);
      return textOf(truth);
    },
  };
}

interface Layout {
  readonly columns: readonly { readonly input: Variable; readonly sense: Sense }[];
  /** What the rules want of which bit; `row` is the place of the rule. */
  readonly wishes: readonly { readonly row: number; readonly bit: number; readonly holds: boolean }[];
  readonly bits: number;
}

/** Gives each input its run of bits, one for each distinct test. */
function layOut({ inputs, rules }: Table): Layout {
  const wishes: Layout["wishes"][number][] = [];
  let bits = 0;
  const columns = inputs.map((input, column) => {
    const tests = new Map<string, { readonly test: Test; readonly bit: number }>();
    for (const [row, { conditions }] of rules.entries()) {
      const condition = conditions[column] ?? null;
      if (condition === null) continue;
      const text = JSON.stringify(condition.test);
      const known = tests.get(text) ?? { test: condition.test, bit: bits + 1 + tests.size };
      tests.set(text, known);
      wishes.push({ row, bit: known.bit, holds: condition.holds });
    }
    const sense = senseOf(
      input,
      Array.from(tests.values(), ({ test }) => test),
      bits,
    );
    bits += bitsFor(tests.size);
    return { input, sense };
  });
  return { columns, wishes, bits };
}
