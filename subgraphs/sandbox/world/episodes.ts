/**
 * Which shows and episodes do the sandboxes know?
 *
 * For each unit of scale 12 shows and 400 episodes, 80 of them unpublished: 40 drafts, 24 submitted drafts, and 16
 * scheduled episodes, which have a future publication date. The unpublished episodes are the newest of their show. A
 * larger scale adds shows and does not change the others. All dates are relative to the UTC day of `now`. The world is
 * independent of the APIs; each sandbox converts it to its format.
 */
import {
  EPISODES,
  capitalised,
  daysAfter,
  externalIdAt,
  planAt,
  podcastIdOf,
  showAt,
  showOf,
  slugAt,
  startOfDay,
} from "./episode-plan.ts";
import type { EpisodePlan } from "./episode-plan.ts";
import { createProfile } from "./episode-profiles.ts";
import type { EpisodeProfile } from "./episode-profiles.ts";
import { createWorldList } from "./list.ts";
import type { WorldList } from "./list.ts";
import { PROGRAMMES } from "./programmes.ts";
import { integer, pick, random, some, spotifyId, uuid } from "./random.ts";
import type { WorldEpisode, WorldShow } from "./episode.ts";

export interface EpisodeWorld {
  readonly shows: WorldList<WorldShow, "podcastId" | "spotifyId">;
  readonly episodes: WorldList<WorldEpisode, "id" | "spotifyId" | "podcastId">;
  /** First-party records, one for each episode and in the episodes' order. */
  readonly profiles: WorldList<EpisodeProfile>;
}

export interface EpisodeWorldOptions {
  /** A whole number from 1. */
  readonly scale: number;
  readonly now: Date;
  /** Kebab-case slugs that episodes are tagged with: `northwind-beer`. */
  readonly advertisers: readonly string[];
}

const HOUR_MS = 3_600_000;
/** Tags that are not advertisers. */
const HOUSE_TAGS = ["house-promo", "cross-promo", "public-service"] as const;
/** A trailer, and an uncut recording of a night. */
const UNUSUAL_MINUTES: Readonly<Record<string, readonly [shortest: number, longest: number]>> = {
  "packet-loss 1": [0.5, 0.8],
  "sobremesa-eterna 2": [610, 640],
};
const UNPUBLISHED_AUDIO = ["success", "success", "success", "processing", "error", "no_audio"] as const;

export function createEpisodes({ scale, now, advertisers }: EpisodeWorldOptions): EpisodeWorld {
  if (!Number.isInteger(scale) || scale < 1) {
    throw new RangeError(`scale must be a whole number from 1 but got ${scale}`);
  }
  const today = startOfDay(now);
  const shows = createWorldList({
    length: () => PROGRAMMES.length * scale,
    make: (index) => showAt(index, today),
    keys: {
      podcastId: (index) => podcastIdOf(slugAt(index)),
      spotifyId: (index) => spotifyId("show", slugAt(index)),
    },
  });
  const planOf = (index: number): EpisodePlan => planAt(index, today, (show) => shows.at(show) ?? showAt(show, today));
  const length = (): number => EPISODES * scale;
  return {
    shows,
    episodes: createWorldList({
      length,
      make: (index) => createEpisode(planOf(index), advertisers),
      keys: {
        id: (index) => uuid("episode", externalIdAt(index)),
        spotifyId: (index) => spotifyId("episode", externalIdAt(index)),
        podcastId: (index) => podcastIdOf(slugAt(showOf(index))),
      },
    }),
    profiles: createWorldList({
      length,
      make(index) {
        const plan = planOf(index);
        return createProfile(plan, createEpisode(plan, advertisers));
      },
    }),
  };
}

/** Whether listeners can hear it at that time. A scheduled episode is published once its date has passed. */
export function isPublished(episode: WorldEpisode, at: Date): boolean {
  return !episode.draft && episode.pubdate !== null && episode.pubdate <= at;
}

function createEpisode(plan: EpisodePlan, advertisers: readonly string[]): WorldEpisode {
  const { programme, subject, stage, externalId, show } = plan;
  const name = ["episode", externalId] as const;
  const [shortest, longest] = UNUSUAL_MINUTES[`${show.slug} ${plan.number}`] ?? programme.minutes;
  const line = capitalised(
    pick(programme.lines, ...name, "line").replace("{guest}", pick(programme.guests, ...name, "guest")),
  );
  const durationMs = integer(shortest * 60_000, longest * 60_000, ...name, "duration");
  const isExplicit = random(...name, "explicit") < programme.explicit;
  const isReleased = stage === "PUBLISHED" || stage === "SCHEDULED";
  return {
    id: uuid(...name),
    spotifyId: spotifyId(...name),
    podcastId: show.podcastId,
    title: plan.title,
    subtitle: line,
    summary: `${subject.about} ${line} ${pick(programme.closings, ...name, "closing")}`,
    explicit: isExplicit ? "yes" : pick(["no", "no", "clean"] as const, ...name, "clean"),
    languages: [programme.language, ...some(programme.alsoIn ?? [], 0.3, ...name, "language")],
    draft: !isReleased,
    episodeNumber: isReleased ? plan.number : null,
    seasonNumber: isReleased ? Math.ceil(plan.number / 12) : null,
    guid: uuid(...name, "guid"),
    externalId,
    audioFileStatus: isReleased ? "success" : pick(UNPUBLISHED_AUDIO, ...name, "audio"),
    durationMs,
    insertionPoints: [0, Math.round(durationMs * 0.3) / 1000, Math.round(durationMs * 0.65) / 1000],
    contentRating: isExplicit && random(...name, "rating") < 0.25 ? "eighteen_plus" : "unspecified",
    promotionalContent: random(...name, "promotional") < 0.12,
    advertisingTags: tagsOf(externalId, advertisers),
    restriction: random(...name, "restriction") < 0.03 ? "product" : null,
    ...datesOf(plan),
  };
}

/** Each show has its own publishing hour and interval. The latest publication is yesterday. */
function datesOf({ programme, show, newer, stage, today, externalId }: EpisodePlan): {
  readonly pubdate: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
} {
  const name = ["episode", externalId] as const;
  const hour = integer(3, 17, "podcast", show.slug, "hour");
  const on = (days: number): Date => new Date(daysAfter(today, days).getTime() + hour * HOUR_MS);
  const pubdate = {
    PUBLISHED: () =>
      on(-1 - newer * programme.everyDays - integer(0, programme.everyDays - 1, "podcast", show.slug, "day")),
    SCHEDULED: () => on(integer(1, 21, ...name, "pubdate")),
    SUBMITTED: () => on(integer(3, 60, ...name, "pubdate")),
    DRAFT: () => (random(...name, "undated") < 0.7 ? null : on(integer(3, 60, ...name, "pubdate"))),
  }[stage]();
  const createdAt =
    stage === "PUBLISHED" && pubdate
      ? daysAfter(pubdate, -integer(2, 20, ...name, "created"))
      : on(-integer(2, 14, ...name, "created"));
  return {
    pubdate,
    createdAt,
    updatedAt: new Date(createdAt.getTime() + integer(1, 30, ...name, "updated") * HOUR_MS),
  };
}

/** Most episodes have one or two advertisers, some have none, and some have a tag that is not an advertiser. */
function tagsOf(externalId: string, advertisers: readonly string[]): readonly string[] {
  const name = ["episode", externalId, "tags"] as const;
  const sponsors = advertisers.length === 0 ? 0 : pick([0, 0, 1, 1, 2], ...name);
  const named = Array.from({ length: sponsors }, (_, index) => pick(advertisers, ...name, index));
  return [...new Set([...named, ...some(HOUSE_TAGS, 0.1, ...name, "house")])];
}
