/** How are many objects read by their ids? In one query with aliases, because Soundtrack has no list by ids. */
import { z } from "zod";
import { itemsOf } from "../../platform/items.ts";
import { failureOf, problemOf } from "./connection.ts";
import type { SoundtrackConnection } from "./connection.ts";

export interface AliasedRead<T> {
  /** Of the query; queries of one kind cost alike for each token. */
  readonly kind: string;
  readonly ids: readonly string[];
  /** What is selected for each id; `id` is the variable with it. */
  readonly field: (id: string, index: number) => string;
  /** What each object is called in messages. */
  readonly object: string;
  readonly schema: z.ZodType<T>;
  readonly fragments?: string;
  /** Of all of them, as documented. */
  readonly tokens: number;
}

const items = itemsOf("soundtrack");

/** Aligned with the ids: null if it does not exist, or its own error. */
export async function readAliased<T>(
  { ask }: SoundtrackConnection,
  { kind, ids, field, object, schema, fragments = "", tokens }: AliasedRead<T>,
): Promise<readonly (T | null | Error)[]> {
  const { data, errors } = await ask({
    text: `query (${ids.map((_id, index) => `$i${index}: ID!`).join(", ")}) {
      ${ids.map((_id, index) => `a${index}: ${field(`$i${index}`, index)}`).join("\n      ")}
    }${fragments}`,
    variables: Object.fromEntries(ids.map((id, index) => [`i${index}`, id])),
    data: z.record(z.string(), z.unknown()),
    kind,
    tokens,
  });
  return ids.map((id, index) => {
    const problem = problemOf(`a${index}`, errors);
    return problem ? failureOf(problem) : items.item(object, schema.nullable(), data[`a${index}`] ?? null, id);
  });
}
