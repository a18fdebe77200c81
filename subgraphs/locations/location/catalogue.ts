/**
 * How are all locations listed in pages?
 *
 * In Soundtrack's order: account by account, and by name within an account. Without a filter a page reads only what it
 * shows. With a filter it reads all locations: Soundtrack has no such filter, and the total has to be counted.
 */
import type { Context } from "../../platform/context.ts";
import { readable, reportUnreadable } from "../../platform/items.ts";
import { withoutErrors } from "../../platform/results.ts";
import type { DatedLocation, DatedLocations, Soundtrack } from "../../sources/soundtrack/client.ts";
import type { SoundtrackPosition } from "../../sources/soundtrack/walk.ts";
import type { SoundtrackLocation } from "../../sources/soundtrack/replies.ts";

export interface Catalogue {
  /** Up to `count` locations after a position, or from the start; fewer only at the end. */
  page(count: number, after: SoundtrackPosition | undefined): Promise<readonly DatedLocation[]>;
  count(): Promise<number>;
}

/** Gets all locations at once, so that its reads are one batch. Aligned with them. */
export type Keep = (locations: readonly SoundtrackLocation[]) => Promise<readonly boolean[]>;

/** The log of the context gets what is left out because it cannot be read. */
export function catalogueOf(soundtrack: Soundtrack, keep: Keep | undefined, context: Context): Catalogue {
  const { log } = context;

  if (!keep) {
    return {
      page: async (count, after) => readableOf(log, await soundtrack.locations(context, { first: count, after })),
      count: async () => {
        const accounts = readable(log, await soundtrack.accounts(context));
        return accounts.reduce((sum, { locations }) => sum + (locations ?? 0), 0);
      },
    };
  }

  return {
    async page(count, after) {
      const all = await everyLocation();
      const rest = after ? await locationsAfter(all, after) : all;
      return (await filter(rest, keep)).slice(0, count);
    },
    count: async () => (await filter(await everyLocation(), keep)).length,
  };

  async function everyLocation(): Promise<readonly DatedLocation[]> {
    return readableOf(log, await soundtrack.everyLocation(context));
  }

  /** A location that was deleted meanwhile keeps its position in its account. */
  async function locationsAfter(
    all: readonly DatedLocation[],
    after: SoundtrackPosition,
  ): Promise<readonly DatedLocation[]> {
    const accounts = new Map(withoutErrors(await soundtrack.accounts(context)).map(({ id }, index) => [id, index]));
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

type Log = Pick<Context["log"], "warn">;

/** The list without what cannot be read, which is logged. */
function readableOf(log: Log, { found, unreadable }: DatedLocations): readonly DatedLocation[] {
  reportUnreadable(log, unreadable);
  return found;
}

async function filter(all: readonly DatedLocation[], keep: Keep): Promise<readonly DatedLocation[]> {
  const isKept = await keep(all.map(({ location }) => location));
  return all.filter((_, index) => isKept[index]);
}
