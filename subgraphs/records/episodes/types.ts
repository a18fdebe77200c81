/**
 * What do we know of an episode that no upstream knows?
 *
 * What it is about, whether there is a transcript, and what its makers handed in for publishing. First-party data,
 * behind an interface: where it is kept is not this subgraph's concern.
 */

export interface EpisodeProfile {
  /** As Megaphone calls it. */
  readonly episodeId: string;
  /** Spotify's topic slugs. */
  readonly topics: readonly string[];
  /** Spotify's slugs of sensitive topics. */
  readonly sensitiveTopics: readonly string[];
  readonly transcriptUrl: string | null;
  /** null until somebody submits the episode for publishing. */
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

/** What Megaphone is, or was, told of an episode that may go out. */
export interface Publication {
  /** As Megaphone calls them. */
  readonly podcastId: string;
  readonly episodeId: string;
  readonly publishAt: Date;
  /** By which it may; of no other publication. */
  readonly evaluationId: string;
  readonly askedBy: string;
  readonly askedAt: Date;
  /** When Megaphone was told; null until it was. */
  readonly settledAt: Date | null;
}

export interface EpisodeRecords {
  /** Aligned with the ids; the last one of each episode. */
  publications(episodeIds: readonly string[]): Promise<readonly (Publication | undefined)[]>;
  /** Aligned with the ids; undefined for an episode nobody has written anything down about. */
  profiles(episodeIds: readonly string[]): Promise<readonly (EpisodeProfile | undefined)[]>;
}
