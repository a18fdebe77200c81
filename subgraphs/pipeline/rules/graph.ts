/** How does an operator's command ask a graph that runs? As its user, who is named by a key or a token in a file. */
import { readFile } from "node:fs/promises";
import { z } from "zod";

export interface GraphAccess {
  /** The URL of its endpoint. */
  readonly graph: string;
  /** A file with an API key or a token. */
  readonly keyFile: string | undefined;
}

/** Rejects with an Error for the operator. */
export type AskGraph = <Data>(operation: string, variables: object, shape: z.ZodType<Data>) => Promise<Data>;

const Problems = z.object({
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z
          .object({ fields: z.object({ table: z.array(z.string()) }).partial() })
          .partial()
          .optional(),
      }),
    )
    .min(1),
});

export async function openGraph({ graph, keyFile }: GraphAccess): Promise<AskGraph> {
  const key = keyFile === undefined ? undefined : (await readFile(keyFile, "utf8")).trim();
  const headers = { "content-type": "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) };
  return async (query, variables, shape) => {
    const body = JSON.stringify({ query, variables });
    const response = await fetch(graph, { method: "POST", headers, body }).catch((error: unknown) => {
      throw new Error(`Cannot ask the graph at ${graph}: it cannot be reached`, { cause: error });
    });
    const reply: unknown = await response.json().catch(() => undefined);
    const problem = Problems.safeParse(reply).data?.errors[0];
    if (problem) {
      // The message has the first of them.
      const [, ...others] = problem.extensions?.fields?.table ?? [];
      throw new Error([problem.message, ...others].join("\n  "));
    }
    const answered = z.object({ data: shape }).safeParse(reply);
    if (!answered.success)
      throw new Error(`Cannot ask the graph at ${graph}: it answered ${response.status}, unexpectedly`);
    return answered.data.data;
  };
}
