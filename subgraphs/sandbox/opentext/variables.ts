/**
 * How are the `inputVariables` of an execute request read?
 *
 * Two checks: a value against its declared type, and that type against the table's input. The second is stricter than the
 * service probably is (it would fail the evaluation and answer no rows, or wrap a large integer), so that the sandbox can
 * name the wrong variable.
 */
import { z } from "zod";
import { readInstant } from "../../pipeline/table/literal.ts";
import type { Fact, Facts, Variable, VariableType } from "../../pipeline/table/table.ts";
import { BadRequest } from "./problems.ts";

/** Missing inputs are null; well-formed variables that are no input are ignored. */
export function readVariables(variables: unknown, inputs: readonly Variable[]): Facts {
  const facts: Record<string, Fact> = Object.fromEntries(inputs.map(({ name }) => [name, null]));
  const types = new Map(inputs.map(({ name, type }) => [name, type]));
  if (variables === undefined || variables === null) return facts;
  if (!Array.isArray(variables)) throw new BadRequest("inputVariables is not a list");
  for (const variable of variables) {
    const { name, type, value } = readVariable(variable);
    const wanted = types.get(name);
    if (wanted === undefined || value === null) continue;
    facts[name] = asFact(name, wanted, type, value);
  }
  return facts;
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
  json: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown()), z.string(), z.number(), z.boolean()]),
};

const SUITABLE: Readonly<Record<VariableType, readonly RequestType[]>> = {
  string: ["string"],
  number: ["integer", "long", "short", "double"],
  boolean: ["boolean"],
  date: ["date", "instant", "localDate", "localDateTime"],
  collection: ["json"],
};

const Stated = z.object({ name: z.string().min(1), type: z.string().nullish(), value: z.unknown().optional() });

function readVariable(variable: unknown): { name: string; type: RequestType; value: Given } {
  const stated = Stated.safeParse(variable);
  if (!stated.success) throw new BadRequest("Variable name is required.");
  const { name, value } = stated.data;
  const type = stated.data.type ?? typeOf(value);
  if (!isRequestType(type)) throw new BadRequest(`Variable '${name}' has unsupported type: '${type}'.`);
  if (value === undefined || value === null) return { name, type, value: null };
  const read = SCHEMAS[type].safeParse(value);
  if (!read.success) throw new BadRequest(`The given value of variable '${name}' is not a ${type}: '${shown(value)}'`);
  return { name, type, value: read.data };
}

/** The type of a variable that declares none. */
function typeOf(value: unknown): RequestType {
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "double";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "object" ? "json" : "string";
}

function asFact(name: string, wanted: VariableType, type: RequestType, value: Given): Fact {
  const unsuitable = new BadRequest(`Variable '${name}' is a ${type}, but the model's input is a ${wanted}`);
  if (!SUITABLE[wanted].includes(type)) throw unsuitable;
  if (typeof value === "string") return type === "localDateTime" ? `${value}Z` : value;
  if (typeof value === "number" || typeof value === "boolean") return value;
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
