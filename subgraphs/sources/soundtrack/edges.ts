/** How are the edges of a connection parsed? Each by itself: a bad node, or a bad cursor, costs nothing else. */
import { z } from "zod";
import { itemsOf, orNull } from "../../platform/items.ts";

export interface Edge<T> {
  /** null if it cannot be read. */
  readonly cursor: string | null;
  /** null where Soundtrack has an object but could not read it. */
  readonly node: T | null | Error;
}

const items = itemsOf("soundtrack");
const EdgeReply = z
  .object({ cursor: orNull(z.string()), node: z.unknown().optional() })
  .catch({ cursor: null, node: undefined });

export function edgesOf<T>(kind: string, schema: z.ZodType<T>): z.ZodType<readonly Edge<T>[]> {
  return z
    .array(EdgeReply)
    .transform((edges) =>
      edges.map(({ cursor, node }, index) => ({ cursor, node: items.item(kind, schema.nullable(), node, index) })),
    );
}

/** null if it cannot be read. */
export const Total = orNull(z.int().min(0));
