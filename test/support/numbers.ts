/** How does a test ask many distinct questions? By decisions with one fact, a number, each of which has a rule of its own. */
import type { CompiledTable } from "../../subgraphs/pipeline/table/compile.ts";
import { CONVENTION, compiled } from "./otdt.ts";

/** For `decision()`, with a key. */
export const NUMBER_DECISION = {
  inputs: { number: "number" },
  outputs: {},
  freshForMs: 60_000,
  answer: () => ({}),
} as const;

/** Reviews the numbers from 0 to below `count` with the reason codes `N0`, `N1`, …, and allows all others. */
export function numbersTable(key: string, count: number): CompiledTable {
  return compiled({
    key,
    inputs: NUMBER_DECISION.inputs,
    outputs: CONVENTION,
    rules: [
      ...Array.from(
        { length: count },
        (_none, number) =>
          ({ number: ["==", String(number)], verdict: "REVIEW", reason_code: `N${number}`, reason: "Is it" }) as const,
      ),
      { verdict: "ALLOW", reason_code: "CLEAR", reason: "Nothing objects" },
    ],
  });
}
