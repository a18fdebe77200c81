/** What is written down about episodes, as the episodes subgraph asks for it? */
import { and, eq } from "drizzle-orm";
import { episodeId as idOfEpisode } from "../../../schema/id.ts";
import { overtaken } from "../../../schema/errors.ts";
import type { EpisodeRecords, EpisodeSubmission, Publication } from "./types.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Tx } from "../database/database.ts";
import { episodeProfiles, publications, submissions } from "./tables.ts";

export function episodeRecords(db: Tx): EpisodeRecords {
  return {
    async publications(episodeIds) {
      const found = await db.select().from(publications).where(isAnyOf(publications.episodeId, episodeIds));
      const byId = new Map(found.map((publication) => [publication.episodeId, publication]));
      return episodeIds.map((id) => byId.get(id));
    },
    async profiles(episodeIds) {
      const [profiles, handedIn] = await Promise.all([
        db.select().from(episodeProfiles).where(isAnyOf(episodeProfiles.episodeId, episodeIds)),
        db.select().from(submissions).where(isAnyOf(submissions.episodeId, episodeIds)),
      ]);
      const profileOf = new Map(profiles.map((profile) => [profile.episodeId, profile]));
      const submissionOf = new Map(handedIn.map((submission) => [submission.episodeId, submission]));
      return episodeIds.map((episodeId) => {
        const profile = profileOf.get(episodeId);
        const submission = submissionOf.get(episodeId);
        if (!profile && !submission) return undefined;
        const { topics = [], sensitiveTopics = [], transcriptUrl = null } = profile ?? {};
        return { episodeId, topics, sensitiveTopics, transcriptUrl, submission: submission ?? null };
      });
    },
  };
}

type Ref = Pick<Publication, "podcastId" | "episodeId">;

/** What was handed in, in the place of what was before. */
export interface NewSubmission extends Ref, EpisodeSubmission {
  readonly submittedBy: string;
  /** undefined: as it is. */
  readonly transcriptUrl: string | undefined;
}

/** Throws CONFLICT where somebody has let the episode go out since `seen`. */
export async function putSubmission(tx: Tx, submission: NewSubmission, seen: Publication | undefined): Promise<void> {
  const { podcastId, transcriptUrl, ...own } = submission;
  const { episodeId } = own;
  await tx.insert(submissions).values(own).onConflictDoUpdate({ target: submissions.episodeId, set: own });
  // Behind the row that whoever lets it go out holds.
  const [last] = await tx.select().from(publications).where(eq(publications.episodeId, episodeId));
  if (last?.evaluationId !== seen?.evaluationId) throw overtakenBy({ podcastId, episodeId });
  if (transcriptUrl === undefined) return;
  await tx
    .insert(episodeProfiles)
    .values({ episodeId, topics: [], sensitiveTopics: [], transcriptUrl })
    .onConflictDoUpdate({ target: episodeProfiles.episodeId, set: { transcriptUrl } });
}

export interface SeenEpisode {
  readonly submission: EpisodeSubmission | null;
  readonly publication: Publication | undefined;
}

/** Throws CONFLICT where somebody has handed it in, or let it go out, since it was `seen`. */
export async function addPublication(tx: Tx, publication: Publication, seen: SeenEpisode): Promise<void> {
  const { episodeId } = publication;
  const [handedIn] = await tx.select().from(submissions).where(eq(submissions.episodeId, episodeId)).for("share");
  if (handedIn?.submittedAt.getTime() !== seen.submission?.submittedAt.getTime()) throw overtakenBy(publication);
  const isAsSeen = and(isOf(episodeId), eq(publications.evaluationId, seen.publication?.evaluationId ?? ""));
  const put = seen.publication
    ? await tx.update(publications).set(publication).where(isAsSeen).returning()
    : await tx.insert(publications).values(publication).onConflictDoNothing().returning();
  if (put.length === 0) throw overtakenBy(publication);
}

export async function markPublished(tx: Tx, of: PublicationKey, settledAt: Date): Promise<void> {
  await tx.update(publications).set({ settledAt }).where(isKeyed(of));
}

/** As if nobody had asked for it. */
export async function dropPublication(tx: Tx, of: PublicationKey): Promise<void> {
  await tx.delete(publications).where(isKeyed(of));
}

type PublicationKey = Pick<Publication, "episodeId" | "evaluationId">;

function isOf(episodeId: string) {
  return eq(publications.episodeId, episodeId);
}

function isKeyed({ episodeId, evaluationId }: PublicationKey) {
  return and(isOf(episodeId), eq(publications.evaluationId, evaluationId));
}

function overtakenBy({ podcastId, episodeId }: Ref): Error {
  return overtaken(idOfEpisode.encode(podcastId, episodeId));
}
