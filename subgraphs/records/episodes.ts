/** What is written down about episodes, as the episodes subgraph asks for it? */
import type { EpisodeRecords } from "../episodes/records.ts";
import { among } from "./among.ts";
import type { Tx } from "./database.ts";
import { episodeProfiles, submissions } from "./tables/episodes.ts";

export function episodeRecords(db: Tx): EpisodeRecords {
  return {
    async profiles(episodeIds) {
      const [profiles, handedIn] = await Promise.all([
        db.select().from(episodeProfiles).where(among(episodeProfiles.episodeId, episodeIds)),
        db.select().from(submissions).where(among(submissions.episodeId, episodeIds)),
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
