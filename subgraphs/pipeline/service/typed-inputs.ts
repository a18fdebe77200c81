/**
 * With which types are facts sent to OpenText?
 *
 * A model has types such as `number` or `collection`; a request must name types of the service, and each fact gets the
 * narrowest that holds it unchanged. The service has no type for a list: it takes one as it is, without a type.
 *
 * No fact is left out. Where an input is missing, the service fails the evaluation, or takes a boolean for false; where it
 * is null, `!=` holds and a list operator fails. Facts that are not inputs of the table are not sent.
 */
import type { TypedInput } from "../opentext/execution.ts";
import { FactError } from "../table/fact.ts";
import { readDay } from "../table/literal.ts";
import type { Fact, Facts, Table, VariableType } from "../table/table.ts";

/** In the order of the table's inputs. Throws a FactError where a fact is missing, or not of its input's type. */
export function typedInputs({ key, inputs }: Pick<Table, "key" | "inputs">, facts: Facts): readonly TypedInput[] {
  return inputs.map((input) => {
    const fact = facts[input.name] ?? null;
    const typed = fact === null ? undefined : TYPED[input.type](fact);
    if (typed === undefined) throw new FactError(key, input, fact);
    return { name: input.name, ...typed };
  });
}

type Typed = Omit<TypedInput, "name">;

const INT_32 = 2 ** 31;

const TYPED: Readonly<Record<VariableType, (fact: Exclude<Fact, null>) => Typed | undefined>> = {
  string: (fact) => (typeof fact === "string" ? { type: "string", value: fact } : undefined),
  number: (fact) => (isNumber(fact) ? { type: numberType(fact), value: fact } : undefined),
  boolean: (fact) => (typeof fact === "boolean" ? { type: "boolean", value: fact } : undefined),
  date: (fact) => (typeof fact === "string" && readDay(fact) !== undefined ? { type: "date", value: fact } : undefined),
  collection: (fact) => (isTexts(fact) ? { value: fact } : undefined),
};

/**
 * The service silently truncates an `integer` to 32 bits: 3,000,000,000 would become a negative number. A whole number
 * beyond 2^53 is a `double`, which it is here too, so both compare the same number.
 */
function numberType(fact: number): "integer" | "long" | "double" {
  if (!Number.isSafeInteger(fact)) return "double";
  return fact >= -INT_32 && fact < INT_32 ? "integer" : "long";
}

function isTexts(fact: unknown): fact is readonly string[] {
  return Array.isArray(fact) && fact.every((item) => typeof item === "string");
}

function isNumber(fact: unknown): fact is number {
  return Number.isFinite(fact);
}
