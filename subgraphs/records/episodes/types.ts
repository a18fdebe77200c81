/**
 * What is recorded about episodes that no upstream has?
 *
 * Topics, transcripts, submissions and publications. The episodes subgraph reads them through these interfaces and does
 * not depend on the database.
 */

export interface EpisodeProfile {
  /** In Megaphone. */
  readonly episodeId: string;
  /** Spotify's topic slugs. */
  readonly topics: readonly string[];
  /** Spotify's slugs of sensitive topics. */
  readonly sensitiveTopics: readonly string[];
  readonly transcriptUrl: string | null;
  /** null until the episode is submitted for publishing. */
  readonly submission: EpisodeSubmission | null;
}

export interface EpisodeSubmission {
  readonly disclaimers: readonly string[];
  readonly approvals: readonly string[];
  /** BCP 47. */
  readonly languages: readonly string[];
  /** ISO 3166-1 alpha-2. */
  readonly markets: readonly string[];
  readonly submittedAt: Date;
}

/** An allowed publication of an episode, sent to Megaphone or to be sent. */
export interface Publication {
  /** Both ids in Megaphone. */
  readonly podcastId: string;
  readonly episodeId: string;
  readonly publishAt: Date;
  /** The decision that allowed it. No other publication has the same. */
  readonly evaluationId: string;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  /** When Megaphone accepted it; null until then. */
  readonly acceptedAt: Date | null;
}

export interface EpisodeRecords {
  /** Aligned with the ids; the latest of each episode. */
  publications(episodeIds: readonly string[]): Promise<readonly (Publication | undefined)[]>;
  /** Aligned with the ids; undefined for an episode without records. */
  profiles(episodeIds: readonly string[]): Promise<readonly (EpisodeProfile | undefined)[]>;
}
