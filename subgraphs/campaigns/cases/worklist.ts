/**
 * Which cases are unresolved, the most urgent first?
 *
 * A case that could not be decided comes first: it may be urgent. A case gets its rank with its routing, in the same
 * transaction; the time and a new table change it later.
 */
import { caseId } from "../../../schema/id.ts";
import { worklistOf } from "../../../schema/worklist.ts";
import type { Ranking } from "../../../schema/worklist.ts";
import { DecisionError } from "../../pipeline/ask.ts";
import type { Questions } from "../../pipeline/questions.ts";
import { accountsFor } from "../../platform/accounts.ts";
import { serviceContext } from "../../platform/context.ts";
import type { Context } from "../../platform/context.ts";
import type { CaseRecord, CaseWorklistRecords, RankedCase, UnresolvedCase } from "../../records/campaigns/types.ts";
import { createWorklist, isAnswered } from "../../records/worklists/worklist.ts";
import type { KeptWorklist, Next, WorklistOptions } from "../../records/worklists/worklist.ts";
import { caseRouting } from "../decisions/case-routing.ts";
import type { CampaignServices } from "../services.ts";

/** By priority, then by opening time. */
export const caseWorklist = worklistOf("caseWorklist");

export interface CaseWorklist extends KeptWorklist {
  /** What is kept of the caller's accounts, once it can be shown. */
  open(context: Context): Promise<Ranking<CaseRecord>>;
}

export interface CaseWorklistTools extends WorklistOptions {
  readonly records: CaseWorklistRecords;
  readonly questions: Questions;
  /** When the running version of its table was first seen, in milliseconds since the epoch. */
  readonly changedAt: () => number;
}

/** In the ledger. */
const CALLER = "worklist";
/** Before every priority. */
const UNDECIDED = 0;
/** Decided together: the process does other work between two batches. */
const BATCH = 250;

export function createCaseWorklist(services: CampaignServices, tools: CaseWorklistTools): CaseWorklist {
  const { records, questions, log, changedAt, now } = tools;
  // Its thresholds are in minutes, which is how often it is swept: nothing is due in between.
  const work = { name: "cases", sweep, isDue: async () => false, settle: async () => {}, changedAt };
  const kept = createWorklist(work, tools);
  return {
    ...kept,
    async open(context) {
      const accounts = accountsFor(context);
      if (accounts !== undefined) await services.register.ready();
      return {
        asOf: await kept.ready(),
        items: (limit, after) => records.items(limit, after, accounts),
        hasUpTo: (place) => records.hasUpTo(place, accounts),
        count: () => records.count(accounts),
      };
    },
  };

  async function sweep(next: Next): Promise<number> {
    const asOf = now();
    for (let batch = await records.unresolved(BATCH); batch.length > 0;) {
      await next();
      await decideAll(batch);
      batch = batch.length < BATCH ? [] : await records.unresolved(BATCH, batch.at(-1)?.id);
    }
    return asOf;
  }

  async function decideAll(cases: readonly UnresolvedCase[]): Promise<void> {
    const context = serviceContext(log, CALLER);
    const ranked = await Promise.all(cases.map((one) => decideOne(one, context)));
    await records.rank(ranked.filter((one) => one !== undefined));
  }

  /** undefined if its rank stays. */
  async function decideOne(record: UnresolvedCase, context: Context): Promise<RankedCase | undefined> {
    const { id } = record;
    const facts = await services.load(context).routing.load(record);
    const kept = { question: record.rankQuestion, at: record.rankedAt };
    if (isAnswered(kept, questions.of(caseRouting.key, facts), now())) return undefined;
    try {
      const decided = await services.decide(context, caseRouting, facts, caseId.encode(id));
      const question = questions.answered(caseRouting.key, facts, decided) ?? null;
      return { id, rank: decided.priority, error: null, question, at: question === null ? null : new Date(now()) };
    } catch (error) {
      // A client that selects the routing of the case gets the error there.
      if (error instanceof DecisionError) {
        return { id, rank: UNDECIDED, error: error.code, question: null, at: null };
      }
      throw error;
    }
  }
}
