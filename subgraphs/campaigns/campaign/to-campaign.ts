/** What becomes of a campaign of Spotify Ads in the graph? */
import { campaignId } from "../../../schema/id.ts";
import type { AdsCampaign } from "../../sources/spotify-ads/replies.ts";
import { Campaign } from "./campaign.ts";
import { UNKNOWN } from "./targets.ts";

/** `asOf` is when it was read, in milliseconds since the epoch. */
export function toCampaign(campaign: AdsCampaign, asOf: number): Campaign {
  return Object.assign(new Campaign(), {
    asOf: new Date(asOf),
    id: campaignId.encode(campaign.id),
    name: campaign.name ?? UNKNOWN,
    status: campaign.status,
    adsId: campaign.id,
    goal: campaign.goal,
  });
}
