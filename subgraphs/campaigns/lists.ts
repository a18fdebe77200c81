/**
 * How is a list below each of many campaigns one look-up, and not one for each?
 *
 * Whatever part of it campaigns are asked for in one tick is looked up together, part by part, and so are their counts:
 * the look-ups of a query are bounded by the lists it names. A position is an item's time and id, so what is added or
 * taken away between two pages neither hides an item nor shows it twice.
 */
import DataLoader from "dataloader";
import { z } from "zod";
import { connection, cursorsOf, pageSize } from "../../schema/connection.ts";
import type { Connection, Cursors, PageArgs } from "../../schema/connection.ts";
import { settle } from "../settle.ts";
import type { Settled } from "../settle.ts";
import type { BelowCampaigns, ListPart, ListPosition } from "./records.ts";

/** For one request. Campaigns go by the id that Spotify Ads gives them. */
export interface ListLoaders<Item> {
  readonly item: DataLoader<string, Item | null>;
  readonly part: DataLoader<CampaignPart, readonly Item[], string>;
  readonly count: DataLoader<string, number>;
}

interface CampaignPart {
  readonly campaignId: string;
  readonly part: ListPart;
}

/** How the items of one kind are listed. */
export interface Listing<Item, Node> {
  readonly cursors: Cursors<ListPosition>;
  readonly position: (item: Item) => ListPosition;
  readonly node: (item: Item) => Node;
}

const Position = z.object({ at: z.iso.datetime().transform((text) => new Date(text)), id: z.string() });

export function listCursors(list: string): Cursors<ListPosition> {
  return cursorsOf(list, (value) => Position.safeParse(value).data);
}

export function listLoaders<Item>(records: BelowCampaigns<Item>): ListLoaders<Item> {
  return {
    item: new DataLoader(async (ids: readonly string[]) => (await records.byIds(ids)).map((found) => found ?? null)),
    part: new DataLoader<CampaignPart, readonly Item[], string>((wanted) => inParts(records, wanted), {
      cacheKeyFn: ({ campaignId, part }) => `${campaignId} ${keyOf(part)}`,
    }),
    count: new DataLoader((ids: readonly string[]) => records.counts(ids)),
  };
}

/** Throws BAD_USER_INPUT where `first` or `after` is not of this list. */
export async function listBelow<Item, Node>(
  campaignId: string,
  page: PageArgs,
  { part, count }: ListLoaders<Item>,
  { cursors, position, node }: Listing<Item, Node>,
): Promise<Connection<Node>> {
  const size = pageSize(page);
  const after = cursors.decode(page);
  // One more than the page shows says whether the list goes on.
  const found = await part.load({ campaignId, part: { limit: size + 1, after } });
  return connection({
    items: found.slice(0, size).map((item) => ({ position: position(item), node: node(item) })),
    cursors,
    hasNextPage: found.length > size,
    hasPreviousPage: after !== undefined,
    totalCount: () => count.load(campaignId),
  });
}

/** One look-up for each different part, aligned with what is wanted. */
async function inParts<Item>(
  records: BelowCampaigns<Item>,
  wanted: readonly CampaignPart[],
): Promise<Settled<readonly Item[]>> {
  const byPart = Map.groupBy(wanted, ({ part }) => keyOf(part));
  const found = new Map<CampaignPart, readonly Item[] | Error>();
  await Promise.all(
    Array.from(byPart.values(), async (same) => {
      const [first] = same;
      if (!first) return;
      const ids = same.map(({ campaignId }) => campaignId);
      const [lists = []] = await settle([records.lists(ids, first.part)]);
      for (const [index, one] of same.entries()) found.set(one, lists instanceof Error ? lists : (lists[index] ?? []));
    }),
  );
  return wanted.map((one) => found.get(one) ?? []);
}

function keyOf({ limit, after }: ListPart): string {
  return JSON.stringify([limit, after]);
}
