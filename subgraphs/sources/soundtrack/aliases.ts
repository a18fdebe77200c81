/**
 * How are many things asked for by their ids at once?
 *
 * In one query, as Soundtrack has no list by ids.
 */
import { z } from "zod";
import type { UpstreamError } from "../../platform/upstream-error.ts";
import { failureOf, problemBelow } from "./connection.ts";
import type { SoundtrackConnection } from "./connection.ts";

/** Aligned: each has an alias of its own (`$ID` in `field`), and its own error where it has one; null is not there. */
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
    things: ids.length,
  });
  return ids.map((_id, index) => {
    const problem = problemBelow(`a${index}`, errors);
    return problem ? failureOf(problem) : (data[`a${index}`] ?? null);
  });
}
