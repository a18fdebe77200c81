/**
 * Do the decisions in a response match the rules?
 *
 * Compares every decision in a response with the oracle. The query has to select `__typename` and `id` of everything with
 * decisions, and `verdict`, `eligible` and the codes of the reasons of each decision. The alias of a decision about a
 * campaign is its field and the campaign's index: `placement0: placement(campaignId: …)`.
 */
import { z } from "zod";
import type { Table } from "../../subgraphs/pipeline/table/table.ts";
import type { Answer, GraphError } from "./decibel.ts";
import type { ExpectedDecision, Oracle, Question } from "./oracle.ts";

export interface Verified {
  readonly decided: number;
  /** Decisions by origin, if the query selects it. */
  readonly origins: ReadonlyMap<string, number>;
  /** Paths of the decisions and of the items of lists that are null: `episodes.nodes.3.publishing`. */
  readonly undecided: readonly string[];
  /** Differences, as readable lines; empty if there are none. */
  readonly wrong: readonly string[];
}

export interface VerifyOptions {
  readonly oracle: Oracle;
  /** Of other states of the world, in which its upstreams may have answered. */
  readonly others?: readonly Oracle[];
  /** The table versions that may have decided. */
  readonly tables: (decision: string) => readonly Table[];
  /** Whether reasons are in the order of the rules: where another table than the one here runs, that is unknown. */
  readonly isOrdered?: (decision: string) => boolean;
  /** By their index in the query. */
  readonly campaigns: readonly string[];
}

const Subject = z.looseObject({ __typename: z.string(), id: z.string() });
const Decision = z.object({
  verdict: z.string(),
  eligible: z.boolean(),
  origin: z.string().optional(),
  reasons: z.array(z.object({ code: z.string() })),
});

export function verify(
  { data, errors }: Answer<unknown>,
  { oracle, others = [], tables, isOrdered = () => true, campaigns }: VerifyOptions,
): Verified {
  const wrong: string[] = [];
  const undecided: string[] = [];
  const origins = new Map<string, number>();
  let decided = 0;
  walk(data, "");
  for (const path of undecided) {
    if (!errors.some((error) => explains(error, path))) wrong.push(`${path}: null without an error`);
  }
  return { decided, origins, undecided, wrong };

  function walk(value: unknown, path: string): void {
    // An item of a list may be missing, with an error at its place.
    if (value === null && /\.\d+$/.test(path)) undecided.push(path);
    if (typeof value !== "object" || value === null) return;
    const subject = Subject.safeParse(value).data;
    for (const [key, field] of Object.entries(value)) {
      const at = path === "" ? key : `${path}.${key}`;
      const question = subject && decisionIn(subject, key);
      if (question) compare(at, question, field);
      else walk(field, at);
    }
  }

  function decisionIn({ __typename: type, id }: z.infer<typeof Subject>, key: string): Question | undefined {
    const [, name, number] = /^(.*?)(\d*)$/.exec(key) ?? [];
    const field = `${type}.${name}`;
    return oracle.decisionOf(field) === undefined ? undefined : { field, id, campaignId: campaigns[Number(number)] };
  }

  function compare(path: string, question: Question, decision: unknown): void {
    if (decision === null) return void undecided.push(path);
    const { verdict, eligible, origin, reasons } = Decision.parse(decision);
    decided += 1;
    if (origin !== undefined) origins.set(origin, 1 + (origins.get(origin) ?? 0));
    const key = oracle.decisionOf(question.field) ?? "";
    const format = isOrdered(key) ? inOrder : asSet;
    const actual = format({ verdict, codes: reasons.map(({ code }) => code) });
    const worlds = [oracle, ...others];
    const expected = [
      ...new Set(tables(key).flatMap((table) => worlds.map((world) => format(world.expected(question, table))))),
    ];
    if (!expected.includes(actual))
      wrong.push(`${path} of ${question.id}: expected ${expected.join(" or ")}, but got ${actual}`);
    if (eligible !== (verdict === "ALLOW"))
      wrong.push(`${path} of ${question.id}: ${verdict} with eligible: ${eligible}`);
  }
}

function inOrder({ verdict, codes }: ExpectedDecision): string {
  return `${verdict} (${codes.join(" ")})`;
}

function asSet({ verdict, codes }: ExpectedDecision): string {
  return inOrder({ verdict, codes: codes.toSorted() });
}

/** Whether the error is of the decision itself, of a parent, or of a sibling with its facts. */
function explains({ path }: GraphError, decision: string): boolean {
  const at = `${path?.join(".") ?? ""}.`;
  const subject = decision.slice(0, decision.lastIndexOf(".") + 1);
  return at === "." || `${decision}.`.startsWith(at) || at.startsWith(subject);
}
