/**
 * What does a table answer to facts, and which facts does it not tell apart? Compiled once: every distinct test of every
 * input has a bit in the truth vector, and a rule is the bits it cares about and what it wants them to be. The facts are
 * looked at once; from there on there are only bits.
 *
 * Facts that match the same rules get the same answer, since outputs are literals. Which rules match, and which facts are
 * known at all, is therefore what facts amount to: their identity. It is coarser than the truth vector it is made from
 * (facts may differ in a test that no longer matters to any rule), and saves calls in the same measure.
 */
import { clear, setBit, wordAt, wordsFor, writerOf } from "./bits.ts";
import { FactError } from "./fact.ts";
import { type Evaluation, applyHitPolicy } from "./hit-policy.ts";
import { matcherOf, type Wish } from "./match.ts";
import type { Facts, Table, Test, Variable } from "./table.ts";
import { bitsFor, type Sense, senseOf } from "./truth.ts";

/** What both of its questions throw. */
export { FactError };

export interface CompiledTable {
  readonly table: Table;
  /** A table that computes outputs from facts is refused when it is read; equal truth would not mean equal outputs. */
  readonly outputsAreLiterals: true;
  /** Facts that no input names are ignored. Throws a FactError. */
  evaluate(facts: Facts): Evaluation;
  /**
   * What the facts amount to, as text: equal texts mean that the same rules match and the same facts are known. What is
   * not known is kept apart, because what OpenText makes of null is not documented. Throws a FactError.
   */
  identity(facts: Facts): string;
  /** The truth vector as text: equal texts mean equal vectors, and so equal identities. Throws a FactError. */
  truth(facts: Facts): string;
}

export function compile(table: Table): CompiledTable {
  const { columns, wishes, bits, knownBits } = layOut(table);
  // One for all calls: each writes it anew and is done with it before the next can begin.
  const truth = new Uint32Array(wordsFor(bits));
  const matcher = matcherOf(truth, table.rules, wishes);
  const answer = applyHitPolicy(table);
  const write = writerOf(truth);
  const knownMask = new Uint32Array(truth.length);
  for (const bit of knownBits) setBit(knownMask, bit);
  const amount = new Uint32Array(wordsFor(table.rules.length) + truth.length);
  const writeAmount = writerOf(amount);

  function look(facts: Facts): void {
    clear(truth);
    for (const { input, sense } of columns) {
      const fact = facts[input.name];
      if (!sense(fact, truth)) throw new FactError(table.key, input, fact);
    }
  }

  return {
    table,
    outputsAreLiterals: true,
    evaluate(facts) {
      look(facts);
      return answer(matcher.matched());
    },
    identity(facts) {
      look(facts);
      amount.set(matcher.ruledOut());
      const rules = amount.length - truth.length;
      for (let word = 0; word < truth.length; word++) {
        amount[rules + word] = wordAt(truth, word) & wordAt(knownMask, word);
      }
      return writeAmount();
    },
    truth(facts) {
      look(facts);
      return write();
    },
  };
}

interface Layout {
  readonly columns: readonly { readonly input: Variable; readonly sense: Sense }[];
  readonly wishes: readonly Wish[];
  readonly bits: number;
  /** Of each input that has bits, the one that says its fact is known. */
  readonly knownBits: readonly number[];
}

/** Gives each input its run of bits, one for each distinct test. */
function layOut({ inputs, rules }: Table): Layout {
  const wishes: Wish[] = [];
  const knownBits: number[] = [];
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
    if (tests.size > 0) knownBits.push(bits);
    bits += bitsFor(tests.size);
    return { input, sense };
  });
  return { columns, wishes, bits, knownBits };
}
