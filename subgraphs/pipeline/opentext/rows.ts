/**
 * Which rows are in OpenText's reply to an evaluation?
 *
 * One list of outputs for each rule that matched. Values are strings, numbers or booleans; other output types are
 * rejected, and so is a row that names an output twice: which of the two is meant, nobody can say. Other fields are
 * ignored.
 */
import { z } from "zod";
import type { Row } from "../table/table.ts";

const Output = z.object({
  name: z
    .string()
    .min(1, "expected a name")
    // As in a table: rows are objects, which already have `constructor` and others.
    .refine((name) => !(name in Object.prototype), "expected a name that is not reserved"),
  value: z.union([z.string(), z.number(), z.boolean()]).nullish(),
});

const OutputList = z
  .array(Output)
  .refine((outputs) => new Set(outputs.map(({ name }) => name)).size === outputs.length, "expected each output once");

export const EvaluationReply: z.ZodType<readonly Row[]> = z
  .object({ resultVariables: z.array(OutputList) })
  .transform(({ resultVariables }) => resultVariables.map(asRow));

/** More rows than the model has rules are not its rows. What was expected and found instead; undefined where all is well. */
export function surplusOf(rows: readonly Row[], maxRows = Number.POSITIVE_INFINITY): string | undefined {
  return rows.length > maxRows ? `expected at most ${maxRows} rows, got ${rows.length}` : undefined;
}

/** An empty cell is null or an empty text in a reply, and has no entry in a row. */
function asRow(outputs: readonly z.infer<typeof Output>[]): Row {
  return Object.fromEntries(
    outputs.flatMap(({ name, value }) =>
      value === null || value === undefined || value === "" ? [] : [[name, value] as const],
    ),
  );
}
