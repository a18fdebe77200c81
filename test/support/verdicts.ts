/**
 * Is what the graph answered what the rules say?
 *
 * Walks an answer and holds every decision in it against the oracle. A query that is to be verified selects `__typename`
 * and `id` of everything that has decisions, and of a decision `verdict`, `eligible` and the codes of its reasons; a
 * decision about a campaign is called by its field and the campaign's number: `placement0: placement(campaignId: …)`.
 */
import { z } from "zod";
import type { Table } from "../../subgraphs/pipeline/table/table.ts";
import type { Answer, GraphError } from "./decibel.ts";
import type { Asked, Oracle, Said } from "./oracle.ts";

export interface Verified {
  readonly decided: number;
  /** Of those that were made, by where they came from; only where the query selects it. */
  readonly origins: ReadonlyMap<string, number>;
  /** Paths of the decisions that are null: `episodes.nodes.3.publishing`. */
  readonly undecided: readonly string[];
  /** What is not as it should be, for people: none where all is well. */
  readonly wrong: readonly string[];
}

export interface VerifyOptions {
  readonly oracle: Oracle;
  /** Any of them may rightly have made the decision. */
  readonly tables: (decision: string) => readonly Table[];
  /** By their number in the query. */
  readonly campaigns: readonly string[];
}

const Subject = z.looseObject({ __typename: z.string(), id: z.string() });
const Decision = z.object({
  verdict: z.string(),
  eligible: z.boolean(),
  origin: z.string().optional(),
  reasons: z.array(z.object({ code: z.string() })),
});

export function verify({ data, errors }: Answer<unknown>, { oracle, tables, campaigns }: VerifyOptions): Verified {
  const wrong: string[] = [];
  const undecided: string[] = [];
  const origins = new Map<string, number>();
  let decided = 0;
  walk(data, "");
  for (const path of undecided) {
    if (!errors.some((error) => explains(error, path))) wrong.push(`${path}: null, and no error says why`);
  }
  return { decided, origins, undecided, wrong };

  function walk(value: unknown, path: string): void {
    if (typeof value !== "object" || value === null) return;
    const subject = Subject.safeParse(value).data;
    for (const [key, field] of Object.entries(value)) {
      const at = path === "" ? key : `${path}.${key}`;
      const asked = subject && decisionIn(subject, key);
      if (asked) judge(at, asked, field);
      else walk(field, at);
    }
  }

  function decisionIn({ __typename: type, id }: z.infer<typeof Subject>, key: string): Asked | undefined {
    const [, name, number] = /^(.*?)(\d*)$/.exec(key) ?? [];
    const field = `${type}.${name}`;
    return oracle.decisionOf(field) === undefined ? undefined : { field, id, campaignId: campaigns[Number(number)] };
  }

  function judge(path: string, asked: Asked, given: unknown): void {
    if (given === null) return void undecided.push(path);
    const { verdict, eligible, origin, reasons } = Decision.parse(given);
    decided += 1;
    if (origin !== undefined) origins.set(origin, 1 + (origins.get(origin) ?? 0));
    const theirs = spelt({ verdict, codes: reasons.map(({ code }) => code) });
    const right = tables(oracle.decisionOf(asked.field) ?? "").map((table) => spelt(oracle.says(asked, table)));
    if (!right.includes(theirs))
      wrong.push(`${path} of ${asked.id}: ${theirs}, and the rules say ${right.join(" or ")}`);
    if (eligible !== (verdict === "ALLOW")) wrong.push(`${path} of ${asked.id}: ${verdict}, and eligible: ${eligible}`);
  }
}

function spelt({ verdict, codes }: Said): string {
  return `${verdict} (${codes.join(" ")})`;
}

/** An error is of the decision itself, of something it is in, or of what it was to be decided from. */
function explains({ path }: GraphError, decision: string): boolean {
  const at = `${path?.join(".") ?? ""}.`;
  const subject = decision.slice(0, decision.lastIndexOf(".") + 1);
  return at === "." || `${decision}.`.startsWith(at) || at.startsWith(subject);
}
