/**
 * How are all locations listed in pages?
 *
 * In Soundtrack's order: account by account, and by name within an account. Without a filter a page reads only what it
 * shows. With a filter it reads all locations: Soundtrack has no such filter, and the total has to be counted. For a caller
 * that may see some accounts only there are no others.
 */
import { accountsFor, businessesIn } from "../../platform/accounts.ts";
import type { Context } from "../../platform/context.ts";
import { readable, reportUnreadable } from "../../platform/items.ts";
import { requireAll, withoutErrors } from "../../platform/results.ts";
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
  const accounts = accountsFor(context);
  const businesses = accounts && new Set(businessesIn(accounts));

  if (!keep && !businesses) {
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
      return (await kept(rest)).slice(0, count);
    },
    count: async () => (await kept(await everyLocation())).length,
  };

  async function kept(all: readonly DatedLocation[]): Promise<readonly DatedLocation[]> {
    return keep ? filter(all, keep) : all;
  }

  async function accountIds(): Promise<readonly string[]> {
    const all = withoutErrors(await soundtrack.accounts(context)).map(({ id }) => id);
    return businesses ? all.filter((id) => businesses.has(id)) : all;
  }

  async function everyLocation(): Promise<readonly DatedLocation[]> {
    if (businesses) {
      const lists = requireAll(await soundtrack.locationsOf(context, await accountIds()));
      return lists.flatMap((list) => readableOf(log, list));
    }
    return readableOf(log, await soundtrack.everyLocation(context));
  }

  /** A location that was deleted meanwhile keeps its position in its account. */
  async function locationsAfter(
    all: readonly DatedLocation[],
    after: SoundtrackPosition,
  ): Promise<readonly DatedLocation[]> {
    const order = new Map((await accountIds()).map((id, index) => [id, index]));
    const same = all.find(({ position }) => position.accountId === after.accountId && position.cursor === after.cursor);
    const { accountId, passed } = same?.position ?? after;
    const account = order.get(accountId);
    if (account === undefined) return [];
    return all.filter(({ position }) => {
      const other = order.get(position.accountId) ?? -1;
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
