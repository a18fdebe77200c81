/**
 * How does Decibel change what runs on Spotify Ads?
 *
 * By looking first, and changing only what differs: a repeat after a crash finds the change and sends none. What is looked
 * at is always fresh, and the source keeps nothing of a campaign, ad set or audience that would have to be forgotten.
 * Two who change one ad set at the same time may undo each other, as the API has no conditional request: whoever writes
 * keeps to one write at a time for each.
 */
import { z } from "zod";
import { segment } from "../../platform/http-request.ts";
import type { AdsConnection } from "./connection.ts";

export interface AdsWrites {
  /** Rejects with an UpstreamError of status 404 where there is no such campaign. */
  setCampaignStatus(id: string, status: "ACTIVE" | "PAUSED"): Promise<"CHANGED" | "UNCHANGED">;
  /** Ids of audiences, in any order; what else the ad set targets stays. Not there: an UpstreamError of status 404. */
  retargetAdSet(adSetId: string, audiences: AdsRetargeting): Promise<"CHANGED" | "UNCHANGED">;
}

export interface AdsRetargeting {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** An agent's campaign runs, and one that Spotify restricts was switched on: neither can be switched on any further. */
const ALREADY = {
  ACTIVE: new Set(["ACTIVE", "AGENT_CONTROLLED", "ACTIVE_RESTRICTED"]),
  PAUSED: new Set(["PAUSED"]),
};

const CampaignReply = z.object({ status: z.string() });
const Ids = z
  .array(z.string())
  .nullish()
  .transform((ids) => ids ?? []);
/** Targets as they came, whatever else is in them. */
const AdSetReply = z.object({ targets: z.record(z.string(), z.unknown()).nullish() });
const Audiences = z.object({ audience_ids: Ids, audience_ids_exclusions: Ids });

export function createAdsWrites({ account, get, write }: AdsConnection): AdsWrites {
  return {
    async setCampaignStatus(id, status) {
      const path = `${account}/campaigns/${segment(id)}`;
      const campaign = await get(path, {}, CampaignReply);
      if (ALREADY[status].has(campaign.status)) return "UNCHANGED";
      await write({ method: "PATCH", path, json: { status }, reply: CampaignReply });
      return "CHANGED";
    },

    async retargetAdSet(adSetId, { include, exclude }) {
      const path = `${account}/ad_sets/${segment(adSetId)}`;
      const { targets } = await get(path, {}, AdSetReply);
      const now = Audiences.parse(targets ?? {});
      if (isSame(now.audience_ids, include) && isSame(now.audience_ids_exclusions, exclude)) return "UNCHANGED";
      // Whole: whether a PATCH merges targets or replaces them is not documented. Null stands for what is not set, and
      // the description of a request knows no null.
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
