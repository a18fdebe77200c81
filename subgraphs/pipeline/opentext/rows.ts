/**
 * Which rows does OpenText's reply to an evaluation hold?
 *
 * One list of outputs for each rule that matched. Types, and whatever else it says, are left alone; an output that is
 * no text, number or boolean is none that anything may be decided on.
 */
import { z } from "zod";
import type { Row } from "../table/table.ts";

const Output = z.object({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean()]).nullish() });

export const EvaluationReply: z.ZodType<readonly Row[]> = z
  .object({ resultVariables: z.array(z.array(Output)) })
  .transform(({ resultVariables }) => resultVariables.map(asRow));

/** An output that is null is an empty cell, which has no entry in a row. */
function asRow(outputs: readonly z.infer<typeof Output>[]): Row {
  return Object.fromEntries(
    outputs.flatMap(({ name, value }) => (value === null || value === undefined ? [] : [[name, value]])),
  );
}
