/**
 * `npm run rules -- impact FILE`: whose verdict would this table change?
 *
 * A graph that runs says so, because it knows whom there is to decide about. It is asked again until it has considered all.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { loadTable } from "../table/load.ts";

const Verdict = z.string().nullable();
const Change = z.object({
  from: Verdict,
  to: Verdict,
  count: z.int(),
  rules: z.array(z.object({ rule: z.int(), count: z.int() })),
});
const Part = z.object({
  considered: z.int(),
  unknown: z.int(),
  isComplete: z.boolean(),
  changed: z.int(),
  changes: z.array(Change),
});
const Impact = z.object({
  model: z.string(),
  state: z.enum(["RUNNING", "DONE", "FAILED"]),
  problem: z.string().nullable(),
  days: z.int(),
  today: Part,
  ledger: Part,
});
const Reply = z.object({
  data: z.object({ changeImpact: Impact }).nullish(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z
          .object({
            fields: z
              .object({ table: z.array(z.string()) })
              .partial()
              .optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});
export type TableImpact = z.infer<typeof Impact>;

export interface ImpactArguments {
  readonly file: string;
  /** The URL of its endpoint. */
  readonly graph: string;
  /** A file with an API key or a token of a caller with the scopes. */
  readonly keyFile: string | undefined;
  readonly days: number;
}

/** Between two questions. */
const PAUSE_MS = 500;

/** Rejects with an Error for the operator. */
export async function findImpact({ file, graph, keyFile, days }: ImpactArguments): Promise<TableImpact> {
  const { key } = await loadTable(file);
  const variables = { model: key, table: await readFile(file, "utf8"), days };
  const headers = keyFile === undefined ? {} : { authorization: `Bearer ${(await readFile(keyFile, "utf8")).trim()}` };
  for (;;) {
    const impact = await ask(graph, headers, variables);
    if (impact.state === "FAILED") throw new Error(`Cannot find the impact: ${impact.problem}`);
    if (impact.state === "DONE") return impact;
    await delay(PAUSE_MS);
  }
}

const PART = "considered unknown isComplete changed changes { from to count rules { rule count } }";
const QUERY = `query ($model: String!, $table: String!, $days: Int!) {
  changeImpact(model: $model, table: $table, days: $days) { model state problem days today { ${PART} } ledger { ${PART} } }
}`;

async function ask(graph: string, headers: Readonly<Record<string, string>>, variables: object): Promise<TableImpact> {
  const response = await fetch(graph, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query: QUERY, variables }),
  }).catch((error: unknown) => {
    throw new Error(`Cannot ask the graph at ${graph}: it cannot be reached`, { cause: error });
  });
  const reply = Reply.safeParse(await response.json().catch(() => undefined));
  const [first] = reply.data?.errors ?? [];
  if (first) throw new Error([first.message, ...(first.extensions?.fields?.table ?? [])].join("\n  "));
  const impact = reply.data?.data?.changeImpact;
  if (!impact) throw new Error(`Cannot ask the graph at ${graph}: it answered ${response.status}, unexpectedly`);
  return impact;
}
