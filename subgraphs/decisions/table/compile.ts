/**
 * What does a table answer to facts, and which facts does it not tell apart? Compiled once: every distinct test of every
 * input has a bit in the truth vector, and a rule is the bits it cares about and what it wants them to be. The facts are
 * looked at once; from there on there are only bits.
 *
 * Facts with equal truth vectors match the same rules and get the same answer: that makes the vector an identity.
 */
import { clear, wordsFor, writerOf } from "./bits.ts";
import { FactError } from "./fact.ts";
import { type Evaluation, settle } from "./hit-policy.ts";
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
  /** The truth vector as text: equal texts mean equal vectors. Throws a FactError. */
  truth(facts: Facts): string;
}

export function compile(table: Table): CompiledTable {
  const { columns, wishes, bits } = layOut(table);
  // One for all calls: each writes it anew and is done with it before the next can begin.
  const truth = new Uint32Array(wordsFor(bits));
  const matches = matcherOf(truth, table.rules, wishes);
  const answer = settle(table);
  const write = writerOf(truth);

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
      return answer(matches());
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
}

/** Gives each input its run of bits, one for each distinct test. */
function layOut({ inputs, rules }: Table): Layout {
  const wishes: Wish[] = [];
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
