/**
 * Which reviews are open, and how was each resolved?
 *
 * A review is opened in the transaction of the decision that requires it, and resolved once: of two concurrent resolutions
 * the first one wins.
 */
import { randomUUID } from "node:crypto";
import { and, asc, desc, eq, gt, ne, or, sql } from "drizzle-orm";
import type { SQLWrapper } from "drizzle-orm";
import { reviewId } from "../../../schema/id.ts";
import type { Verdict } from "../../../schema/verdict.ts";
import type { ListWindow } from "../../platform/lists.ts";
import { isOfAccounts } from "../accounts.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Database, Tx } from "../database/database.ts";
import { notify } from "../database/events.ts";
import { recordedDecision } from "../webhooks/recorded-decision.ts";
import type { Tell } from "../webhooks/tell.ts";
import { evaluations, reviews } from "./tables.ts";
import { storableText } from "../database/texts.ts";

export type ReviewRecord = typeof reviews.$inferSelect;

export interface NewReview {
  /** Selects the handler of its verdict: `sponsorship`. */
  readonly kind: string;
  /** The subject's id in the graph. */
  readonly subject: string;
  readonly queue: string;
  readonly evaluationId: string;
  readonly openedAt: Date;
}

/** Applies the verdicts of one kind of review. */
export interface ReviewHandler {
  readonly kind: string;
  /** Runs in the transaction that resolves the review. Throws CONFLICT if the subject's state does not allow it any more. */
  apply(tx: Tx, review: ReviewRecord): Promise<void>;
}

export interface Resolution {
  readonly verdict: Verdict;
  readonly note: string;
  readonly reviewer: string;
  readonly resolvedAt: Date;
}

export interface ReviewRecords {
  /** Aligned with the ids. */
  byIds(ids: readonly string[], accounts?: readonly string[]): Promise<readonly (ReviewRecord | undefined)[]>;
  /** Open reviews, oldest first. */
  open(filter: ReviewFilter, window: ListWindow): Promise<readonly ReviewRecord[]>;
  countOpen(filter: ReviewFilter): Promise<number>;
  /** Those that were resolved last of the same model whose evaluations have the same reasons, newest first. */
  alike(review: ReviewRecord, accounts?: readonly string[]): Promise<readonly ReviewRecord[]>;
}

/** Of reviews that are alike: enough to see a habit. */
const ALIKE = 10;

/** Default: all. */
export interface ReviewFilter {
  readonly queue?: string | undefined;
  /** Only of subjects that belong to them. */
  readonly accounts?: readonly string[] | undefined;
}

export function reviewRecords({ db }: Pick<Database, "db">): ReviewRecords {
  return {
    byIds: async (ids, accounts) => {
      const isFound = and(isAnyOf(reviews.id, ids), isOfAccounts(reviews.subject, accounts));
      const rows = await db.select().from(reviews).where(isFound);
      const byId = new Map(rows.map((review) => [review.id, review]));
      return ids.map((id) => byId.get(id));
    },
    open: (filter, { limit, after }) => {
      const { openedAt, id } = reviews;
      const isAfter = after && or(gt(openedAt, after.at), and(eq(openedAt, after.at), gt(id, storableText(after.id))));
      return db
        .select()
        .from(reviews)
        .where(and(isOpen(filter), isAfter))
        .orderBy(asc(openedAt), asc(id))
        .limit(limit);
    },
    alike: async ({ id, evaluationId }, accounts) => {
      const own = db.select().from(evaluations).where(eq(evaluations.id, evaluationId)).as("own");
      const codes = (rows: SQLWrapper) => sql`jsonb_path_query_array(${rows}, '$[*].reason_code')`;
      const [these, those] = [codes(own.rows), codes(evaluations.rows)];
      const found = await db
        .select({ review: reviews })
        .from(reviews)
        .innerJoin(evaluations, eq(evaluations.id, reviews.evaluationId))
        .innerJoin(own, eq(own.model, evaluations.model))
        .where(
          and(
            eq(reviews.status, "RESOLVED"),
            ne(reviews.id, id),
            sql`${these} @> ${those} and ${those} @> ${these}`,
            isOfAccounts(reviews.subject, accounts),
          ),
        )
        .orderBy(desc(reviews.resolvedAt), desc(reviews.id))
        .limit(ALIKE);
      return found.map(({ review }) => review);
    },
    countOpen: (filter) => db.$count(reviews, isOpen(filter)),
  };
}

/** Gives the review's id. */
export async function openReview(tx: Tx, tell: Tell, opened: NewReview): Promise<string> {
  const id = randomUUID();
  await tx.insert(reviews).values({ ...opened, id, status: "OPEN" });
  await notify(tx, [{ kind: "reviewOpened", id: reviewId.encode(id), queue: opened.queue }]);
  const { subject, queue, evaluationId, openedAt: at } = opened;
  await tell(tx, "review.opened", async () => ({
    subject,
    at,
    data: { reviewId: reviewId.encode(id), subject, queue, decision: await recordedDecision(tx, evaluationId) },
  }));
  return id;
}

/** Gives the resolved review; undefined if it is not open or does not exist. */
export async function closeReview(tx: Tx, id: string, resolution: Resolution): Promise<ReviewRecord | undefined> {
  const [closed] = await tx
    .update(reviews)
    .set({ ...resolution, status: "RESOLVED" })
    .where(and(eq(reviews.id, id), eq(reviews.status, "OPEN")))
    .returning();
  if (closed) await notify(tx, [{ kind: "reviewResolved", id: reviewId.encode(id), queue: closed.queue }]);
  return closed;
}

function isOpen({ queue, accounts }: ReviewFilter) {
  return and(
    eq(reviews.status, "OPEN"),
    queue === undefined ? undefined : eq(reviews.queue, storableText(queue)),
    isOfAccounts(reviews.subject, accounts),
  );
}
