/**
 * Which changes does the Ads API sandbox keep?
 *
 * The world is shared and does not change: a changed record stands over the world's own, until the process ends.
 */
import { randomUUID } from "node:crypto";
import type { AdRecord, AdSetRecord } from "../world/ad-sets.ts";
import { createListing } from "./listing.ts";
import type { Listing } from "./listing.ts";
import type { CampaignRecord, CampaignWorld } from "../world/campaigns.ts";

export interface AdsState {
  readonly campaigns: Listing<CampaignRecord>;
  readonly adSets: Listing<AdSetRecord>;
  readonly ads: Listing<AdRecord>;
  readonly audiences: readonly AudienceRecord[];
  /** Gives the changed record; undefined if there is none. */
  changeCampaign(id: string, changes: Partial<CampaignRecord>): CampaignRecord | undefined;
  changeAdSet(id: string, changes: Partial<AdSetRecord>): AdSetRecord | undefined;
  addAudience(audience: Pick<AudienceRecord, "name" | "description" | "subtype">): AudienceRecord;
}

export interface AudienceRecord {
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly created_at: string;
  readonly updated_at: string;
  readonly type: "CUSTOM" | "LOOKALIKE";
  readonly subtype?: string | undefined;
  readonly size: { readonly min: number; readonly max: number };
  readonly status: "LIVE" | "EMPTY";
}

const LONG_AGO = "2024-01-15T09:00:00Z";

export function createAdsState(world: CampaignWorld, now: () => number): AdsState {
  const campaigns = createListing(world.campaigns);
  const adSets = createListing(world.adSets);
  const audiences = world.audiences.map(({ id, name }, index): AudienceRecord => ({
    id,
    name,
    created_at: LONG_AGO,
    updated_at: LONG_AGO,
    type: name.startsWith("Lookalike") ? "LOOKALIKE" : "CUSTOM",
    ...(!name.startsWith("Lookalike") && { subtype: "CUSTOMER_LIST" }),
    size: { min: 10_000 * (index + 1), max: 20_000 * (index + 1) },
    status: "LIVE",
  }));

  return {
    campaigns,
    adSets,
    ads: createListing(world.ads),
    audiences,
    changeCampaign: (id, changes) => campaigns.change(id, { ...changes, updated_at: timestamp() }),
    changeAdSet: (id, changes) => adSets.change(id, { ...changes, updated_at: timestamp() }),
    addAudience(audience) {
      const at = timestamp();
      const added: AudienceRecord = {
        id: randomUUID(),
        ...audience,
        created_at: at,
        updated_at: at,
        type: "CUSTOM",
        size: { min: 0, max: 0 },
        status: "EMPTY",
      };
      audiences.push(added);
      return added;
    },
  };

  function timestamp(): string {
    return `${new Date(now()).toISOString().slice(0, 19)}Z`;
  }
}
