/**
 * Which episodes are there, one page after the other?
 *
 * Megaphone lists the episodes of one podcast; the catalogue is all podcasts in their order, each with its episodes in
 * theirs. A position in it is a podcast and how many of its episodes have passed, so a page asks only the podcasts it
 * shows. Filters are applied while walking: Megaphone has none that fit.
 *
 * The price: Megaphone lists the newest first and knows no place but a count, so between two pages an episode that is
 * added to the podcast repeats one at the top of the second, and one that is taken away hides one.
 */
import type { Megaphone, MegaphoneEpisode, MegaphonePodcast } from "../../sources/megaphone/client.ts";

export interface Position {
  readonly podcastId: string;
  /** Of the podcast's episodes, filtered or not. */
  readonly passed: number;
}

export interface Placed {
  readonly episode: MegaphoneEpisode;
  /** Just behind the episode. */
  readonly position: Position;
}

export interface Catalogue {
  /** Up to `count` episodes behind a position, or from the start; fewer only where the catalogue ends. */
  page(count: number, after: Position | undefined): Promise<readonly Placed[]>;
  count(): Promise<number>;
}

export interface CatalogueFilter {
  readonly podcastId?: string | undefined;
  /** Told a page at once, so that what it has to look up is one look-up. */
  readonly keep?: ((episodes: readonly MegaphoneEpisode[]) => Promise<readonly boolean[]>) | undefined;
}

/** Episodes asked for at once: what Megaphone gives at the most would be slow to come for a page of twenty. */
const PER_PAGE = 100;

export function catalogueOf(megaphone: Megaphone, { podcastId, keep }: CatalogueFilter): Catalogue {
  return {
    async page(count, after) {
      const found: Placed[] = [];
      for await (const placed of walk(after)) {
        found.push(placed);
        if (found.length === count) break;
      }
      return found;
    },

    async count() {
      if (!keep) {
        const totals = await Promise.all((await podcasts()).map(({ id }) => pageOf(id, 1).then(({ total }) => total)));
        return totals.reduce((sum, total) => sum + total, 0);
      }
      let kept = 0;
      for await (const { position } of walk(undefined)) kept += position ? 1 : 0;
      return kept;
    },
  };

  async function* walk(after: Position | undefined): AsyncGenerator<Placed> {
    const all = await podcasts();
    const first = after ? all.findIndex(({ id }) => id === after.podcastId) : 0;
    // A podcast that is gone leaves no place to go on from: the list ends.
    if (first === -1) return;
    for (const [index, podcast] of all.slice(first).entries()) {
      yield* walkPodcast(podcast, index === 0 ? (after?.passed ?? 0) : 0);
    }
  }

  async function* walkPodcast({ id }: MegaphonePodcast, passed: number): AsyncGenerator<Placed> {
    for (let page = Math.floor(passed / PER_PAGE) + 1; ; page += 1) {
      const { total, episodes } = await pageOf(id, page);
      const start = (page - 1) * PER_PAGE;
      const kept = keep ? await keep(episodes) : undefined;
      for (const [index, episode] of episodes.entries()) {
        const behind = start + index + 1;
        if (behind > passed && kept?.[index] !== false) yield { episode, position: { podcastId: id, passed: behind } };
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
