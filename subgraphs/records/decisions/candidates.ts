/**
 * Which tables were proposed to decide by, what has become of each, and to whom was it handed over?
 *
 * Everything is added and nothing is changed. All changes of the candidates of one model are made one after the other, so that
 * of two people who resolve the same one the second sees the first, and nothing is handed over while its approval is taken
 * back.
 */
import { randomUUID } from "node:crypto";
import { and, asc, desc, eq, isNull, lt, or, sql } from "drizzle-orm";
import { candidateId } from "../../../schema/id.ts";
import type { CandidateState } from "../../../schema/candidate-state.ts";
import type { States } from "../../../schema/states.ts";
import type { ListWindow } from "../../platform/lists.ts";
import type { Database, Tx } from "../database/database.ts";
import { notify } from "../database/events.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import { storableText } from "../database/texts.ts";
import { candidateSteps, candidates, deployments } from "./tables.ts";

type Row = typeof candidates.$inferSelect;
export type CandidateStep = typeof candidateSteps.$inferSelect;
export type DeploymentRecord = typeof deployments.$inferSelect;

export interface CandidateRecord extends Row {
  readonly state: CandidateState;
  /** In order; the first is its proposal. */
  readonly steps: readonly [CandidateStep, ...CandidateStep[]];
  /** The last one first. */
  readonly deployments: readonly DeploymentRecord[];
}

/** An approval can be taken back. */
export const CANDIDATE_STATES: States<CandidateState> = {
  PROPOSED: ["APPROVED", "REJECTED", "WITHDRAWN"],
  APPROVED: ["REJECTED", "WITHDRAWN"],
  REJECTED: [],
  WITHDRAWN: [],
};

/** The last of a model that has begun. What became of it is not always known, so all count. */
export interface LastDeployment {
  readonly number: number;
  readonly candidateId: string;
  readonly tableDigest: string;
}

export interface CandidateFilter {
  readonly model: string;
  /** Default: all. */
  readonly state?: CandidateState | undefined;
}

export interface CandidateRecords {
  /** Aligned with the ids. */
  byIds(ids: readonly string[]): Promise<readonly (CandidateRecord | undefined)[]>;
  /** The newest first. */
  list(filter: CandidateFilter, window: ListWindow): Promise<readonly CandidateRecord[]>;
  count(filter: CandidateFilter): Promise<number>;
  lastDeployment(model: string): Promise<LastDeployment | undefined>;
}

export function candidateRecords({ db }: Pick<Database, "db">): CandidateRecords {
  return {
    byIds: (ids) => byIds(db, ids),
    async list(filter, { limit, after }) {
      const { proposedAt, id } = candidates;
      const isAfter =
        after && or(lt(proposedAt, after.at), and(eq(proposedAt, after.at), lt(id, storableText(after.id))));
      const rows = await db
        .select()
        .from(candidates)
        .where(and(isLike(filter), isAfter))
        .orderBy(desc(proposedAt), desc(id))
        .limit(limit);
      return whole(db, rows);
    },
    count: (filter) => db.$count(candidates, isLike(filter)),
    lastDeployment: (model) => lastDeployment(db, model),
  };
}

/** Until the end of the transaction nobody else changes the candidates of the model. */
export async function holdCandidates(tx: Tx, model: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('decisions.candidates'), hashtext(${model}))`);
}

export async function candidateById(tx: Tx, id: string): Promise<CandidateRecord | undefined> {
  return (await byIds(tx, [id]))[0];
}

/** Those of a model with this digest, the newest first. */
export async function candidatesWith(tx: Tx, model: string, digest: string): Promise<readonly CandidateRecord[]> {
  const rows = await tx
    .select()
    .from(candidates)
    .where(and(eq(candidates.model, model), eq(candidates.digest, digest)))
    .orderBy(desc(candidates.number));
  return whole(tx, rows);
}

export function countCandidates(tx: Tx, filter: CandidateFilter): Promise<number> {
  return tx.$count(candidates, isLike(filter));
}

/** Gives its id. */
export async function addCandidate(
  tx: Tx,
  added: Omit<Row, "id" | "number" | "proposedAt">,
  { by, at, note }: Pick<CandidateStep, "by" | "at" | "note">,
): Promise<string> {
  const id = randomUUID();
  await tx.insert(candidates).values({ ...added, id, proposedAt: at });
  await tx.insert(candidateSteps).values({ candidateId: id, step: 0, state: "PROPOSED", by, at, note });
  await tell(tx, { id, model: added.model });
  return id;
}

export async function addStep(
  tx: Tx,
  { id, model, steps }: CandidateRecord,
  added: Omit<CandidateStep, "candidateId" | "step">,
): Promise<void> {
  await tx.insert(candidateSteps).values({ ...added, candidateId: id, step: steps.length });
  await tell(tx, { id, model });
}

/** Gives its id. */
export async function addDeployment(
  tx: Tx,
  { id: candidate, model }: CandidateRecord,
  added: Pick<DeploymentRecord, "target" | "by" | "begunAt">,
): Promise<string> {
  const id = randomUUID();
  await tx.insert(deployments).values({ ...added, id, candidateId: candidate, model });
  await tell(tx, { id: candidate, model });
  return id;
}

export async function deploymentById(tx: Tx, id: string): Promise<DeploymentRecord | undefined> {
  const [found] = await tx
    .select()
    .from(deployments)
    .where(eq(deployments.id, storableText(id)));
  return found;
}

/** False where it has ended already. */
export async function endDeployment(
  tx: Tx,
  { id, candidateId: candidate, model }: DeploymentRecord,
  end: Pick<DeploymentRecord, "endedAt" | "problem">,
): Promise<boolean> {
  const ended = await tx
    .update(deployments)
    .set(end)
    .where(and(eq(deployments.id, id), isNull(deployments.endedAt)))
    .returning({ id: deployments.id });
  if (ended.length > 0) await tell(tx, { id: candidate, model });
  return ended.length > 0;
}

export async function lastDeployment(tx: Tx, model: string): Promise<LastDeployment | undefined> {
  const { number, candidateId: candidate } = deployments;
  const [last] = await tx
    .select({ number, candidateId: candidate, tableDigest: candidates.tableDigest })
    .from(deployments)
    .innerJoin(candidates, eq(candidates.id, candidate))
    .where(eq(deployments.model, storableText(model)))
    .orderBy(desc(number))
    .limit(1);
  return last;
}

async function byIds(tx: Tx, ids: readonly string[]): Promise<readonly (CandidateRecord | undefined)[]> {
  const rows = await tx.select().from(candidates).where(isAnyOf(candidates.id, ids));
  const byId = new Map((await whole(tx, rows)).map((record) => [record.id, record]));
  return ids.map((id) => byId.get(id));
}

/** With their steps and deployments. */
async function whole(tx: Tx, rows: readonly Row[]): Promise<readonly CandidateRecord[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const steps = await tx
    .select()
    .from(candidateSteps)
    .where(isAnyOf(candidateSteps.candidateId, ids))
    .orderBy(asc(candidateSteps.step));
  const handed = await tx
    .select()
    .from(deployments)
    .where(isAnyOf(deployments.candidateId, ids))
    .orderBy(desc(deployments.number));
  const stepsOf = Map.groupBy(steps, (one) => one.candidateId);
  const deploymentsOf = Map.groupBy(handed, (one) => one.candidateId);
  return rows.map((row) => {
    const [first, ...others] = stepsOf.get(row.id) ?? [];
    if (!first) throw new Error(`Cannot read candidate ${row.id}: its proposal is missing`);
    const { state } = others.at(-1) ?? first;
    return { ...row, state, steps: [first, ...others], deployments: deploymentsOf.get(row.id) ?? [] };
  });
}

function isLike({ model, state }: CandidateFilter) {
  const last = sql`(select ${candidateSteps.state} from ${candidateSteps}
    where ${candidateSteps.candidateId} = ${candidates.id} order by ${candidateSteps.step} desc limit 1)`;
  return and(eq(candidates.model, storableText(model)), state === undefined ? undefined : sql`${last} = ${state}`);
}

function tell(tx: Tx, { id, model }: Pick<Row, "id" | "model">): Promise<void> {
  return notify(tx, [{ kind: "candidateChanged", id: candidateId.encode(id), model }]);
}
