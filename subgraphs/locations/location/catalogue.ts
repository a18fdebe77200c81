/**
 * Which locations are there, one page after the other?
 *
 * In Soundtrack's order: account by account, and each account's by name. Without a filter a page asks Soundtrack for what
 * it shows; with one, whole, since Soundtrack has no filter that fits and half a list cannot be counted.
 */
import type {
  PlacedLocation,
  Soundtrack,
  SoundtrackLocation,
  SoundtrackPosition,
} from "../../sources/soundtrack/client.ts";

export interface Catalogue {
  /** Up to `count` locations behind a position, or from the start; fewer only where the catalogue ends. */
  page(count: number, after: SoundtrackPosition | undefined): Promise<readonly PlacedLocation[]>;
  count(): Promise<number>;
}

/** Told all locations at once, so that what it has to look up is one look-up. */
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
      const behind = after ? await behindOf(all, after) : all;
      return (await kept(behind, keep)).slice(0, count);
    },
    count: async () => (await kept(await soundtrack.everyLocation(), keep)).length,
  };

  /** A location that has gone is where it was among those of its account. */
  async function behindOf(
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

async function kept(all: readonly PlacedLocation[], keep: Keep): Promise<readonly PlacedLocation[]> {
  const wanted = await keep(all.map(({ location }) => location));
  return all.filter((_placed, index) => wanted[index]);
}
