/** What is wrong with the tables of this process? Checked when somebody asks, and once: a table does not change. */
import { setImmediate } from "node:timers/promises";
import type { Model } from "./models.ts";
import type { CompiledTable } from "./table/compile.ts";
import { check } from "./table/diagram/check.ts";
import type { Checks } from "./table/diagram/check.ts";
import { TooLargeError } from "./table/diagram/diagram.ts";

/** Null for a table whose diagrams would be too large. */
export function checksOf(model: Model): Promise<Checks | null> {
  const known = checks.get(model.compiled) ?? made(model);
  checks.set(model.compiled, known);
  return known;
}

const checks = new WeakMap<CompiledTable, Promise<Checks | null>>();

/** Each takes up to a tenth of a second, and other work goes on between two of them. */
async function made({ compiled, decision }: Model): Promise<Checks | null> {
  await setImmediate();
  try {
    return check(compiled.table, { constraints: decision.constraints });
  } catch (error) {
    if (error instanceof TooLargeError) return null;
    throw error;
  }
}
