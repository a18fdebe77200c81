/**
 * How are campaigns and ad sets changed in Spotify Ads?
 *
 * It reads the current state and writes only a difference, so that a repeat after a crash writes nothing. Reads are never
 * cached. The API has no conditional request, so concurrent writes to one ad set may undo each other: the caller must
 * serialise them.
 */
import { z } from "zod";
import { segment } from "../../platform/http-request.ts";
import type { AdsConnection } from "./connection.ts";

export interface AdsWrites {
  /** Rejects with status 404 if the campaign does not exist. */
  setCampaignStatus(id: string, status: "ACTIVE" | "PAUSED"): Promise<"CHANGED" | "UNCHANGED">;
  /** Audience ids in any order; other targets stay. Rejects with status 404 if the ad set does not exist. */
  retargetAdSet(adSetId: string, audiences: AdsRetargeting): Promise<"CHANGED" | "UNCHANGED">;
}

export interface AdsRetargeting {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Statuses that count as the requested one: an agent's campaign runs, and a restricted one is active. */
const EQUAL_STATUSES = {
  ACTIVE: new Set(["ACTIVE", "AGENT_CONTROLLED", "ACTIVE_RESTRICTED"]),
  PAUSED: new Set(["PAUSED"]),
};

const CampaignReply = z.object({ status: z.string().nullish() });
const Ids = z
  .array(z.string())
  .nullish()
  .transform((ids) => ids ?? []);
/** Targets with all of their fields, known or not. */
const AdSetReply = z.object({
  targets: z.looseObject({ audience_ids: Ids, audience_ids_exclusions: Ids }).nullish(),
});

export function createAdsWrites({ account, get, write }: AdsConnection): AdsWrites {
  return {
    async setCampaignStatus(id, status) {
      const path = `${account}/campaigns/${segment(id)}`;
      const campaign = await get(path, {}, CampaignReply);
      if (EQUAL_STATUSES[status].has(campaign.status ?? "")) return "UNCHANGED";
      await write({ method: "PATCH", path, json: { status }, reply: z.unknown() });
      return "CHANGED";
    },

    async retargetAdSet(adSetId, { include, exclude }) {
      const path = `${account}/ad_sets/${segment(adSetId)}`;
      const { targets } = await get(path, {}, AdSetReply);
      const { audience_ids: included = [], audience_ids_exclusions: excluded = [] } = targets ?? {};
      if (isSame(included, include) && isSame(excluded, exclude)) return "UNCHANGED";
      // All targets: it is not documented whether a PATCH merges or replaces them. A request has no nulls: they mean unset.
      const set = Object.entries(targets ?? {}).filter(([, value]) => value !== null);
      const json = {
        targets: {
          ...Object.fromEntries(set),
          audience_ids: [...new Set(include)],
          audience_ids_exclusions: [...new Set(exclude)],
        },
      };
      await write({ method: "PATCH", path, json, reply: z.unknown() });
      return "CHANGED";
    },
  };
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  const [one, other] = [new Set(left), new Set(right)];
  return one.size === other.size && one.isSubsetOf(other);
}
