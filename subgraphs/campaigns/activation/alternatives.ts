/**
 * Which campaign is shown instead of one that is not allowed?
 *
 * An active campaign whose ad sets are all in the category that the rules name, that targets one of the decided countries
 * and no custom audience; of several the one with the lowest id, so that every replica picks the same. The candidates are
 * found once in a request, from what is known of all active campaigns that the caller may see. The price: only the newest 1,000 of them are
 * candidates, and none of which something cannot be read.
 */
import type { ById } from "../../platform/items.ts";
import { requireAll, withoutErrors } from "../../platform/results.ts";
import type { AdsFacts } from "../../sources/spotify-ads/facts.ts";
import type { AdsCategory } from "../../sources/spotify-ads/replies.ts";
import { readOwn } from "../../platform/accounts.ts";
import { perRequest } from "../../platform/context.ts";
import type { Context } from "../../platform/context.ts";
import { useFacts } from "../../platform/facts/used.ts";
import { toCampaign } from "../campaign/to-campaign.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignRegister } from "../campaign/register.ts";
import { UNKNOWN, categorySlugs, gapsOf, targetsOf } from "../campaign/targets.ts";

export interface Alternatives {
  /** null if no campaign qualifies. Rejects with an UpstreamError. */
  find(context: Context, query: AlternativeQuery): Promise<Campaign | null>;
}

export interface AlternativeQuery {
  /** A slug. */
  readonly category: string;
  /** The alternative targets at least one of them. */
  readonly countries: readonly string[];
  /** The id in Spotify Ads of the campaign to replace. */
  readonly adsId: string;
}

interface Candidate {
  readonly campaign: Campaign;
  readonly countries: readonly string[];
}
/** By category, each list by id. */
type Candidates = ReadonlyMap<string, readonly Candidate[]>;

const MAX_CAMPAIGNS = 1000;

export function createAlternatives(
  ads: Pick<AdsFacts, "campaigns" | "adSets" | "categories">,
  register: Pick<CampaignRegister, "accountsOf">,
): Alternatives {
  const candidates = perRequest(candidatesByCategory);

  return {
    async find(context, { category, countries, adsId }) {
      const alternative = (await candidates(context))
        .get(category)
        ?.find(
          (candidate) =>
            candidate.campaign.adsId !== adsId && countries.some((country) => candidate.countries.includes(country)),
        );
      return alternative?.campaign ?? null;
    },
  };

  async function candidatesByCategory(context: Context): Promise<Candidates> {
    const [page, categories] = await Promise.all([
      ads.campaigns(context, { limit: MAX_CAMPAIGNS, offset: 0, statuses: ["ACTIVE"] }),
      ads.categories(context),
    ]);
    const active = withoutErrors(page.campaigns).map(({ value, asOf }) => toCampaign(value, asOf));
    const byId = new Map(active.map((campaign) => [campaign.adsId, campaign]));
    const readActive = async (ids: readonly string[]) => ids.map((id) => byId.get(id) ?? null);
    const own = await readOwn(context, (ids) => register.accountsOf(ids), readActive)([...byId.keys()]);
    const campaigns = requireAll(own).flatMap((campaign) => campaign ?? []);
    // Without the ad sets of all campaigns, another campaign than the lowest id might be picked.
    const adSets = requireAll(
      await useFacts(
        context,
        ads.adSets,
        campaigns.map(({ adsId }) => adsId),
      ),
    );
    const candidates = campaigns.flatMap((campaign, index) => {
      const all = adSets[index]?.value ?? [];
      const sets = withoutErrors(all);
      // What cannot be read may be what rules it out.
      const isKnown = sets.length === all.length && sets.every(({ category }) => !isUnreadable(category, categories));
      if (!isKnown) return [];
      const { countries, audienceIds } = targetsOf(sets);
      const [category = UNKNOWN, ...others] = categorySlugs(sets, categories);
      const isForAll = audienceIds.length === 0 && !gapsOf(sets).has("audience_ids");
      const isCandidate = category !== UNKNOWN && others.length === 0 && isForAll;
      return isCandidate ? [{ campaign, category, countries }] : [];
    });
    return Map.groupBy(
      candidates.toSorted((left, right) => (left.campaign.adsId < right.campaign.adsId ? -1 : 1)),
      ({ category }) => category,
    );
  }
}

function isUnreadable(code: string | null, categories: ById<AdsCategory>): boolean {
  return code !== null && categories.get(code) instanceof Error;
}
