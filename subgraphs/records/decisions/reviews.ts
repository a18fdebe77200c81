/**
 * What waits for somebody to look at it, and what did they say?
 *
 * A review is opened in the transaction that decided it is needed, and resolved once: of two people who resolve it at the
 * same time, one is told that the other was faster.
 */
import { randomUUID } from "node:crypto";
import { and, asc, eq, gt, or } from "drizzle-orm";
import type { Verdict } from "../../../schema/verdict.ts";
import type { ListWindow } from "../../platform/lists.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Database, Tx } from "../database/database.ts";
import { announce } from "../database/events.ts";
import { reviews } from "./tables.ts";
import { storableText } from "../database/texts.ts";

export type ReviewRecord = typeof reviews.$inferSelect;

export interface NewReview {
  /** Says whose business its outcome is: `sponsorship`. */
  readonly kind: string;
  /** As clients call it. */
  readonly subject: string;
  readonly queue: string;
  readonly evaluationId: string;
  readonly openedAt: Date;
}

/** Who acts on what reviewers say of one kind of thing. */
export interface ReviewHandler {
  readonly kind: string;
  /** In the transaction that writes the verdict down. Throws CONFLICT where the thing has gone on without it. */
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
  byIds(ids: readonly string[]): Promise<readonly (ReviewRecord | undefined)[]>;
  /** Those that are open, the oldest first; of one queue where one is named. */
  open(queue: string | undefined, window: ListWindow): Promise<readonly ReviewRecord[]>;
  countOpen(queue: string | undefined): Promise<number>;
}

export function reviewRecords({ db }: Pick<Database, "db">): ReviewRecords {
  return {
    byIds: async (ids) => {
      const found = await db.select().from(reviews).where(isAnyOf(reviews.id, ids));
      const byId = new Map(found.map((review) => [review.id, review]));
      return ids.map((id) => byId.get(id));
    },
    open: (queue, { limit, after }) => {
      const { openedAt, id } = reviews;
      const behind = after && or(gt(openedAt, after.at), and(eq(openedAt, after.at), gt(id, storableText(after.id))));
      return db
        .select()
        .from(reviews)
        .where(and(isOpen(queue), behind))
        .orderBy(asc(openedAt), asc(id))
        .limit(limit);
    },
    countOpen: (queue) => db.$count(reviews, isOpen(queue)),
  };
}

/** Gives its id. */
export async function openReview(tx: Tx, opened: NewReview): Promise<string> {
  const id = randomUUID();
  await tx.insert(reviews).values({ ...opened, id, status: "OPEN" });
  await announce(tx, "reviewOpened", [id]);
  return id;
}

/** Gives the review as it is now; undefined where it is not open, or not there. */
export async function closeReview(tx: Tx, id: string, resolution: Resolution): Promise<ReviewRecord | undefined> {
  const [closed] = await tx
    .update(reviews)
    .set({ ...resolution, status: "RESOLVED" })
    .where(and(eq(reviews.id, id), eq(reviews.status, "OPEN")))
    .returning();
  return closed;
}

function isOpen(queue: string | undefined) {
  return and(eq(reviews.status, "OPEN"), queue === undefined ? undefined : eq(reviews.queue, storableText(queue)));
}
