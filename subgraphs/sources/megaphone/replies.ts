/**
 * How are Megaphone's replies parsed?
 *
 * The API is not documented publicly: these fields were observed. A field that may be absent is null or empty; only an id,
 * a title and whether an episode is a draft are required.
 */
import { z } from "zod";

export interface MegaphonePodcast {
  readonly id: string;
  readonly title: string;
  readonly author: string | null;
  readonly summary: string | null;
  /** As entered: `en`, `en-us`. */
  readonly language: string | null;
  readonly explicit: boolean;
  readonly categories: readonly string[];
  readonly episodes: number | null;
  /** The show's id in the Web API. */
  readonly spotifyId: string | null;
}

export interface MegaphoneEpisode {
  readonly id: string;
  readonly podcastId: string;
  /** Empty if it is absent. */
  readonly podcastTitle: string;
  readonly title: string;
  readonly subtitle: string | null;
  readonly summary: string | null;
  /** False also if it is not known. */
  readonly explicit: boolean;
  readonly draft: boolean;
  /** In the future for a scheduled episode; the planned date for a draft. */
  readonly publishedAt: Date | null;
  /** 0 until there is audio. */
  readonly durationMs: number;
  /** `success`, `processing`, `error`, `no_audio`; null if it is absent. */
  readonly audioFileStatus: string | null;
  /** `eighteen_plus`, `unspecified`. */
  readonly contentRating: string | null;
  readonly promotional: boolean;
  /** Kebab-case slugs. */
  readonly advertisingTags: readonly string[];
  readonly episodeNumber: number | null;
  readonly seasonNumber: number | null;
  readonly externalId: string | null;
  /** The episode's id in the Web API, once it is published there. */
  readonly spotifyId: string | null;
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
}

const Text = z
  .string()
  .nullish()
  .transform((text) => text || null);
const Texts = z
  .array(z.string())
  .nullish()
  .transform((texts) => texts ?? []);
const Count = z
  .number()
  .nullish()
  .transform((count) => count ?? null);
const Instant = z
  .string()
  .nullish()
  .transform((text, context) => {
    if (!text) return null;
    const date = new Date(text);
    if (!Number.isNaN(date.getTime())) return date;
    context.addIssue({ code: "custom", message: "Invalid input: expected a date" });
    return z.NEVER;
  });
/** A word, or a boolean in older replies. An unknown word counts as explicit. */
const Explicit = z
  .union([z.boolean(), z.string()])
  .nullish()
  .transform((value) => ![false, "no", "clean", "false", "", null, undefined].includes(value));
/** Fractional seconds; text in older replies. */
const Seconds = z.coerce
  .number()
  .min(0)
  .nullish()
  .transform((seconds) => Math.round((seconds ?? 0) * 1000));

export const PodcastReply = z
  .object({
    id: z.string().min(1),
    title: z.string(),
    author: Text,
    summary: Text,
    language: Text,
    explicit: Explicit,
    itunesCategories: Texts,
    episodesCount: Count,
    spotifyIdentifier: Text,
  })
  .transform(
    ({ itunesCategories: categories, episodesCount: episodes, spotifyIdentifier: spotifyId, ...podcast }) =>
      ({ ...podcast, categories, episodes, spotifyId }) satisfies MegaphonePodcast,
  );

export const EpisodeReply = z
  .object({
    id: z.string().min(1),
    podcastId: z.string().min(1),
    podcastTitle: Text,
    title: z.string(),
    subtitle: Text,
    summary: Text,
    explicit: Explicit,
    draft: z.boolean(),
    pubdate: Instant,
    duration: Seconds,
    audioFileStatus: Text,
    contentRating: Text,
    promotionalContent: z.boolean().nullish(),
    advertisingTags: Texts,
    episodeNumber: Count,
    seasonNumber: Count,
    externalId: Text,
    spotifyIdentifier: Text,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .transform(
    ({ pubdate, duration, promotionalContent, spotifyIdentifier, podcastTitle, ...episode }) =>
      ({
        ...episode,
        podcastTitle: podcastTitle ?? "",
        publishedAt: pubdate,
        durationMs: duration,
        promotional: promotionalContent ?? false,
        spotifyId: spotifyIdentifier,
      }) satisfies MegaphoneEpisode,
  );
