/**
 * How are Megaphone's replies parsed?
 *
 * Each item by itself, and only what is used of it. The API is not documented publicly: these fields were observed. A field
 * that may be absent is null or empty; only ids, a podcast's title and whether an episode is a draft are required.
 */
import { z } from "zod";
import { itemsOf } from "../../platform/items.ts";

export interface MegaphonePodcast {
  readonly id: string;
  readonly title: string;
  readonly author: string | null;
}

export interface MegaphoneEpisode {
  readonly id: string;
  readonly podcastId: string;
  /** Empty if it is absent. */
  readonly podcastTitle: string;
  readonly title: string | null;
  readonly summary: string | null;
  /** True also if it is not known. */
  readonly explicit: boolean;
  readonly draft: boolean;
  /** In the future for a scheduled episode; the planned date for a draft. */
  readonly publishedAt: Date | null;
  /** 0 until there is audio. */
  readonly durationMs: number;
  /** `success`, `processing`, `error`, `no_audio`; null if it is absent. */
  readonly audioFileStatus: string | null;
  /** `eighteen_plus`, `unspecified`; null if it is not known. */
  readonly contentRating: string | null;
  readonly promotional: boolean;
  /** Kebab-case slugs; null if they are not known, which is not the same as none. */
  readonly advertisingTags: readonly string[] | null;
  /** The episode's id in the Web API, once it is published there. */
  readonly spotifyId: string | null;
}

const Text = z
  .string()
  .nullish()
  .transform((text) => text || null);
const Texts = z
  .array(z.string())
  .nullish()
  .transform((texts) => texts ?? null);
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
/** A word, or a boolean in older replies. What is not known counts as explicit: nothing is published by a gap. */
const Explicit = z
  .union([z.boolean(), z.string()])
  .nullish()
  .transform((value) => !CLEAN.has(value));
const CLEAN: ReadonlySet<unknown> = new Set([false, "no", "clean", "false"]);
/** The graph's milliseconds are 32 bits: one longer episode would fail the list that it is in. */
const MAX_SECONDS = 2_147_483;
/** Fractional seconds; text in older replies. */
const Seconds = z.coerce
  .number()
  .min(0)
  .max(MAX_SECONDS)
  .nullish()
  .transform((seconds) => Math.round((seconds ?? 0) * 1000));

const PodcastReply = z.object({
  id: z.string().min(1),
  title: z.string(),
  author: Text,
}) satisfies z.ZodType<MegaphonePodcast>;

export const EpisodeReply = z
  .object({
    id: z.string().min(1),
    podcastId: z.string().min(1),
    podcastTitle: Text,
    title: Text,
    summary: Text,
    explicit: Explicit,
    draft: z.boolean(),
    pubdate: Instant,
    duration: Seconds,
    audioFileStatus: Text,
    contentRating: Text,
    promotionalContent: z.boolean().nullish(),
    advertisingTags: Texts,
    spotifyIdentifier: Text,
  })
  .transform(
    ({ pubdate, duration, promotionalContent, spotifyIdentifier, podcastTitle, ...episode }) =>
      ({
        ...episode,
        podcastTitle: podcastTitle ?? "",
        publishedAt: pubdate,
        durationMs: duration,
        promotional: promotionalContent ?? true,
        spotifyId: spotifyIdentifier,
      }) satisfies MegaphoneEpisode,
  );

/** What decides whether an episode has to be published. */
export const PublicationReply = z.object({ draft: z.boolean(), pubdate: Instant });

const items = itemsOf("megaphone");
export const PodcastsReply = items.list("podcast", PodcastReply);
export const EpisodesReply = items.list("episode", EpisodeReply);
/** Of an episode that is read by its id. */
export function episodeReply(id: string): z.ZodType<MegaphoneEpisode | Error> {
  return z.unknown().transform((raw) => items.item("episode", EpisodeReply, raw, id));
}
