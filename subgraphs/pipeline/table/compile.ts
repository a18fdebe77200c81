/**
 * What does a table answer to facts, and which facts does it not tell apart?
 *
 * Compiled once: every distinct test of every input has a bit in a truth vector, and a rule requires some of the bits to be
 * set or clear. Facts are tested once; the rest is bit operations.
 *
 * Outputs are literals, so facts that match the same rules get the same answer. The identity of facts is therefore which
 * rules match, and which facts are known. It is coarser than the truth vector, which also has tests that no longer matter
 * to any rule, and saves calls accordingly.
 *
 * It runs in browsers too: the console shows by it which rules match the facts that somebody tries.
 */
import { clear, setBit, textWriter, wordAt, wordsFor } from "./bits.ts";
import { FactError } from "./fact.ts";
import { type Evaluation, applyHitPolicy } from "./hit-policy.ts";
import { type Requirement, matcherOf } from "./match.ts";
import type { Facts, Table, Test, Variable } from "./table.ts";
import { bitsFor, compileTests, type TestFact } from "./truth.ts";

/** Facts that are not inputs are ignored. */
export interface CompiledTable {
  readonly table: Table;
  /** Throws a FactError for a fact that is not of its input's type, or that OpenText would read as a list. */
  requireFacts(facts: Facts): void;
  /** Throws a FactError. */
  evaluate(facts: Facts): Evaluation;
  /**
   * Equal only for facts that match the same rules and of which the same are known: OpenText does not document how it
   * treats null, so an unknown fact is never equivalent to a known one. Throws a FactError.
   */
  identity(facts: Facts): string;
}

export function compile(table: Table): CompiledTable {
  const { columns, requirements, bits, knownBits } = layOut(table);
  // Shared by all calls: each is synchronous, and starts by clearing it.
  const truth = new Uint32Array(wordsFor(bits));
  const matcher = matcherOf(truth, table.rules, requirements);
  const answer = applyHitPolicy(table);
  const knownMask = new Uint32Array(truth.length);
  for (const bit of knownBits) setBit(knownMask, bit);
  const ruleWords = wordsFor(table.rules.length);
  const identityWords = new Uint32Array(ruleWords + truth.length);
  const writeIdentity = textWriter(identityWords);

  function testAll(facts: Facts): void {
    clear(truth);
    for (const { input, testFact } of columns) {
      const fact = facts[input.name];
      if (!testFact(fact, truth)) throw new FactError(table.key, input, fact);
    }
  }

  return {
    table,
    requireFacts: testAll,
    evaluate(facts) {
      testAll(facts);
      return answer(matcher.matched());
    },
    identity(facts) {
      testAll(facts);
      identityWords.set(matcher.ruledOut());
      for (let word = 0; word < truth.length; word++) {
        identityWords[ruleWords + word] = wordAt(truth, word) & wordAt(knownMask, word);
      }
      return writeIdentity();
    },
  };
}

interface Layout {
  readonly columns: readonly { readonly input: Variable; readonly testFact: TestFact }[];
  readonly requirements: readonly Requirement[];
  readonly bits: number;
  /** For each input that has bits, the one that is set where its fact is known. */
  readonly knownBits: readonly number[];
}

/** Gives each input its run of bits, one for each distinct test. */
function layOut({ inputs, rules }: Table): Layout {
  const requirements: Requirement[] = [];
  const knownBits: number[] = [];
  let bits = 0;
  const columns = inputs.map((input, column) => {
    const tests = new Map<string, { readonly test: Test; readonly bit: number }>();
    const hasList = rules.some(({ conditions }) => conditions[column]?.isList === true);
    for (const [rule, { conditions }] of rules.entries()) {
      const condition = conditions[column] ?? null;
      if (condition === null) continue;
      const key = JSON.stringify(condition.test);
      const test = tests.get(key) ?? { test: condition.test, bit: bits + 1 + tests.size };
      tests.set(key, test);
      requirements.push({ rule, bit: test.bit, isSet: condition.holds });
    }
    const testFact = compileTests(input, { tests: Array.from(tests.values(), ({ test }) => test), hasList }, bits);
    if (tests.size > 0) knownBits.push(bits);
    bits += bitsFor(tests.size);
    return { input, testFact };
  });
  return { columns, requirements, bits, knownBits };
}
