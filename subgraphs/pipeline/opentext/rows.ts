/**
 * Which rows are in OpenText's reply to an evaluation?
 *
 * One list of outputs for each rule that matched. Values are strings, numbers or booleans; other output types are
 * rejected. Other fields are ignored.
 */
import { z } from "zod";
import type { Row } from "../table/table.ts";

const Output = z.object({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean()]).nullish() });

export const EvaluationReply: z.ZodType<readonly Row[]> = z
  .object({ resultVariables: z.array(z.array(Output)) })
  .transform(({ resultVariables }) => resultVariables.map(asRow));

/** An empty cell is null in a reply, and has no entry in a row. */
function asRow(outputs: readonly z.infer<typeof Output>[]): Row {
  return Object.fromEntries(
    outputs.flatMap(({ name, value }) => (value === null || value === undefined ? [] : [[name, value]])),
  );
}
