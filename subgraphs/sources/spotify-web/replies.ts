/**
 * How are the replies of the Web API parsed?
 *
 * Each item by itself, and only what is used of it: whether it is explicit, and its languages, which are absent in some
 * replies.
 */
import { z } from "zod";
import { itemsOf, orNull } from "../../platform/items.ts";
import type { Results } from "../../platform/results.ts";

export interface WebEpisode {
  /** Spotify's; null if it cannot be read. */
  readonly id: string | null;
  /** False also if it is not known. */
  readonly explicit: boolean;
  /** ISO 639 codes. */
  readonly languages: readonly string[];
}

export interface WebTrack {
  /** Spotify's, another one than the requested if the track was relinked; null if it cannot be read. */
  readonly id: string | null;
  /** False also if it is not known. */
  readonly explicit: boolean;
}

/** How one kind of item is parsed, from its own reply or from a list. */
export interface WebReplies<T> {
  one(id: string): z.ZodType<T | Error>;
  /** Aligned with the ids: null for one that does not exist. */
  many(ids: readonly string[]): z.ZodType<Results<T | null>>;
}

const items = itemsOf("spotify-web");
const Id = orNull(z.string());
const Languages = z
  .array(z.string())
  .nullish()
  .transform((languages) => languages ?? []);

export const WebEpisodeReplies = repliesOf<WebEpisode>(
  "episode",
  z.object({ id: Id, explicit: z.boolean(), languages: Languages }),
);
export const WebTrackReplies = repliesOf<WebTrack>("track", z.object({ id: Id, explicit: z.boolean() }));

/** Items are aligned by their places, and named by the ids they were asked for: a relinked track has another id. */
function repliesOf<T>(kind: string, schema: z.ZodType<T>): WebReplies<T> {
  const list = `${kind}s`;
  return {
    one: (id) => z.unknown().transform((raw) => items.item(kind, schema, raw, id)),
    many: (ids) =>
      z
        .object({ [list]: z.array(z.unknown()).length(ids.length) })
        .transform((reply) =>
          (reply[list] ?? []).map((raw, index) => items.item(kind, schema.nullable(), raw, ids[index] ?? index)),
        ),
  };
}
