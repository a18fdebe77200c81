/**
 * How are all locations listed in pages?
 *
 * In Soundtrack's order: account by account, and by name within an account. Without a filter a page reads only what it
 * shows. With a filter it reads all locations: Soundtrack has no such filter, and the total has to be counted.
 */
import type { Soundtrack } from "../../sources/soundtrack/client.ts";
import type { PlacedLocation, SoundtrackPosition } from "../../sources/soundtrack/walk.ts";
import type { SoundtrackLocation } from "../../sources/soundtrack/replies.ts";

export interface Catalogue {
  /** Up to `count` locations after a position, or from the start; fewer only at the end. */
  page(count: number, after: SoundtrackPosition | undefined): Promise<readonly PlacedLocation[]>;
  count(): Promise<number>;
}

/** Gets all locations at once, so that its reads are one batch. Aligned with them. */
export type Keep = (locations: readonly SoundtrackLocation[]) => Promise<readonly boolean[]>;

export function catalogueOf(soundtrack: Soundtrack, keep: Keep | undefined): Catalogue {
  if (!keep) {
    return {
      page: (count, after) => soundtrack.locations({ first: count, after }),
      count: async () => (await soundtrack.accounts()).reduce((sum, { locations }) => sum + locations, 0),
    };
  }

  return {
    async page(count, after) {
      const all = await soundtrack.everyLocation();
      const rest = after ? await locationsAfter(all, after) : all;
      return (await filter(rest, keep)).slice(0, count);
    },
    count: async () => (await filter(await soundtrack.everyLocation(), keep)).length,
  };

  /** A location that was deleted meanwhile keeps its position in its account. */
  async function locationsAfter(
    all: readonly PlacedLocation[],
    after: SoundtrackPosition,
  ): Promise<readonly PlacedLocation[]> {
    const accounts = new Map((await soundtrack.accounts()).map(({ id }, index) => [id, index]));
    const same = all.find(({ position }) => position.accountId === after.accountId && position.cursor === after.cursor);
    const { accountId, passed } = same?.position ?? after;
    const account = accounts.get(accountId);
    if (account === undefined) return [];
    return all.filter(({ position }) => {
      const other = accounts.get(position.accountId) ?? -1;
      return other > account || (other === account && position.passed > passed);
    });
  }
}

async function filter(all: readonly PlacedLocation[], keep: Keep): Promise<readonly PlacedLocation[]> {
  const isKept = await keep(all.map(({ location }) => location));
  return all.filter((_, index) => isKept[index]);
}
