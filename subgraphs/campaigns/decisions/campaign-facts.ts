/** What do decisions need to know of a campaign? */
import type { CampaignProfile } from "../../records/campaigns/types.ts";
import type { CampaignTargets } from "../campaign/campaign.ts";

/** All that decisions need to know of a campaign, from whichever source it came. */
export interface CampaignFacts {
  readonly goal: string;
  /** Slugs of the categories of all ad sets: `alcoholic-beverages`; `unknown` among them where one has none. */
  readonly categories: readonly string[];
  /** Of all ad sets, as in `targets`; `unknown` among them where one names none. */
  readonly countries: readonly string[];
  /** The languages its ads are in; empty where no ad set says. */
  readonly languages: readonly string[];
  readonly targets: CampaignTargets;
  readonly profile: Pick<CampaignProfile, "tier" | "competitors">;
}
