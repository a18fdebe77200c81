/** Which fields do a show and an episode have in the sandboxes' world? */

export interface WorldShow {
  /** The id in Megaphone. */
  readonly podcastId: string;
  readonly spotifyId: string;
  readonly title: string;
  readonly slug: string;
  readonly publisher: string;
  readonly author: string;
  readonly summary: string;
  readonly languages: readonly string[];
  readonly explicit: boolean;
  readonly categories: readonly string[];
  /** The ISO countries in which it is available. */
  readonly markets: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface WorldEpisode {
  /** The id in Megaphone. */
  readonly id: string;
  /** Its id in the Web API, where it appears once it is published. */
  readonly spotifyId: string;
  readonly podcastId: string;
  readonly title: string;
  readonly subtitle: string;
  readonly summary: string;
  readonly explicit: "yes" | "no" | "clean";
  readonly languages: readonly string[];
  readonly draft: boolean;
  /** The planned date of a draft. */
  readonly pubdate: Date | null;
  readonly episodeNumber: number | null;
  readonly seasonNumber: number | null;
  readonly guid: string;
  /** Unique in the network. */
  readonly externalId: string;
  readonly audioFileStatus: "success" | "processing" | "error" | "no_audio";
  readonly durationMs: number;
  /** Seconds from the beginning. */
  readonly insertionPoints: readonly number[];
  readonly contentRating: "eighteen_plus" | "unspecified";
  readonly promotionalContent: boolean;
  readonly advertisingTags: readonly string[];
  /** Why Spotify restricts it. */
  readonly restriction: "product" | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
