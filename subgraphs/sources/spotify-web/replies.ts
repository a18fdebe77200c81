/**
 * What does a reply of the Web API say?
 *
 * In development mode some fields are gone, and a field that some replies leave out is null or empty here; whatever is
 * read without which nothing makes sense must be there.
 */
import { z } from "zod";

export interface WebEpisode {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly durationMs: number;
  /** False also where nobody said. */
  readonly explicit: boolean;
  /** ISO 639 codes. */
  readonly languages: readonly string[];
  /** Midnight UTC of the first day it may have been released on; null where Spotify does not know. */
  readonly releasedAt: Date | null;
  readonly playable: boolean;
  /** Why it is not playable, where Spotify says so: `market`, `product`, `explicit` or a word to come. */
  readonly restriction: string | null;
  readonly uri: string;
  readonly url: string | null;
  readonly show: { readonly id: string; readonly name: string; readonly publisher: string | null };
}

export interface WebTrack {
  readonly id: string;
  /** False also where nobody said. */
  readonly explicit: boolean;
}

const Text = z
  .string()
  .nullish()
  .transform((text) => text || null);
const Languages = z
  .array(z.string())
  .nullish()
  .transform((languages) => languages ?? []);
const Url = z
  .object({ spotify: Text })
  .nullish()
  .transform((urls) => urls?.spotify ?? null);

export const WebEpisodeReply = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().default(""),
    duration_ms: z.number(),
    explicit: z.boolean(),
    languages: Languages,
    release_date: Text,
    is_playable: z.boolean().default(true),
    restrictions: z.object({ reason: Text }).nullish(),
    uri: z.string(),
    external_urls: Url,
    show: z.object({ id: z.string(), name: z.string(), publisher: Text }),
  })
  .transform(
    ({ duration_ms: durationMs, release_date, is_playable: playable, restrictions, external_urls: url, ...episode }) =>
      ({
        ...episode,
        durationMs,
        playable,
        restriction: restrictions?.reason ?? null,
        url,
        releasedAt: dateOf(release_date),
      }) satisfies WebEpisode,
  );

/** Relinked, a track has another id than the one it was asked for by. */
export const WebTrackReply = z.object({ id: z.string(), explicit: z.boolean() }) satisfies z.ZodType<WebTrack>;

/** A year, a month or a day; the year 0 is Spotify's way of not knowing. */
function dateOf(text: string | null): Date | null {
  const isDate = text !== null && /^(?!0000)\d{4}(-\d{2}){0,2}$/.test(text);
  const date = new Date(isDate ? text : Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}
