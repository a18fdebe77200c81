/**
 * Which episodes are there, page by page?
 *
 * Megaphone lists the episodes of one podcast. The catalogue is all podcasts in Megaphone's order, each with its episodes
 * in Megaphone's order. A position is a podcast and the number of its episodes up to there, so a page reads only the
 * podcasts it shows. Filters are applied while walking, because Megaphone has none that fit.
 *
 * The price: Megaphone lists the newest first and pages by offset. If an episode is added to the podcast between two
 * pages, the second page repeats one; if an episode is removed, the second page misses one.
 */
import { ItemError, readable } from "../../platform/items.ts";
import type { Context } from "../../platform/context.ts";
import { EPISODES_PER_PAGE } from "../../sources/megaphone/facts.ts";
import type { MegaphoneFacts } from "../../sources/megaphone/facts.ts";
import type { MegaphoneEpisode, MegaphonePodcast } from "../../sources/megaphone/replies.ts";

export interface Position {
  readonly podcastId: string;
  /** How many of the podcast's episodes are before the position, filtered out or not. */
  readonly passed: number;
}

export interface CatalogueEntry {
  readonly episode: MegaphoneEpisode;
  /** When it was read, in milliseconds since the epoch. */
  readonly asOf: number;
  /** Just after the episode. */
  readonly position: Position;
}

export interface Catalogue {
  /** Up to `count` episodes after the position, or from the start; fewer only at the end of the catalogue. */
  page(count: number, after: Position | undefined): Promise<readonly CatalogueEntry[]>;
  count(): Promise<number>;
}

export interface CatalogueOptions {
  /** Its log gets what is left out because it cannot be read. */
  readonly context: Context;
  readonly podcastId?: string | undefined;
  readonly filter?: CatalogueFilter | undefined;
}

/** Aligned with the entries: a whole page of Megaphone's, so that its look-ups are one batch. */
export type CatalogueFilter = (entries: readonly CatalogueEntry[]) => Promise<readonly boolean[]>;

const PER_PAGE = EPISODES_PER_PAGE;

export function catalogueOf(megaphone: MegaphoneFacts, { context, podcastId, filter }: CatalogueOptions): Catalogue {
  const { log } = context;

  return {
    async page(count, after) {
      const entries: CatalogueEntry[] = [];
      for await (const entry of walk(after)) {
        entries.push(entry);
        if (entries.length === count) break;
      }
      return entries;
    },

    async count() {
      const ids = await podcastIds();
      const totals = filter
        ? [null]
        : await Promise.all(ids.map((id) => pageOf(id, 1).then(({ value }) => value.total)));
      let sum = 0;
      for (const total of totals) {
        if (total === null) return countByWalking();
        sum += total;
      }
      return sum;
    },
  };

  async function countByWalking(): Promise<number> {
    let count = 0;
    for await (const { position } of walk(undefined)) count += position ? 1 : 0;
    return count;
  }

  async function* walk(after: Position | undefined): AsyncGenerator<CatalogueEntry> {
    const all = await podcastIds();
    const first = after ? all.indexOf(after.podcastId) : 0;
    // The position's podcast was deleted, so nothing tells where to continue: the list ends.
    if (first === -1) return;
    for (const [index, id] of all.slice(first).entries()) {
      yield* walkPodcast(id, index === 0 ? (after?.passed ?? 0) : 0);
    }
  }

  async function* walkPodcast(id: string, passed: number): AsyncGenerator<CatalogueEntry> {
    for (let page = Math.floor(passed / PER_PAGE) + 1; ; page += 1) {
      const { value, asOf } = await pageOf(id, page);
      const { total, episodes } = value;
      const start = (page - 1) * PER_PAGE;
      const entries = episodes.map((episode, index) =>
        episode instanceof Error ? episode : { episode, asOf, position: { podcastId: id, passed: start + index + 1 } },
      );
      const known = readable(log, entries);
      const matches = await filter?.(known);
      for (const [index, entry] of known.entries()) {
        if (entry.position.passed > passed && matches?.[index] !== false) yield entry;
      }
      if (episodes.length === 0) return;
      if (total === null ? episodes.length < PER_PAGE : start + episodes.length >= total) return;
    }
  }

  /** A podcast that cannot be read still has its episodes, if its id can be read. */
  async function podcastIds(): Promise<readonly string[]> {
    const all = await megaphone.podcasts(context);
    const ids = readable(log, all.map(idOf));
    return podcastId === undefined ? ids : ids.filter((id) => id === podcastId);
  }

  function pageOf(podcast: string, page: number): ReturnType<MegaphoneFacts["episodes"]> {
    return megaphone.episodes(context, podcast, page);
  }
}

function idOf(podcast: MegaphonePodcast | Error): string | Error {
  if (podcast instanceof ItemError) return podcast.id ?? podcast;
  return podcast instanceof Error ? podcast : podcast.id;
}
