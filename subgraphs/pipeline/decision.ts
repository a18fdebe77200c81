/**
 * What is a decision, seen from the subgraph that owns it?
 *
 * A row: the key of a table, the facts the table is asked with, the outputs that are read from it, how long an answer
 * stays fresh, and how the rows of the winning verdict become the fields that clients see. A subgraph declares its
 * rows in its `decisions.ts`; everything else about deciding happens behind `Decide`.
 */
import type { Row, VariableType } from "./table/table.ts";

export type FactTypes = Readonly<Record<string, VariableType>>;
export type OutputTypes = Readonly<Record<string, "string" | "number">>;

/** The facts of one subject: exactly the inputs of the table, none of them null. */
export type FactsOf<Inputs extends FactTypes> = { readonly [Name in keyof Inputs]: FactOf[Inputs[Name]] };

export interface Decision<Inputs extends FactTypes = FactTypes, Answer extends object = object> {
  /** The model's key in the decision service, and the name of its `.otdt` file. */
  readonly key: string;
  readonly inputs: Inputs;
  /** The outputs beside `verdict`, `reason_code` and `reason`, which every table has. */
  readonly outputs: OutputTypes;
  /** Milliseconds for which an answer may be given again without asking. */
  readonly freshForMs: number;
  /**
   * Milliseconds beyond that for which it may still be given while the service fails, marked STALE. Left out: none.
   * Nothing that rests on a consent has any.
   */
  readonly staleForMs?: number;
  /** The decision's own fields, from the rows of the winning verdict. Throws an UndecidedError where they say too little. */
  readonly answer: (winning: readonly Row[]) => Answer;
}

/** How several rows become one value. Each names an output of the decision. */
export interface Answers<Outputs extends OutputTypes> {
  /** The first row's text that has one, else null. */
  first(output: Named<Outputs, "string">): string | null;
  /** The items of every row's comma-separated text, each once, in the order of the rows. */
  list(output: Named<Outputs, "string">): readonly string[];
  /** The lowest number. Throws an UndecidedError where no row has one. */
  lowest(output: Named<Outputs, "number">): number;
  /** The highest number. Throws an UndecidedError where no row has one. */
  highest(output: Named<Outputs, "number">): number;
}

/** The rows of a table do not add up to an answer. */
export class UndecidedError extends Error {
  override readonly name = "UndecidedError";
}

interface FactOf {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  /** RFC 3339 or `YYYY-MM-DD`. */
  readonly date: string;
  readonly collection: readonly string[];
}
type Named<Outputs, Type> = { [Name in keyof Outputs]: Outputs[Name] extends Type ? Name : never }[keyof Outputs] &
  string;

/** Declares a decision; `answer` is told only of outputs that are declared, in their types. */
export function decision<const Inputs extends FactTypes, const Outputs extends OutputTypes, Answer extends object>(
  declared: Omit<Decision<Inputs>, "outputs" | "answer"> & {
    readonly outputs: Outputs;
    readonly answer: (rows: Answers<Outputs>) => Answer;
  },
): Decision<Inputs, Answer> {
  return { ...declared, answer: (winning) => declared.answer(answersOf(winning)) };
}

/** Reads outputs. The table was checked for their types at start; the service may run another one. */
function answersOf<Outputs extends OutputTypes>(rows: readonly Row[]): Answers<Outputs> {
  /** Of the rows that say something. Throws an UndecidedError where one of them says something else than it should. */
  const values = <Value>(output: string, isRight: (value: unknown) => value is Value): readonly Value[] =>
    rows.flatMap((row) => {
      const value = row[output] ?? "";
      if (value === "") return [];
      if (isRight(value)) return [value];
      throw new UndecidedError(`a row says ${output} in a wrong type`);
    });
  const texts = (output: string): readonly string[] => values(output, (value) => typeof value === "string");
  const numbers = (output: string): readonly number[] => {
    const found = values(output, (value) => typeof value === "number");
    if (found.length === 0) throw new UndecidedError(`no row says ${output}`);
    return found;
  };
  return {
    first: (output) => texts(output)[0] ?? null,
    list: (output) =>
      [...new Set(texts(output).flatMap((text) => text.split(",").map((item) => item.trim())))].filter(Boolean),
    lowest: (output) => Math.min(...numbers(output)),
    highest: (output) => Math.max(...numbers(output)),
  };
}
