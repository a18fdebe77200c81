/**
 * How do examples stand in `<key>.cases.json`? As an array of `{ facts, expected }`: every input with its fact, null where it is
 * unknown, and the verdict and each own output as text.
 */
import { z } from "zod";
import type { Table, VariableType } from "../table/table.ts";
import type { Case } from "./case.ts";

export const isJsonOfCases = (text: string): boolean => text.trimStart().startsWith("[");

const FACTS: Readonly<Record<VariableType, z.ZodType>> = {
  string: z.string(),
  number: z.number(),
  boolean: z.boolean(),
  date: z.string(),
  collection: z.array(z.string()),
};

/** Throws an Error that names the case and what of it cannot be read. */
export function readJsonCases({ inputs }: Table, outputs: readonly string[], text: string): readonly Case[] {
  const one = z.strictObject({
    facts: z.strictObject(Object.fromEntries(inputs.map(({ name, type }) => [name, FACTS[type].nullable()]))),
    expected: z.strictObject(Object.fromEntries(outputs.map((output) => [output, z.string()]))),
  });
  const { data, error } = z.array(one).safeParse(parsed(text));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema is made of the table's own inputs
  if (data) return data as readonly Case[];
  const { path, message } = error.issues[0] ?? { path: [], message: "it cannot be read" };
  const [index, ...rest] = path;
  const place = typeof index === "number" ? ` case ${index + 1}` : " cases";
  throw new Error(`Cannot read${place}: ${[rest.join("."), message].filter((part) => part !== "").join(": ")}`);
}

export function writeJsonCases(cases: readonly Case[]): string {
  return `[\n${cases.map((one) => `  ${JSON.stringify(one)}`).join(",\n")}\n]\n`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot read cases: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
