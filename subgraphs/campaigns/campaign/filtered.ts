/**
 * Which campaigns of a list are wanted, by their names or by whether they may go live?
 *
 * The list is walked, and those that are wanted are picked. A position is how many campaigns of the list are before it, wanted or
 * not, so that a page goes on where the last one ended, whatever is decided of those before.
 */
import type { Context } from "../../platform/context.ts";
import { readable } from "../../platform/items.ts";
import type { Campaign } from "./campaign.ts";
import { campaignPages } from "./list.ts";
import type { CampaignPage, CampaignRange } from "./list.ts";

export interface Passed {
  readonly campaign: Campaign;
  /** How many of the list there are up to it. */
  readonly passed: number;
}

export interface FilteredCampaigns {
  /** Up to `count` after a position; fewer only at the end. */
  page(count: number, after: number): Promise<readonly Passed[]>;
  count(): Promise<number>;
}

/** `isWanted` is aligned. The log of the context gets what is left out because it cannot be read. */
export function filteredCampaigns(
  list: (range: CampaignRange) => Promise<CampaignPage>,
  isWanted: (campaigns: readonly Campaign[]) => Promise<readonly boolean[]>,
  { log }: Pick<Context, "log">,
): FilteredCampaigns {
  return {
    async page(count, after) {
      const found: Passed[] = [];
      for await (const wanted of walk(after)) {
        found.push(...wanted);
        if (found.length >= count) break;
      }
      return found.slice(0, count);
    },
    async count() {
      let sum = 0;
      for await (const wanted of walk(0)) sum += wanted.length;
      return sum;
    },
  };

  async function* walk(after: number): AsyncGenerator<readonly Passed[]> {
    for await (const { offset, campaigns } of campaignPages(list, after)) {
      const read = readable(
        log,
        campaigns.map((one, index) => (one instanceof Error ? one : { campaign: one, passed: offset + index + 1 })),
      );
      const wanted = await isWanted(read.map(({ campaign }) => campaign));
      yield read.filter((_, index) => wanted[index]);
    }
  }
}
