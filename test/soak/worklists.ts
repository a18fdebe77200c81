/**
 * Are the worklists as deciding their rows now would order them?
 *
 * Each is swept, and then read page by page with the decisions of its rows, which are made for the page. It is compared while
 * nothing fails: what could not be decided is elsewhere in a worklist than what is decided now.
 */
import { ne } from "drizzle-orm";
import { z } from "zod";
import type { Decibel } from "../../subgraphs/decibel.ts";
import { upstreamErrorIn } from "../../subgraphs/platform/upstream-error.ts";
import { cases } from "../../subgraphs/records/campaigns/tables.ts";
import { worklist } from "../../subgraphs/records/locations/tables.ts";
import { ask } from "../support/decibel.ts";
import type { Answer } from "../support/decibel.ts";

export interface CheckedWorklists {
  /** Of its pages. */
  readonly answers: readonly Answer<unknown>[];
  /** Readable lines; empty if nothing is. */
  readonly wrong: readonly string[];
}

const Decision = z.object({ priority: z.number(), eligible: z.boolean(), licenceAction: z.string().optional() });
const Row = z.object({
  id: z.string(),
  licence: z.object({ expiresAt: z.string().nullable() }).nullish(),
  openedAt: z.string().optional(),
  decision: Decision.nullable(),
});
type Row = z.infer<typeof Row>;
const List = z.object({
  totalCount: z.number(),
  nodes: z.array(z.looseObject({})),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});

interface Listed {
  readonly list: string;
  readonly selection: string;
  readonly decision: string;
  /** Orders rows of the same priority. */
  readonly timeOf: (row: Row) => number;
  readonly isListed: (decision: z.infer<typeof Decision>) => boolean;
}

const LISTS: readonly Listed[] = [
  {
    list: "locationWorklist",
    selection: "licence { expiresAt } playback { verdict eligible origin reasons { code } licenceAction priority }",
    decision: "playback",
    timeOf: ({ licence }) => timeOf(licence?.expiresAt),
    isListed: ({ eligible, licenceAction, priority }) => !eligible || licenceAction !== "NONE" || priority <= 3,
  },
  {
    list: "caseWorklist",
    selection: "openedAt routing { verdict eligible origin reasons { code } priority }",
    decision: "routing",
    timeOf: ({ openedAt }) => timeOf(openedAt),
    isListed: () => true,
  },
];
const PAGE = 200;
const UNDETERMINED = "DECISION_UNDETERMINED";

/** Empty where a part of them cannot be read or decided yet, although nothing fails any more. */
export async function checkWorklists(
  decibel: Pick<Decibel, "url" | "worklists" | "database">,
): Promise<CheckedWorklists> {
  const answers: Answer<unknown>[] = [];
  const wrong: string[] = [];
  if (!(await areSwept(decibel))) return { answers, wrong };
  for (const listed of LISTS) {
    const rows: Row[] = [];
    let total = 0;
    for (let after: string | null = null, isLast = false; !isLast;) {
      const text = `query ($after: String) { list: ${listed.list}(first: ${PAGE}, after: $after) {
        totalCount nodes { __typename id ${listed.selection} } pageInfo { hasNextPage endCursor } } }`;
      const answer: Answer<unknown> = await ask(decibel.url, text, { after });
      answers.push(answer);
      // One that failed says nothing of the place of its row.
      if (answer.errors.some(({ extensions }) => extensions["code"] !== UNDETERMINED)) return { answers, wrong: [] };
      const { list } = z.object({ list: List }).parse(answer.data);
      rows.push(...list.nodes.map((node) => Row.parse({ ...node, decision: node[listed.decision] ?? null })));
      total = list.totalCount;
      ({ endCursor: after } = list.pageInfo);
      isLast = !list.pageInfo.hasNextPage;
    }
    wrong.push(...problemsOf(listed, rows, total));
  }
  return { answers, wrong };
}

async function areSwept({ worklists, database }: Pick<Decibel, "worklists" | "database">): Promise<boolean> {
  try {
    for (const kept of worklists) await kept.catchUp();
  } catch (error) {
    // An upstream may have asked for more patience than its fault has lasted.
    if (upstreamErrorIn(error)) return false;
    throw error;
  }
  const locations = database.db.$count(worklist, ne(worklist.error, UNDETERMINED));
  const ofCases = database.db.$count(cases, ne(cases.rankError, UNDETERMINED));
  return (await locations) + (await ofCases) === 0;
}

function problemsOf({ list, timeOf: time, isListed }: Listed, rows: readonly Row[], total: number): readonly string[] {
  const priority = ({ decision }: Row): number => decision?.priority ?? 0;
  const misplaced = rows.filter((row, index) => {
    const before = rows[index - 1];
    if (!before) return false;
    return (priority(before) - priority(row) || time(before) - time(row)) > 0;
  });
  const needless = rows.filter(({ decision }) => decision !== null && !isListed(decision));
  return [
    ...misplaced.map((row) => `${list}: ${row.id} of priority ${priority(row)} comes too late`),
    ...needless.map(({ id }) => `${list}: ${id} needs no attention`),
    ...(new Set(rows.map(({ id }) => id)).size === rows.length ? [] : [`${list}: an item is there twice`]),
    ...(rows.length === total ? [] : [`${list}: it counts ${total}, but has ${rows.length}`]),
  ];
}

/** Without an end it comes last. */
function timeOf(date: string | null | undefined): number {
  return date === null || date === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(date);
}
