/**
 * Which records belong to which accounts?
 *
 * Those about a campaign of an advertiser, or about a location of a business: it is read from what is known of campaigns
 * and locations at that moment, so nothing that was written has to change when a campaign changes hands. What is about
 * anything else (a listener, an episode) belongs to no account.
 */
import { sql } from "drizzle-orm";
import type { SQL, SQLWrapper } from "drizzle-orm";
import { caseId, playlistRequestId, sponsorshipId } from "../../schema/id.ts";
import { businessesIn } from "../platform/accounts.ts";
import { campaignAccounts, cases, sponsorships } from "./campaigns/tables.ts";
import { isAnyOf } from "./database/is-any-of.ts";
import { playlistRequests, worklist } from "./locations/tables.ts";

/** Whether the campaign with this id in Spotify Ads belongs to one of them. */
export function isOfCampaignOf(campaignId: SQLWrapper, accounts: readonly string[]): SQL {
  const own = sql`select ${campaignAccounts.campaignId} from ${campaignAccounts}
    where ${isAnyOf(campaignAccounts.account, accounts)}`;
  return sql`${campaignId} in (${own})`;
}

/** Whether what has this id in the graph belongs to one of them; true without accounts, which are all. */
export function isOfAccounts(subject: SQLWrapper, accounts: readonly string[] | undefined): SQL | undefined {
  if (accounts === undefined) return undefined;
  const isOwnCampaign = isAnyOf(campaignAccounts.account, accounts);
  const isOwnLocation = isAnyOf(worklist.accountId, businessesIn(accounts));
  // Ids of our own records are written as they are.
  return sql`${subject} in (
    select ${campaignAccounts.subject} from ${campaignAccounts} where ${isOwnCampaign}
    union all
    select ${sponsorshipId.prefix}::text || ${sponsorships.id} from ${sponsorships}
      join ${campaignAccounts} on ${campaignAccounts.campaignId} = ${sponsorships.campaignId} where ${isOwnCampaign}
    union all
    select ${caseId.prefix}::text || ${cases.id} from ${cases}
      join ${campaignAccounts} on ${campaignAccounts.campaignId} = ${cases.campaignId} where ${isOwnCampaign}
    union all
    select ${worklist.subject} from ${worklist} where ${isOwnLocation}
    union all
    select ${playlistRequestId.prefix}::text || ${playlistRequests.id} from ${playlistRequests}
      join ${worklist} on ${worklist.locationId} = ${playlistRequests.locationId} where ${isOwnLocation}
  )`;
}
