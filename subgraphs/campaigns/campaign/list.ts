/**
 * Which campaigns does a caller see in a list, newest first?
 *
 * All of Spotify's, or those of its accounts: Spotify cannot list by advertiser, so these are listed by what is known of who
 * advertises where. Without a status a page reads only what it shows; with one it reads all campaigns of the accounts.
 */
import type DataLoader from "dataloader";
import { accountsFor } from "../../platform/accounts.ts";
import type { Context } from "../../platform/context.ts";
import type { Results } from "../../platform/results.ts";
import type { AdsPage } from "../../sources/spotify-ads/client.ts";
import type { AdsFacts } from "../../sources/spotify-ads/facts.ts";
import type { Campaign } from "./campaign.ts";
import type { CampaignRegister } from "./register.ts";
import { toCampaign } from "./to-campaign.ts";

export interface CampaignPage {
  readonly total: number;
  readonly campaigns: Results<Campaign>;
}

export type ListCampaigns = (context: Context, page: AdsPage) => Promise<CampaignPage>;

export function createListCampaigns(
  { ads, register }: { readonly ads: Pick<AdsFacts, "campaigns">; readonly register: CampaignRegister },
  load: (context: Context) => { readonly campaign: DataLoader<string, Campaign | null> },
): ListCampaigns {
  return async (context, page) => {
    const accounts = accountsFor(context);
    if (accounts !== undefined) return own(context, page, accounts);
    const { total, campaigns } = await ads.campaigns(context, page);
    return {
      total,
      campaigns: campaigns.map((one) => (one instanceof Error ? one : toCampaign(one.value, one.asOf))),
    };
  };

  async function own(
    context: Context,
    { limit, offset, statuses }: AdsPage,
    accounts: readonly string[],
  ): Promise<CampaignPage> {
    const { campaign } = load(context);
    const ids = await register.ofAccounts(accounts);
    const end = offset + limit;
    if (statuses === undefined) {
      return { total: ids.length, campaigns: existing(await campaign.loadMany(ids.slice(offset, end))) };
    }
    // One that cannot be read may have the status.
    const found = existing(await campaign.loadMany(ids)).filter(
      (one) => one instanceof Error || statuses.includes(one.status),
    );
    return { total: found.length, campaigns: found.slice(offset, end) };
  }
}

export type CampaignRange = Pick<AdsPage, "limit" | "offset">;

/** Read together. */
const BATCH = 250;

/** A list to its end. `offset` is how many of it are before the campaigns of a page. */
export async function* campaignPages(
  list: (range: CampaignRange) => Promise<CampaignPage>,
  after = 0,
): AsyncGenerator<Pick<CampaignPage, "campaigns"> & Pick<CampaignRange, "offset">> {
  for (let offset = after; ; offset += BATCH) {
    const { total, campaigns } = await list({ limit: BATCH, offset });
    yield { offset, campaigns };
    if (campaigns.length === 0 || offset + BATCH >= total) return;
  }
}

/** A campaign may have been deleted since it was listed. */
function existing(found: Results<Campaign | null>): Results<Campaign> {
  return found.flatMap((one) => one ?? []);
}
