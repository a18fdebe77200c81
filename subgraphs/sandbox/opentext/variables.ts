/**
 * How are the `inputVariables` of an execute request read?
 *
 * Two checks: a value against its declared type, and that type against the table's input. The second is stricter than the
 * service probably is (it would fail the evaluation and answer no rows, or wrap a large integer), so that the sandbox can
 * name the wrong variable. There is no type for lists: one without a type is taken as it is.
 */
import { z } from "zod";
import { readInstant } from "../../pipeline/table/literal.ts";
import type { Fact, Variable, VariableType } from "../../pipeline/table/table.ts";
import { BadRequest } from "./problems.ts";

/** A time that the service cannot compare with a date: the evaluation fails where a rule does. */
export const INCOMPARABLE = Symbol("incomparable");

/** By name. An input that was not sent has no entry; one that was sent as null has null. */
export type Inputs = ReadonlyMap<string, Fact | typeof INCOMPARABLE>;

/** Well-formed variables that are no input are ignored. Throws a BadRequest. */
export function readVariables(variables: unknown, inputs: readonly Variable[]): Inputs {
  const read = new Map<string, Fact | typeof INCOMPARABLE>();
  const types = new Map(inputs.map(({ name, type }) => [name, type]));
  if (variables === undefined || variables === null) return read;
  if (!Array.isArray(variables)) throw new BadRequest("inputVariables is not a list");
  for (const variable of variables) {
    const { name, type, value } = readVariable(variable);
    const wanted = types.get(name);
    if (wanted !== undefined) read.set(name, value === null ? null : asFact(name, wanted, type, value));
  }
  return read;
}

type RequestType = keyof typeof SCHEMAS;
type Given = string | number | boolean | readonly unknown[] | Readonly<Record<string, unknown>> | null;

const INT_16 = 2 ** 15;
const INT_32 = 2 ** 31;
const LOCAL_DATE = /^\d{4}-\d\d-\d\d$/;
const LOCAL_DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/;
const instant = z.string().refine((text) => readInstant(text) !== undefined);

const SCHEMAS = {
  string: z.string(),
  integer: z.int().min(-INT_32).lt(INT_32),
  long: z.int(),
  short: z.int().min(-INT_16).lt(INT_16),
  double: z.number(),
  boolean: z.boolean(),
  date: instant,
  instant: instant.refine((text) => !LOCAL_DATE.test(text)),
  localDate: instant.refine((text) => LOCAL_DATE.test(text)),
  localDateTime: z.string().refine((text) => LOCAL_DATE_TIME.test(text) && readInstant(`${text}Z`) !== undefined),
};

const SUITABLE: Readonly<Record<VariableType, readonly string[]>> = {
  string: ["string"],
  number: ["integer", "long", "short", "double"],
  boolean: ["boolean"],
  date: ["date", "instant", "localDate", "localDateTime"],
  collection: ["list"],
};
const TIMES: ReadonlySet<string> = new Set(["instant", "localDateTime"]);

const Untyped = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.unknown()),
  z.record(z.string(), z.unknown()),
  z.null(),
]);
const Stated = z.object({ name: z.string().min(1), type: z.string().nullish(), value: z.unknown().optional() });

function readVariable(variable: unknown): { name: string; type: string; value: Given } {
  const stated = Stated.safeParse(variable);
  if (!stated.success) throw new BadRequest("Variable name is required.");
  const { name, type, value = null } = stated.data;
  if (type === null || type === undefined) return { name, type: typeOf(value), value: Untyped.parse(value) };
  if (!isRequestType(type)) throw new BadRequest(`Variable '${name}' has unsupported type: '${type}'`);
  if (value === null) return { name, type, value };
  const read = SCHEMAS[type].safeParse(value);
  if (!read.success) throw new BadRequest(`The given value of variable '${name}' is not a ${type}: '${shown(value)}'`);
  return { name, type, value: read.data };
}

/** The type of a variable that declares none. */
function typeOf(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "double";
  if (typeof value === "boolean") return "boolean";
  if (Array.isArray(value)) return "list";
  return typeof value === "object" ? "object" : "string";
}

function asFact(
  name: string,
  wanted: VariableType,
  type: string,
  value: NonNullable<Given>,
): Fact | typeof INCOMPARABLE {
  const unsuitable = new BadRequest(`Variable '${name}' is of type ${type}, but the model's input is a ${wanted}`);
  if (!SUITABLE[wanted].includes(type)) throw unsuitable;
  if (TIMES.has(type)) return INCOMPARABLE;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (!Array.isArray(value)) throw unsuitable;
  return value.map((item) => {
    if (typeof item === "string" || typeof item === "number") return item;
    throw new BadRequest(`Variable '${name}' holds an item that is neither a string nor a number`);
  });
}

function isRequestType(type: string): type is RequestType {
  return Object.hasOwn(SCHEMAS, type);
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
