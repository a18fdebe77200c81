/**
 * What do the inputs of a decision imply, of themselves and of each other?
 *
 * Declared beside a decision, because a table cannot say it: a number may be whole, a text one of a few, and `age` is 0 where
 * `age_known` is false. Facts that break a constraint do not occur: no gap, change or explanation is about them.
 */
import type { VariableType } from "../table.ts";

export type Constraint = NumberConstraint | TextConstraint | Implication;

export interface NumberConstraint<Name extends string = string> {
  readonly number: Name;
  readonly whole?: boolean;
  readonly from?: number;
  readonly to?: number;
}

/** A text that is one of a few. */
export interface TextConstraint<Name extends string = string> {
  readonly text: Name;
  readonly oneOf: readonly string[];
}

/** Where inputs have all values of the first, they have all those of the second. */
export interface Implication<Values = Given> {
  readonly where: Values;
  readonly means: Values;
}

/** Values of inputs, by name. `[]` is a collection without any of the values that rules name. */
export type Given = Readonly<Record<string, string | number | boolean | readonly [] | undefined>>;

/** A constraint on inputs of these types. */
export type ConstraintOn<Inputs extends Readonly<Record<string, VariableType>>> =
  | NumberConstraint<NamesOf<Inputs, "number">>
  | TextConstraint<NamesOf<Inputs, "string">>
  | Implication<{ readonly [Name in keyof Inputs]?: GivenOf[Inputs[Name]] }>;

interface GivenOf {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly date: never;
  readonly collection: readonly [];
}
type NamesOf<Inputs, Type> = { [Name in keyof Inputs]: Inputs[Name] extends Type ? Name : never }[keyof Inputs] &
  string;

export function isAboutNumber(constraint: Constraint): constraint is NumberConstraint {
  return "number" in constraint;
}

export function isAboutText(constraint: Constraint): constraint is TextConstraint {
  return "text" in constraint;
}

export function isImplication(constraint: Constraint): constraint is Implication {
  return "where" in constraint;
}
