import { describe, expect, it } from "vitest";
import { createEpisodes, isPublished } from "../../../subgraphs/sandbox/world/episodes.ts";
import type { EpisodeWorld } from "../../../subgraphs/sandbox/world/episodes.ts";
import { PROGRAMMES, SENSITIVE_TOPICS, TOPICS } from "../../../subgraphs/sandbox/world/programmes.ts";
import { whole } from "../../support/whole.ts";
import type { Whole } from "../../support/whole.ts";

const now = new Date("2026-03-10T13:45:00Z");
const advertisers = ["northwind-beer", "halcyon-bank", "larkspur-toys"];
const world = whole(createEpisodes({ scale: 1, now, advertisers }));

function at(moment: string): Whole<EpisodeWorld> {
  return whole(createEpisodes({ scale: 1, now: new Date(moment), advertisers }));
}

/** The number of episodes in each stage. */
function stages({ episodes, profiles }: Whole<EpisodeWorld>): Record<string, number> {
  const names = episodes.map((episode, index) => {
    if (episode.draft) return profiles[index]?.submission ? "SUBMITTED" : "DRAFT";
    return isPublished(episode, now) ? "PUBLISHED" : "SCHEDULED";
  });
  return Object.fromEntries(
    Array.from(
      Map.groupBy(names, (name) => name),
      ([name, all]) => [name, all.length],
    ),
  );
}

describe("the world's episodes", () => {
  it("are 400 of 12 shows, 80 of them unpublished", () => {
    expect(world.shows).toHaveLength(12);
    expect(stages(world)).toEqual({ PUBLISHED: 320, SCHEDULED: 16, SUBMITTED: 24, DRAFT: 40 });
  });

  it("grow with the scale, and contain the smaller world", () => {
    const triple = whole(createEpisodes({ scale: 3, now, advertisers }));
    expect([triple.shows.length, triple.episodes.length]).toEqual([36, 1200]);
    expect(stages(triple)).toEqual({ PUBLISHED: 960, SCHEDULED: 48, SUBMITTED: 72, DRAFT: 120 });
    expect(triple.episodes.slice(0, 400)).toEqual(world.episodes);
    expect(new Set(triple.shows.map((show) => show.title)).size).toBe(36);
  });

  it.each([0, -1, 1.5, Number.NaN])("cannot be made at a scale of %d", (scale) => {
    expect(() => createEpisodes({ scale, now, advertisers })).toThrow(
      new RangeError(`scale must be a whole number from 1 but got ${scale}`),
    );
  });

  it("are the same all day, and their dates move with the day", () => {
    expect(at("2026-03-10T00:00:00Z")).toEqual(at("2026-03-10T23:59:59Z"));
    const [today, tomorrow] = [at("2026-03-10T00:00:00Z"), at("2026-03-11T00:00:00Z")];
    const shifts = today.episodes.map((episode, index) => {
      const later = tomorrow.episodes[index];
      return later && Number(later.createdAt) - Number(episode.createdAt);
    });
    expect(new Set(shifts)).toEqual(new Set([86_400_000]));
    expect(tomorrow.episodes.map(({ id }) => id)).toEqual(today.episodes.map(({ id }) => id));
  });

  it("have unique ids, external ids and guids", () => {
    for (const key of ["id", "spotifyId", "externalId", "guid"] as const) {
      expect(new Set(world.episodes.map((episode) => episode[key])).size).toBe(400);
    }
    expect(world.profiles.map(({ episodeId }) => episodeId)).toEqual(world.episodes.map(({ id }) => id));
  });

  it("have unique titles within a show", () => {
    const largest = whole(createEpisodes({ scale: 15, now, advertisers }));
    for (const [podcastId, own] of Map.groupBy(largest.episodes, (episode) => episode.podcastId)) {
      expect([podcastId, new Set(own.map((episode) => episode.title)).size]).toEqual([podcastId, own.length]);
    }
    expect(new Set(largest.shows.map((show) => show.podcastId)).size).toBe(180);
  });

  it("have texts without placeholders", () => {
    const texts = world.episodes.flatMap(({ title, subtitle, summary }) => [title, subtitle, summary]);
    expect(texts.filter((text) => /[{}]|undefined|null/.test(text))).toEqual([]);
  });

  it("last 8 to 180 minutes, except a trailer and an uncut recording, and have their ad breaks before the end", () => {
    const minutes = world.episodes.map(({ durationMs }) => durationMs / 60_000).toSorted((left, right) => left - right);
    expect([minutes[0], minutes.at(-1)].map((unusual) => Math.round(unusual ?? 0))).toEqual([1, 616]);
    expect(minutes.slice(1, -1).filter((usual) => usual < 8 || usual > 180)).toEqual([]);
    expect(
      world.episodes.filter(({ durationMs, insertionPoints }) => Math.max(...insertionPoints) >= durationMs / 1000),
    ).toEqual([]);
  });

  it("were made before they were published, and before now", () => {
    for (const { createdAt, updatedAt, pubdate } of world.episodes) {
      expect(Number(createdAt)).toBeLessThan(Number(updatedAt));
      expect(Number(updatedAt)).toBeLessThan(Number(now));
      expect(Number(createdAt)).toBeLessThan(Number(pubdate ?? now));
    }
  });

  it("are tagged with the given advertisers, and without any if none are given", () => {
    const tags = new Set(world.episodes.flatMap((episode) => episode.advertisingTags));
    expect([...tags].toSorted()).toEqual([...advertisers, "cross-promo", "house-promo", "public-service"].toSorted());
    const bare = whole(createEpisodes({ scale: 1, now, advertisers: [] }));
    expect(bare.episodes.flatMap((episode) => episode.advertisingTags).some((tag) => advertisers.includes(tag))).toBe(
      false,
    );
  });

  it("have every topic, every sensitive topic, five languages and all states of an audio file", () => {
    expect(new Set(world.profiles.flatMap(({ topics }) => topics))).toEqual(new Set(TOPICS));
    expect(new Set(world.profiles.flatMap(({ sensitiveTopics }) => sensitiveTopics))).toEqual(
      new Set(SENSITIVE_TOPICS),
    );
    expect(new Set(world.episodes.map(({ languages }) => languages[0]))).toEqual(
      new Set(["en", "de", "es", "sv", "pt"]),
    );
    expect(new Set(world.episodes.map(({ audioFileStatus }) => audioFileStatus))).toEqual(
      new Set(["success", "processing", "error", "no_audio"]),
    );
  });

  it("have submissions that lack an approval, the markets or the languages", () => {
    const submissions = world.profiles.flatMap(({ submission }) => submission ?? []);
    expect(new Set(submissions.flatMap(({ markets }) => markets)).size).toBeGreaterThanOrEqual(12);
    expect(new Set(submissions.flatMap(({ disclaimers }) => disclaimers)).size).toBe(6);
    for (const approval of ["editorial", "legal", "rights", "brand"] as const) {
      expect(submissions.some(({ approvals }) => !approvals.includes(approval))).toBe(true);
    }
    expect(submissions.some(({ markets }) => markets.length === 0)).toBe(true);
    expect(submissions.some(({ languages }) => languages.length === 0)).toBe(true);
    expect(submissions.every(({ submittedAt }) => submittedAt < now)).toBe(true);
    expect(new Set(world.profiles.map(({ transcriptUrl }) => transcriptUrl === null)).size).toBe(2);
  });

  it("have at least as many pairs of subject and title as a programme has episodes", () => {
    expect(PROGRAMMES.reduce((sum, { share }) => sum + share, 0)).toBe(400);
    for (const { name, share, subjects, titles } of PROGRAMMES) {
      expect([name, subjects.length * titles.length >= share]).toEqual([name, true]);
    }
  });
});
