/**
 * Which campaign is shown instead of one that is not allowed?
 *
 * An active campaign whose ad sets are all in the category that the rules name, that targets one of the decided countries
 * and no custom audience; of several the one with the lowest id, so that every replica picks the same. The candidates are
 * cached by category for all requests: a thousand alternatives cost as many requests as one.
 *
 * The price: at most once a minute, 1 request for each 50 active campaigns and 1 for each 50 of their ad sets. Only the
 * newest 1,000 active campaigns are candidates, and none of which something cannot be read. A campaign may be offered for a minute after it was paused.
 */
import type { ById } from "../../platform/items.ts";
import { requireAll, withoutErrors } from "../../platform/results.ts";
import type { SpotifyAds } from "../../sources/spotify-ads/client.ts";
import type { AdsCampaign, AdsCategory } from "../../sources/spotify-ads/replies.ts";
import { createLoadCache } from "../../platform/load-cache.ts";
import { UNKNOWN, categorySlugs, gapsOf, targetsOf } from "../campaign/targets.ts";

export interface Alternatives {
  /** null if no campaign qualifies. Rejects with an UpstreamError. */
  find(query: AlternativeQuery): Promise<AdsCampaign | null>;
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
  readonly campaign: AdsCampaign;
  readonly countries: readonly string[];
}
/** By category, each list by id. */
type Candidates = ReadonlyMap<string, readonly Candidate[]>;

const TTL_MS = 60_000;
const MAX_CAMPAIGNS = 1000;

export function createAlternatives({
  ads,
  elapsed,
}: {
  readonly ads: Pick<SpotifyAds, "campaigns" | "adSets" | "categories">;
  /** Milliseconds that never decrease. */
  readonly elapsed: () => number;
}): Alternatives {
  const cache = createLoadCache<Candidates>({ ttlMs: TTL_MS, maxEntries: 1, now: elapsed });

  return {
    async find({ category, countries, adsId }) {
      const byCategory = await cache.getOrLoad("candidates", "active", candidatesByCategory);
      const alternative = byCategory
        .get(category)
        ?.find(
          (candidate) =>
            candidate.campaign.id !== adsId && countries.some((country) => candidate.countries.includes(country)),
        );
      return alternative?.campaign ?? null;
    },
  };

  async function candidatesByCategory(): Promise<Candidates> {
    const [page, categories] = await Promise.all([
      ads.campaigns({ limit: MAX_CAMPAIGNS, offset: 0, statuses: ["ACTIVE"] }),
      ads.categories(),
    ]);
    const campaigns = withoutErrors(page.campaigns);
    // Without the ad sets of all campaigns, another campaign than the lowest id might be picked.
    const adSets = requireAll(await ads.adSets(campaigns.map(({ id }) => id)));
    const candidates = campaigns.flatMap((campaign, index) => {
      const all = adSets[index] ?? [];
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
      candidates.toSorted((left, right) => (left.campaign.id < right.campaign.id ? -1 : 1)),
      ({ category }) => category,
    );
  }
}

function isUnreadable(code: string | null, categories: ById<AdsCategory>): boolean {
  return code !== null && categories.get(code) instanceof Error;
}
