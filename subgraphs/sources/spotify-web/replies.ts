/**
 * How are the replies of the Web API parsed?
 *
 * Fields that are absent in development mode or in some replies are null or empty; the others are required.
 */
import { z } from "zod";

export interface WebEpisode {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly durationMs: number;
  /** False also if it is not known. */
  readonly explicit: boolean;
  /** ISO 639 codes. */
  readonly languages: readonly string[];
  /** Midnight UTC of the first possible release day; null if it is not known. */
  readonly releasedAt: Date | null;
  readonly playable: boolean;
  /** Why it is not playable, if known: `market`, `product`, `explicit`, or a future value. */
  readonly restriction: string | null;
  readonly uri: string;
  readonly url: string | null;
  readonly show: { readonly id: string; readonly name: string; readonly publisher: string | null };
}

export interface WebTrack {
  readonly id: string;
  /** False also if it is not known. */
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

/** A relinked track has another id than the requested one. */
export const WebTrackReply = z.object({ id: z.string(), explicit: z.boolean() }) satisfies z.ZodType<WebTrack>;

/** A year, a month or a day; the year 0 means unknown. */
function dateOf(text: string | null): Date | null {
  const isDate = text !== null && /^(?!0000)\d{4}(-\d{2}){0,2}$/.test(text);
  const date = new Date(isDate ? text : Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date;
}
