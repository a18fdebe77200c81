/**
 * What does a subgraph declare about a decision?
 *
 * The key of its table, the inputs and outputs of the table, how long an answer stays fresh, and how the rows of the
 * winning verdict become fields for clients. All else about deciding happens behind `Decide`.
 */
import type { Constraint, ConstraintOn } from "./table/diagram/constraint.ts";
import type { OutputWays } from "./table/output-way.ts";
import type { Row, VariableType } from "./table/table.ts";

export type FactTypes = Readonly<Record<string, VariableType>>;

/** The facts of one subject: exactly the inputs of the table, none of them null. */
export type FactsOf<Inputs extends FactTypes> = { readonly [Name in keyof Inputs]: FactOf[Inputs[Name]] };

export interface Decision<Inputs extends FactTypes = FactTypes, Answer extends object = object> {
  /** The model's key in the decision service, and the name of its `.otdt` file. */
  readonly key: string;
  readonly inputs: Inputs;
  /** The outputs beside `verdict`, `reason_code` and `reason`, which every table has, and what is made of each. */
  readonly outputs: OutputWays;
  /** What its facts imply of each other. Default: nothing. */
  readonly constraints?: readonly Constraint[];
  /** The inputs that somebody could change to get another verdict: a disclaimer, not an age. Default: none. */
  readonly changeable?: readonly string[];
  /** Milliseconds for which an answer may be reused. */
  readonly freshForMs: number;
  /**
   * Milliseconds beyond that for which it may be reused while the service fails, marked STALE. Default 0. Must be left out
   * where facts include a consent: it may have been withdrawn.
   */
  readonly staleForMs?: number;
  /**
   * The decision's own fields, from the rows of the winning verdict. Throws an UndecidedError where an output is missing,
   * and where it would depend on an order of the rows that is not known.
   */
  readonly answer: (winning: readonly Row[], order?: RowOrder) => Answer;
}

/** Whether rows come in the order of the table's rules. Where that is unknown, no answer may depend on it. */
export type RowOrder = "of the rules" | "unknown";

/** One value of each output, made in the way that is declared. */
export interface Answers<Outputs extends OutputWays> {
  /** The text of the first row that has one, else null. */
  first(output: Named<Outputs, "first">): string | null;
  /** Outputs that belong together: of the first row that has a text in the first of them, else null. */
  together<const Leading extends Named<Outputs, "first">, const Name extends Named<Outputs, Beside<Leading>>>(
    leading: Leading,
    ...outputs: readonly Name[]
  ): Readonly<Record<Leading | Name, string | null>>;
  /** The distinct items of all rows' comma-separated texts, in the order of the rows. */
  list(output: Named<Outputs, "list">): readonly string[];
  /** The lowest number. Throws an UndecidedError where no row has one. */
  lowest(output: Named<Outputs, "lowest">): number;
  /** The highest number. Throws an UndecidedError where no row has one. */
  highest(output: Named<Outputs, "highest">): number;
}

/** The rows of a table do not make an answer. */
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
interface Beside<Leading> {
  readonly beside: Leading;
}
type Named<Outputs, Type> = { [Name in keyof Outputs]: Outputs[Name] extends Type ? Name : never }[keyof Outputs] &
  string;

/** Declares a decision; `answer` can read only declared outputs, in their types. */
export function decision<const Inputs extends FactTypes, const Outputs extends OutputWays, Answer extends object>(
  declared: Omit<Decision<Inputs>, "outputs" | "constraints" | "changeable" | "answer"> & {
    readonly outputs: Outputs;
    readonly constraints?: readonly ConstraintOn<Inputs>[];
    readonly changeable?: readonly (keyof Inputs & string)[];
    readonly answer: (rows: Answers<Outputs>) => Answer;
  },
): Decision<Inputs, Answer> {
  return { ...declared, answer: (winning, order) => declared.answer(answersOf(winning, order)) };
}

/** The types of outputs were checked at start, but only in the local table: the service may run another version. */
function answersOf<Outputs extends OutputWays>(
  rows: readonly Row[],
  order: RowOrder = "of the rules",
): Answers<Outputs> {
  const text = (row: Row, output: string): string | null => valueOf(row, output, isText);
  const numbers = (output: string): readonly number[] => {
    const numbers = rows.map((row) => valueOf(row, output, isNumber)).filter((value) => value !== null);
    if (numbers.length === 0) throw new UndecidedError(`no row says ${output}`);
    return numbers;
  };
  const together = <Leading extends string, Name extends string = never>(
    leading: Leading,
    ...others: readonly Name[]
  ): Readonly<Record<Leading | Name, string | null>> => {
    const outputs = [leading, ...others];
    const found = rows
      .map((row) => outputs.map((output) => [output, text(row, output)] as const))
      .filter(([first]) => first !== undefined && first[1] !== null);
    if (order === "unknown" && new Set(found.map((values) => JSON.stringify(values))).size > 1) {
      throw new UndecidedError(
        `its rows say ${outputs.join(" and ")} in several ways, and which rule comes first is unknown: ` +
          "the service does not run the table here",
      );
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.fromEntries widens the names it is given
    return Object.fromEntries(found[0] ?? outputs.map((output) => [output, null])) as Record<
      Leading | Name,
      string | null
    >;
  };
  return {
    first: (output) => together(output)[output],
    together,
    list: (output) => [...new Set(rows.flatMap((row) => itemsOf(text(row, output))))],
    lowest: (output) => Math.min(...numbers(output)),
    highest: (output) => Math.max(...numbers(output)),
  };
}

/** Null where the cell is empty. Throws an UndecidedError where the value is of another type. */
function valueOf<Value>(row: Row, output: string, isOfType: (value: unknown) => value is Value): Value | null {
  const value = row[output] ?? "";
  if (value === "") return null;
  if (isOfType(value)) return value;
  throw new UndecidedError(`a row has ${output} in a wrong type`);
}

function itemsOf(text: string | null): readonly string[] {
  return (text ?? "").split(",").flatMap((item) => item.trim() || []);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
