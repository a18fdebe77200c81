/**
 * How do the ad sets of a campaign get its targeting?
 *
 * The targeting and an effect are stored in one transaction. The effect maps names to audiences of the ad account, creates
 * those that are missing, and updates each ad set. Only the latest targeting of a campaign is applied: it supersedes all
 * earlier ones.
 */
import { hash } from "node:crypto";
import { z } from "zod";
import { requireAll, withoutErrors } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { unique } from "../../platform/unique.ts";
import { addTargeting, markApplied } from "../../records/campaigns/store.ts";
import type { TargetingRecord } from "../../records/campaigns/types.ts";
import type { Tx } from "../../records/database/database.ts";
import { handler } from "../../records/outbox/effect.ts";
import type { Attempt, EffectKind, Handler } from "../../records/outbox/effect.ts";
import type { CommandTools } from "../../server/commands.ts";
import type { SpotifyAds } from "../../sources/spotify-ads/client.ts";
import type { AdsAdSet } from "../../sources/spotify-ads/replies.ts";
import type { AdsRetargeting } from "../../sources/spotify-ads/writes.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignServices } from "../services.ts";

export interface Retargeting {
  /** Part of the transaction. */
  start(tx: Tx, campaign: Campaign, targeting: TargetingRecord): Promise<void>;
  readonly handlers: readonly Handler<never>[];
}

/** Ids of audiences by name. */
type Audiences = ReadonlyMap<string, string>;

const Data = z.object({ id: z.string(), campaignId: z.string() });
type Data = z.infer<typeof Data>;
const APPLY: EffectKind<Data> = { name: "campaigns.targeting", supersedesEarlier: true, data: Data };

export function createRetargeting(
  { ads, records, now }: CampaignServices,
  { transact, outbox }: Pick<CommandTools, "transact" | "outbox">,
): Retargeting {
  return {
    async start(tx, { id: subject }, targeting) {
      const { id, campaignId } = targeting;
      await addTargeting(tx, targeting);
      await outbox.send(tx, APPLY, { subject, data: { id, campaignId } });
    },
    handlers: [handler({ kind: APPLY, perform: apply })],
  };

  async function apply({ data: { id, campaignId }, log }: Attempt<Data>): Promise<void> {
    const latest = await records.latestTargeting(campaignId);
    if (latest?.id !== id) return log.info("superseded by a later targeting");
    if (latest.appliedAt !== null) return;
    const [sets, audiences] = await Promise.all([unarchivedAdSets(ads, campaignId), audiencesByName()]);
    const include = await idsOf(latest.include, audiences);
    const exclude = await idsOf(latest.exclude, audiences);
    const earlier = (await records.otherAudienceNames(latest)).flatMap((name) => audiences.get(name) ?? []);
    for (const set of withoutErrors(sets)) {
      await ads.retargetAdSet(set.id, retargeted(set, { include, exclude }, earlier));
    }
    // The others have it: one that cannot be read is tried again.
    requireAll(sets);
    await transact((tx) => markApplied(tx, id, new Date(now())));
  }

  /** Of several with the same name the oldest, as in `ensureAudience`. */
  async function audiencesByName(): Promise<Audiences> {
    return new Map(
      withoutErrors(await ads.audiences())
        .toReversed()
        .map(({ id, name }) => [name, id]),
    );
  }

  /** Creates missing audiences; they are empty until somebody uploads their members. */
  async function idsOf(names: readonly string[], audiences: Audiences): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const name of names) ids.push(audiences.get(name) ?? (await ads.ensureAudience(name, keyOf(name))));
    return ids;
  }
}

/** An archived ad set never runs again, so it is not retargeted. */
export async function unarchivedAdSets(ads: Pick<SpotifyAds, "adSets">, adsId: string): Promise<Results<AdsAdSet>> {
  const sets = requireAll(await ads.adSets([adsId])).flat();
  return sets.filter((set) => set instanceof Error || set.status !== "ARCHIVED");
}

/**
 * The audiences that an ad set gets. Audiences of `earlier` targetings are removed; audiences that were set manually in
 * Spotify stay: a rule that adds an audience says nothing about a media buyer's retargeting list, and an exclusion may be
 * required by a contract that we do not know. Earlier targetings that were only partly applied count too. The price: an
 * audience that is set manually and also named by a targeting belongs to the targeting from then on, and is removed with
 * it. An audience that is both included and excluded is excluded.
 */
function retargeted(
  { targets: { audienceIds, excludedAudienceIds } }: Pick<AdsAdSet, "targets">,
  { include, exclude }: AdsRetargeting,
  earlier: readonly string[],
): AdsRetargeting {
  const setManually = (ids: readonly string[]): readonly string[] => ids.filter((id) => !earlier.includes(id));
  const excluded = unique([...setManually(excludedAudienceIds), ...exclude]);
  const included = unique([...setManually(audienceIds), ...include]).filter((id) => !excluded.includes(id));
  return { include: included, exclude: excluded };
}

/** The same for all campaigns: those that need one audience concurrently create one. Hashed, because headers are ASCII. */
function keyOf(name: string): string {
  return `audience-${hash("sha256", name, "base64url")}`;
}
