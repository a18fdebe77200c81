/**
 * Which campaigns are there in the sandboxes' world, and which first-party data do they have?
 *
 * Records have the format of the Ads API, so that its sandbox returns them unchanged. The same scale on the same day gives the
 * same world, and a larger scale only adds to it.
 */
import {
  adAt,
  adIdOf,
  adSetAt,
  adSetIdOf,
  adSetNameOf,
  adSetStatusOf,
  adSetsOf,
  countAdSets,
  countAds,
} from "./ad-sets.ts";
import type { AdRecord, AdSetRecord } from "./ad-sets.ts";
import { AUDIENCES } from "./ad-set-targets.ts";
import { BRANDS } from "./brands.ts";
import { CAMPAIGNS, DAY, campaignIdAt, planAt } from "./campaign-plan.ts";
import type { CampaignStatus, Goal, Plan } from "./campaign-plan.ts";
import { reportOf } from "./campaign-reports.ts";
import type { ReportRecord } from "./campaign-reports.ts";
import { createParts, createWorldList, keepLast, once } from "./list.ts";
import type { WorldList } from "./list.ts";
import { integer, random } from "./random.ts";

export interface CampaignWorld {
  readonly campaigns: WorldList<CampaignRecord, Listed>;
  readonly adSets: WorldList<AdSetRecord, Listed | "campaign_id">;
  readonly ads: WorldList<AdRecord, Listed | "ad_set_id">;
  /** One for each campaign that has ad sets. */
  readonly reports: WorldList<ReportRecord, "campaignId">;
  /** The names of the audience ids of ad sets. */
  readonly audiences: readonly { readonly id: string; readonly name: string }[];
  /** The slugs of all advertisers. */
  readonly advertisers: readonly string[];
  /** One for each campaign, in the campaigns' order. */
  readonly profiles: WorldList<CampaignProfile>;
}

/** What lists are filtered and ordered by. */
type Listed = "id" | "name" | "status" | "created_at" | "updated_at";

/** First-party: no upstream has it. */
export interface CampaignProfile {
  readonly campaignId: string;
  readonly tier: "STANDARD" | "PREMIUM" | "STRATEGIC";
  /** Slugs of advertisers. */
  readonly competitors: readonly string[];
}

export interface CampaignRecord {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly purchase_order?: string;
  readonly status: CampaignStatus;
  readonly delivery_goal_group: Goal;
}

/** Throws a RangeError if the scale is not a whole number from 1, or the date is invalid. */
export function createCampaigns({ scale, now }: { readonly scale: number; readonly now: Date }): CampaignWorld {
  if (!Number.isInteger(scale) || scale < 1) throw new RangeError(`scale is a whole number from 1, but got ${scale}`);
  if (Number.isNaN(now.getTime())) throw new RangeError("now is a valid date, but got an invalid one");
  const today = Math.floor(now.getTime() / DAY) * DAY;
  const count = CAMPAIGNS * scale;
  const planOf = keepLast((index) => planAt(index, today));
  const adSets = once(() => createParts(count, (index) => countAdSets(planOf(index))));
  const ads = once(() =>
    createParts(adSets().length, (adSet) => {
      const [campaign, nth] = adSets().ownerOf(adSet);
      return countAds(adSetIdOf(campaign, nth));
    }),
  );
  /** The campaigns that have reports. */
  const reported = once(() =>
    Uint32Array.from(
      Array(count)
        .keys()
        .filter((index) => countAdSets(planOf(index)) > 0),
    ),
  );

  return {
    campaigns: createWorldList({
      length: () => count,
      make: (index) => campaignOf(planOf(index)),
      keys: {
        id: campaignIdAt,
        name: (index) => nameOf(planOf(index)),
        status: (index) => planOf(index).status,
        created_at: (index) => planOf(index).created,
        updated_at: (index) => planOf(index).updated,
      },
    }),
    adSets: createWorldList({
      length: () => adSets().length,
      make: (index) => adSetAt(...ownerOf(index)),
      keys: {
        id: (index) => adSetIdOf(...adSets().ownerOf(index)),
        campaign_id: (index) => campaignIdAt(adSets().ownerOf(index)[0]),
        name: (index) => adSetNameOf(...ownerOf(index)),
        status: (index) => adSetStatusOf(...ownerOf(index)),
        created_at: (index) => ownerOf(index)[0].created,
        updated_at: (index) => ownerOf(index)[0].updated,
      },
    }),
    ads: createWorldList({
      length: () => ads().length,
      make: adOf,
      keys: {
        id: (index) => adIdOf(...adSetOf(index)),
        ad_set_id: (index) => adSetOf(index)[0],
        name: (index) => adOf(index).name,
        status: (index) => adOf(index).status,
        created_at: (index) => planOfAd(index).created,
        updated_at: (index) => planOfAd(index).updated,
      },
    }),
    reports: createWorldList({
      length: () => reported().length,
      make(index) {
        const plan = planOf(reported()[index] ?? 0);
        return reportOf(plan, adSetsOf(plan));
      },
      keys: { campaignId: (index) => campaignIdAt(reported()[index] ?? 0) },
    }),
    audiences: AUDIENCES,
    advertisers: BRANDS.map(({ slug }) => slug),
    profiles: createWorldList({ length: () => count, make: (index) => profileOf(planOf(index)) }),
  };

  function ownerOf(adSet: number): readonly [plan: Plan, nth: number] {
    const [campaign, nth] = adSets().ownerOf(adSet);
    return [planOf(campaign), nth];
  }

  function adSetOf(ad: number): readonly [id: string, nth: number] {
    const [adSet, nth] = ads().ownerOf(ad);
    return [adSetIdOf(...adSets().ownerOf(adSet)), nth];
  }

  function planOfAd(ad: number): Plan {
    const [adSet] = ads().ownerOf(ad);
    return ownerOf(adSet)[0];
  }

  function adOf(index: number): AdRecord {
    const [adSet, nth] = ads().ownerOf(index);
    const [plan, place] = ownerOf(adSet);
    return adAt(plan, adSetAt(plan, place), nth);
  }
}

function nameOf({ index, brand, theme, created }: Plan): string {
  return `${brand.name} | ${theme[0]} | ${created.slice(0, 4)}-${String(index + 1).padStart(3, "0")}`;
}

function campaignOf(plan: Plan): CampaignRecord {
  const { id, index, status, goal, created, updated } = plan;
  return {
    id,
    name: nameOf(plan),
    created_at: created,
    updated_at: updated,
    ...(random("campaign", index, "order") < 0.4 && { purchase_order: `PO-${integer(10_000, 99_999, id)}` }),
    status,
    delivery_goal_group: goal,
  };
}

/** All campaigns of an advertiser have the same tier. */
function profileOf({ id, brand }: Plan): CampaignProfile {
  const chance = random("tier", brand.slug);
  const rivals = BRANDS.filter(({ category, slug }) => category === brand.category && slug !== brand.slug);
  return {
    campaignId: id,
    tier: chance < 0.15 ? "STRATEGIC" : chance < 0.45 ? "PREMIUM" : "STANDARD",
    competitors: rivals.slice(0, 3).map(({ slug }) => slug),
  };
}
