/**
 * Where is somebody sent who may not get a campaign?
 *
 * To an active campaign of the category that the rules name and of no other, which targets one of the countries that
 * were decided about and no custom audience; of several to the one with the lowest id, so that every replica names the
 * same. All of them are held ready by category, once for all requests: a thousand decisions that name a thousand
 * alternatives cost what one does.
 *
 * The price: once a minute, and only while somebody asks, 1 request for each 50 active campaigns, and 1 for each 50 ad
 * sets of those. Only the newest 1,000 are looked at. A campaign that was paused may be named for a minute more.
 */
import { requireAll } from "../../platform/results.ts";
import type { AdsCampaign, SpotifyAds } from "../../sources/spotify-ads/client.ts";
import { createMemory } from "../../platform/memory.ts";
import { UNKNOWN, categorySlugs, targetsOf } from "../campaign/targets.ts";

export interface Alternatives {
  /** null where there is none. Rejects with an UpstreamError. */
  find(wanted: WantedAlternative): Promise<AdsCampaign | null>;
}

export interface WantedAlternative {
  /** A slug. */
  readonly category: string;
  /** One of these has to be targeted. */
  readonly countries: readonly string[];
  /** Not this one; as Spotify Ads calls it. */
  readonly adsId: string;
}

interface Offer {
  readonly campaign: AdsCampaign;
  readonly countries: readonly string[];
}
type Offers = ReadonlyMap<string, readonly Offer[]>;

const KEPT_MS = 60_000;
const LOOKED_AT = 1000;

export function createAlternatives({
  ads,
  now,
}: {
  readonly ads: Pick<SpotifyAds, "campaigns" | "adSets" | "categories">;
  readonly now: () => number;
}): Alternatives {
  const memory = createMemory<Offers>({ ttlMs: KEPT_MS, most: 1, now });

  return {
    async find({ category, countries, adsId }) {
      const offers = await memory.recall("offers", "active", offersByCategory);
      const found = offers
        .get(category)
        ?.find(
          (offer) => offer.campaign.id !== adsId && countries.some((country) => offer.countries.includes(country)),
        );
      return found?.campaign ?? null;
    },
  };

  /** Each list by id. */
  async function offersByCategory(): Promise<Offers> {
    const [{ campaigns }, categories] = await Promise.all([
      ads.campaigns({ limit: LOOKED_AT, offset: 0, statuses: ["ACTIVE"] }),
      ads.categories(),
    ]);
    // The first among a part would not be the first of all.
    const adSets = requireAll(await ads.adSets(campaigns.map(({ id }) => id)));
    const offers = campaigns.flatMap((campaign, index) => {
      const sets = adSets[index] ?? [];
      const { countries, audienceIds } = targetsOf(sets);
      const [category = UNKNOWN, ...others] = categorySlugs(sets, categories);
      const isOffered = category !== UNKNOWN && others.length === 0 && audienceIds.length === 0;
      return isOffered ? [{ campaign, category, countries }] : [];
    });
    return Map.groupBy(
      offers.toSorted((left, right) => (left.campaign.id < right.campaign.id ? -1 : 1)),
      ({ category }) => category,
    );
  }
}
