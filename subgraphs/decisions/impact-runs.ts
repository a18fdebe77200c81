/**
 * How is the impact of a table found, without anybody waiting for it?
 *
 * By a run in this process: whoever asks for the same starts it or sees how far it is. It considers everything that exists today
 * for the caller, then the ledger's last days, newest first, both up to a limit, and lets other work pass in between. Its result
 * is kept for some minutes.
 */
import { hash } from "node:crypto";
import { setImmediate as pass } from "node:timers/promises";
import { conflict } from "../../schema/errors.ts";
import { readCandidate } from "../pipeline/candidate.ts";
import { createTally } from "../pipeline/impact.ts";
import type { Tally } from "../pipeline/impact.ts";
import type { Model } from "../pipeline/models.ts";
import { rulingOf } from "../pipeline/ruling.ts";
import { serviceContext } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import { createLru } from "../platform/lru.ts";
import type { EvaluationRecords } from "../records/decisions/ledger.ts";
import { presentError } from "../server/errors.ts";
import type { Population } from "../server/populations.ts";

export const RunState = { RUNNING: "RUNNING", DONE: "DONE", FAILED: "FAILED" } as const;
export type RunState = (typeof RunState)[keyof typeof RunState];

export interface ImpactPart {
  readonly tally: Tally;
  /** All of it was considered. False while it runs, and where it is more than `MAX_CONSIDERED`. */
  readonly isComplete: boolean;
}

export interface ImpactRun {
  readonly state: RunState;
  /** Why it failed. */
  readonly problem: string | null;
  readonly startedAt: Date;
  readonly today: ImpactPart;
  readonly ledger: ImpactPart;
  /** Resolves at its end. Never rejects. */
  readonly ended: Promise<void>;
}

export interface ImpactRunsOptions {
  readonly populations: readonly Population[];
  readonly evaluations: Pick<EvaluationRecords, "list">;
  readonly written: () => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface ImpactQuestion {
  readonly model: Model;
  /** The text of a table's file. */
  readonly table: string;
  readonly days: number;
  /** The caller's; undefined for all. */
  readonly accounts: readonly string[] | undefined;
}

/** Throws BAD_USER_INPUT for a table that cannot decide, CONFLICT where enough is under way. */
export type StartImpact = (context: Context, question: ImpactQuestion) => ImpactRun;

/** Of each population, and of the ledger. */
export const MAX_CONSIDERED = 500_000;
const MAX_EVALUATIONS = 100_000;
const MAX_RUNNING = 2;
const KEPT = 20;
const KEPT_MS = 5 * 60_000;
const PAGE = 1000;
const DAY_MS = 24 * 60 * 60_000;

export function createImpactRuns({ populations, evaluations, written, now }: ImpactRunsOptions): StartImpact {
  const runs = createLru<string, Running>(KEPT);
  let running = 0;

  return (context, question) => {
    const key = keyOf(question);
    const known = runs.get(key);
    if (known && known.state !== "FAILED" && now() - Number(known.startedAt) < KEPT_MS) return known;
    if (known?.state === "RUNNING") return known;
    const candidate = readCandidate(question.model, question.table, "table");
    if (running >= MAX_RUNNING)
      throw conflict(`Cannot find the impact: ${running} others are being found, ask again later`);
    const run = begin(question, candidate, context);
    runs.set(key, run);
    return run;
  };

  function begin(question: ImpactQuestion, candidate: Model, { log, caller }: Context): ImpactRun {
    const run: Running = {
      state: "RUNNING",
      problem: null,
      startedAt: new Date(now()),
      today: { tally: createTally(), isComplete: false },
      ledger: { tally: createTally(), isComplete: false },
      ended: Promise.resolve(),
    };
    running += 1;
    // It outlives the request, with the same rights.
    const lasting: Context = { ...serviceContext(log, caller.id), caller };
    run.ended = consider(run, question, candidate, lasting)
      .then(
        () => void (run.state = "DONE"),
        (error: unknown) => {
          log.warn({ err: error, decision: question.model.decision.key }, "the impact of a table could not be found");
          run.state = "FAILED";
          run.problem = presentError({ message: error instanceof Error ? error.message : "" }, error).message;
        },
      )
      .finally(() => void (running -= 1));
    return run;
  }

  async function consider(run: Running, question: ImpactQuestion, candidate: Model, context: Context): Promise<void> {
    run.today.isComplete = await considerToday(run.today.tally, question.model, candidate, context);
    await written();
    run.ledger.isComplete = await considerLedger(run.ledger.tally, question, candidate);
  }

  async function considerToday(tally: Tally, model: Model, candidate: Model, context: Context): Promise<boolean> {
    const { key } = model.decision;
    const decided = populations.filter((population) => population.model === key);
    // Where nobody says whom it decides about, not all of them were considered.
    let isComplete = decided.length > 0;
    for (const { field, members } of decided) {
      let considered = 0;
      for await (const batch of members(context)) {
        for (const { subject, about = null, facts } of batch) {
          if (facts instanceof Error) tally.addUnknown();
          else
            tally.add(
              { field, subject, about, evaluationId: null },
              rulingOf(model, facts),
              rulingOf(candidate, facts),
            );
        }
        considered += batch.length;
        await pass();
        if (considered < MAX_CONSIDERED) continue;
        isComplete = false;
        break;
      }
    }
    return isComplete;
  }

  async function considerLedger(
    tally: Tally,
    { model, days, accounts }: ImpactQuestion,
    candidate: Model,
  ): Promise<boolean> {
    const until = new Date(now() + 1);
    const filter = { model: model.decision.key, since: new Date(now() - days * DAY_MS), until, accounts };
    let after: { readonly at: Date; readonly id: string } | undefined;
    while (tally.considered < MAX_EVALUATIONS) {
      const page = await evaluations.list(filter, { limit: PAGE, after });
      for (const { id, subject, verdict, facts } of page)
        tally.add(
          { field: null, subject, about: null, evaluationId: id },
          { verdict, rules: [] },
          rulingOf(candidate, facts),
        );
      await pass();
      const last = page.at(-1);
      if (!last || page.length < PAGE) return true;
      after = { at: last.decidedAt, id: last.id };
    }
    return false;
  }
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };
interface Running extends Writable<Omit<ImpactRun, "today" | "ledger">> {
  readonly today: Writable<ImpactPart>;
  readonly ledger: Writable<ImpactPart>;
}

function keyOf({ model, table, days, accounts }: ImpactQuestion): string {
  return hash("sha256", JSON.stringify([model.decision.key, model.digest, days, accounts?.toSorted() ?? null, table]));
}
