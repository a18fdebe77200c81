/** Which facts of a campaign do decisions share? Those of all its sources, before a decision picks its inputs. */
import type { CampaignProfile } from "../../records/campaigns/types.ts";
import type { CampaignTargets } from "../campaign/campaign.ts";
import type { Gaps } from "../campaign/targets.ts";

/** Of a campaign without one: above every age that an ad set can target. */
export const NO_MAXIMUM_AGE = 99;

export interface CampaignFacts {
  readonly goal: string;
  /** Slugs of the categories of all ad sets, `alcoholic-beverages`; with `unknown` if an ad set has none. */
  readonly categories: readonly string[];
  /** As in `targets`, with `unknown` if an ad set names none. */
  readonly countries: readonly string[];
  /** The languages of its ads; empty if no ad set names one. */
  readonly languages: readonly string[];
  readonly targets: CampaignTargets;
  /** What of the targets is not known. Where a rule may rest on it, the stricter value counts, or the decision fails. */
  readonly gaps?: Gaps;
  readonly profile: Pick<CampaignProfile, "tier" | "competitors">;
}
