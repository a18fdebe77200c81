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
import type { Megaphone } from "../../sources/megaphone/client.ts";
import type { MegaphoneEpisode, MegaphonePodcast } from "../../sources/megaphone/replies.ts";

export interface Position {
  readonly podcastId: string;
  /** How many of the podcast's episodes are before the position, filtered out or not. */
  readonly passed: number;
}

export interface CatalogueEntry {
  readonly episode: MegaphoneEpisode;
  /** Just after the episode. */
  readonly position: Position;
}

export interface Catalogue {
  /** Up to `count` episodes after the position, or from the start; fewer only at the end of the catalogue. */
  page(count: number, after: Position | undefined): Promise<readonly CatalogueEntry[]>;
  count(): Promise<number>;
}

export interface CatalogueOptions {
  readonly podcastId?: string | undefined;
  /** Aligned with the episodes. Called with a whole page of Megaphone's, so that its look-ups are one batch. */
  readonly filter?: ((episodes: readonly MegaphoneEpisode[]) => Promise<readonly boolean[]>) | undefined;
}

/** Megaphone's maximum is 500, which is slow for a client's page of 20. */
const PER_PAGE = 100;

export function catalogueOf(megaphone: Megaphone, { podcastId, filter }: CatalogueOptions): Catalogue {
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
      if (!filter) {
        const totals = await Promise.all((await podcasts()).map(({ id }) => pageOf(id, 1).then(({ total }) => total)));
        return totals.reduce((sum, total) => sum + total, 0);
      }
      let count = 0;
      for await (const { position } of walk(undefined)) count += position ? 1 : 0;
      return count;
    },
  };

  async function* walk(after: Position | undefined): AsyncGenerator<CatalogueEntry> {
    const all = await podcasts();
    const first = after ? all.findIndex(({ id }) => id === after.podcastId) : 0;
    // The position's podcast was deleted, so nothing tells where to continue: the list ends.
    if (first === -1) return;
    for (const [index, podcast] of all.slice(first).entries()) {
      yield* walkPodcast(podcast, index === 0 ? (after?.passed ?? 0) : 0);
    }
  }

  async function* walkPodcast({ id }: MegaphonePodcast, passed: number): AsyncGenerator<CatalogueEntry> {
    for (let page = Math.floor(passed / PER_PAGE) + 1; ; page += 1) {
      const { total, episodes } = await pageOf(id, page);
      const start = (page - 1) * PER_PAGE;
      const matches = await filter?.(episodes);
      for (const [index, episode] of episodes.entries()) {
        const position = { podcastId: id, passed: start + index + 1 };
        if (position.passed > passed && matches?.[index] !== false) yield { episode, position };
      }
      if (episodes.length === 0 || start + episodes.length >= total) return;
    }
  }

  async function podcasts(): Promise<readonly MegaphonePodcast[]> {
    const all = await megaphone.podcasts();
    return podcastId === undefined ? all : all.filter(({ id }) => id === podcastId);
  }

  function pageOf(podcast: string, page: number): ReturnType<Megaphone["episodes"]> {
    return megaphone.episodes(podcast, { page, perPage: PER_PAGE });
  }
}
