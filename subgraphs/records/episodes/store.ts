/**
 * How are the records of episodes read and written?
 *
 * Submissions and publications are written optimistically: a writer passes the state that its decision was based on, and
 * gets a CONFLICT if that has changed.
 */
import { and, eq } from "drizzle-orm";
import { overtaken } from "../../../schema/errors.ts";
import { episodeId as graphId } from "../../../schema/id.ts";
import type { Tx } from "../database/database.ts";
import { notify } from "../database/events.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import { episodeProfiles, publications, submissions } from "./tables.ts";
import type { EpisodeRecords, EpisodeSubmission, Publication } from "./types.ts";

export function episodeRecords(db: Tx): EpisodeRecords {
  return {
    async publications(episodeIds) {
      const rows = await db.select().from(publications).where(isAnyOf(publications.episodeId, episodeIds));
      const byId = new Map(rows.map((publication) => [publication.episodeId, publication]));
      return episodeIds.map((id) => byId.get(id));
    },
    async profiles(episodeIds) {
      const [profileRows, submissionRows] = await Promise.all([
        db.select().from(episodeProfiles).where(isAnyOf(episodeProfiles.episodeId, episodeIds)),
        db.select().from(submissions).where(isAnyOf(submissions.episodeId, episodeIds)),
      ]);
      const profiles = new Map(profileRows.map((profile) => [profile.episodeId, profile]));
      const submissionOf = new Map(submissionRows.map((submission) => [submission.episodeId, submission]));
      return episodeIds.map((episodeId) => {
        const profile = profiles.get(episodeId);
        const submission = submissionOf.get(episodeId);
        if (!profile && !submission) return undefined;
        const { topics = [], sensitiveTopics = [], transcriptUrl = null } = profile ?? {};
        return { episodeId, topics, sensitiveTopics, transcriptUrl, submission: submission ?? null };
      });
    },
  };
}

type EpisodeRef = Pick<Publication, "podcastId" | "episodeId">;

export interface NewSubmission extends EpisodeRef, EpisodeSubmission {
  readonly submittedBy: string;
  /** undefined: unchanged. */
  readonly transcriptUrl: string | undefined;
}

/** Replaces an earlier submission. Throws CONFLICT if the publication is not `expected` any more. */
export async function putSubmission(
  tx: Tx,
  { podcastId, transcriptUrl, ...submission }: NewSubmission,
  expected: Publication | undefined,
): Promise<void> {
  const { episodeId } = submission;
  await tx
    .insert(submissions)
    .values(submission)
    .onConflictDoUpdate({ target: submissions.episodeId, set: submission });
  // After the write: it waits for a concurrent `addPublication`, which holds a lock on the row.
  const [current] = await tx.select().from(publications).where(eq(publications.episodeId, episodeId));
  if (current?.evaluationId !== expected?.evaluationId) throw changedMeanwhile({ podcastId, episodeId });
  await notifyChanged(tx, { podcastId, episodeId });
  if (transcriptUrl === undefined) return;
  await tx
    .insert(episodeProfiles)
    .values({ episodeId, topics: [], sensitiveTopics: [], transcriptUrl })
    .onConflictDoUpdate({ target: episodeProfiles.episodeId, set: { transcriptUrl } });
}

export interface ExpectedState {
  readonly submission: EpisodeSubmission | null;
  readonly publication: Publication | undefined;
}

/** Replaces an earlier publication. Throws CONFLICT if the episode is not in the `expected` state any more. */
export async function addPublication(tx: Tx, publication: Publication, expected: ExpectedState): Promise<void> {
  const { episodeId } = publication;
  const [submission] = await tx.select().from(submissions).where(eq(submissions.episodeId, episodeId)).for("share");
  if (submission?.submittedAt.getTime() !== expected.submission?.submittedAt.getTime()) {
    throw changedMeanwhile(publication);
  }
  const written = expected.publication
    ? await tx
        .update(publications)
        .set(publication)
        .where(hasKey({ episodeId, evaluationId: expected.publication.evaluationId }))
        .returning()
    : await tx.insert(publications).values(publication).onConflictDoNothing().returning();
  if (written.length === 0) throw changedMeanwhile(publication);
  await notifyChanged(tx, publication);
}

/** One publication of an episode: a later one has another evaluation. */
type PublicationKey = Pick<Publication, "episodeId" | "evaluationId">;

export async function markAccepted(tx: Tx, key: PublicationKey, acceptedAt: Date): Promise<void> {
  const accepted = await tx.update(publications).set({ acceptedAt }).where(hasKey(key)).returning();
  for (const each of accepted) await notifyChanged(tx, each);
}

export async function deletePublication(tx: Tx, key: PublicationKey): Promise<void> {
  const deleted = await tx.delete(publications).where(hasKey(key)).returning();
  for (const each of deleted) await notifyChanged(tx, each);
}

/** Decisions are made from these records. */
async function notifyChanged(tx: Tx, { podcastId, episodeId }: EpisodeRef): Promise<void> {
  await notify(tx, [{ kind: "factsChanged", subject: graphId.encode(podcastId, episodeId) }]);
}

function hasKey({ episodeId, evaluationId }: PublicationKey) {
  return and(eq(publications.episodeId, episodeId), eq(publications.evaluationId, evaluationId));
}

function changedMeanwhile({ podcastId, episodeId }: EpisodeRef): Error {
  return overtaken(graphId.encode(podcastId, episodeId));
}
