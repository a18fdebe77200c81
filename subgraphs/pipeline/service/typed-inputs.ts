/**
 * With which types are facts sent to OpenText?
 *
 * A model has types such as `number` or `date`; a request must name types of the service, and each fact gets the narrowest
 * that holds it unchanged. A null fact is left out: the service treats a missing input as null. Facts that are not inputs
 * of the table are not sent.
 */
import type { TypedInput } from "../opentext/execution.ts";
import { FactError } from "../table/fact.ts";
import { readInstant } from "../table/literal.ts";
import type { Fact, Facts, Table, VariableType } from "../table/table.ts";

/** In the order of the table's inputs. Throws a FactError where a fact is not of its input's type. */
export function typedInputs({ key, inputs }: Pick<Table, "key" | "inputs">, facts: Facts): readonly TypedInput[] {
  return inputs.flatMap((input) => {
    const fact = facts[input.name] ?? null;
    if (fact === null) return [];
    const typed = TYPED[input.type](fact);
    if (typed === undefined) throw new FactError(key, input, fact);
    return [{ name: input.name, ...typed }];
  });
}

type Typed = Omit<TypedInput, "name">;

const INT_32 = 2 ** 31;
const LOCAL_DATE = /^\d{4}-\d\d-\d\d$/;

const TYPED: Readonly<Record<VariableType, (fact: Exclude<Fact, null>) => Typed | undefined>> = {
  string: (fact) => (typeof fact === "string" ? { type: "string", value: fact } : undefined),
  number: (fact) => (isNumber(fact) ? { type: numberType(fact), value: fact } : undefined),
  boolean: (fact) => (typeof fact === "boolean" ? { type: "boolean", value: fact } : undefined),
  date: (fact) => (typeof fact === "string" ? typedDate(fact) : undefined),
  collection: (fact) => (Array.isArray(fact) && fact.every(isItem) ? { value: fact } : undefined),
};

/** Flowable silently truncates an `integer` to 32 bits: 3,000,000,000 would become a negative number. */
function numberType(fact: number): "integer" | "long" | "double" {
  if (!Number.isSafeInteger(fact)) return "double";
  return fact >= -INT_32 && fact < INT_32 ? "integer" : "long";
}

/** An instant is sent as the local table engine reads it: in UTC, truncated to milliseconds. */
function typedDate(fact: string): Typed | undefined {
  const instant = readInstant(fact);
  if (instant === undefined) return undefined;
  return LOCAL_DATE.test(fact)
    ? { type: "localDate", value: fact }
    : { type: "instant", value: new Date(instant).toISOString() };
}

function isItem(item: unknown): boolean {
  return typeof item === "string" || isNumber(item);
}

function isNumber(fact: unknown): fact is number {
  return Number.isFinite(fact);
}
