/** How are many objects read by their ids? In one query with aliases, because Soundtrack has no list by ids. */
import { z } from "zod";
import type { UpstreamError } from "../../platform/upstream-error.ts";
import { failureOf, problemOf } from "./connection.ts";
import type { SoundtrackConnection } from "./connection.ts";

/** Aligned with the ids: `field` with `$ID` is selected for each; null if it does not exist, or its own error. */
export async function readAliased<T>(
  { ask }: SoundtrackConnection,
  kind: string,
  ids: readonly string[],
  field: string,
  reply: z.ZodType<T | null>,
  fragments = "",
): Promise<readonly (T | null | UpstreamError)[]> {
  const { data, errors } = await ask({
    text: `query (${ids.map((_id, index) => `$i${index}: ID!`).join(", ")}) {
      ${ids.map((_id, index) => `a${index}: ${field.replace("$ID", `$i${index}`)}`).join("\n      ")}
    }${fragments}`,
    variables: Object.fromEntries(ids.map((id, index) => [`i${index}`, id])),
    data: z.record(z.string(), reply),
    kind,
    size: ids.length,
  });
  return ids.map((_id, index) => {
    const problem = problemOf(`a${index}`, errors);
    return problem ? failureOf(problem) : (data[`a${index}`] ?? null);
  });
}
