/**
 * How do the ad sets of a campaign get its targeting?
 *
 * The targeting and an effect are stored in one transaction. The effect maps names to audiences of the ad account, creates
 * those that are missing, and updates each ad set. Only the latest targeting of a campaign is applied: it supersedes all
 * earlier ones.
 */
import { hash } from "node:crypto";
import { z } from "zod";
import type { Once } from "../../platform/once.ts";
import { requireAll, withoutErrors } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { unique } from "../../platform/unique.ts";
import { addTargeting, markApplied } from "../../records/campaigns/store.ts";
import type { TargetingRecord } from "../../records/campaigns/types.ts";
import type { Tx } from "../../records/database/database.ts";
import { handler } from "../../records/outbox/effect.ts";
import type { Attempt, EffectKind, Handler } from "../../records/outbox/effect.ts";
import type { CommandTools } from "../../server/commands.ts";
import type { AdsFacts } from "../../sources/spotify-ads/facts.ts";
import type { AdsAdSet } from "../../sources/spotify-ads/replies.ts";
import type { AdsRetargeting } from "../../sources/spotify-ads/writes.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignServices } from "../services.ts";

export interface Retargeting {
  /** Part of the transaction. */
  start(tx: Tx, campaign: Campaign, targeting: TargetingRecord): Promise<void>;
  readonly handlers: readonly Handler<never>[];
}

/** By name. */
type Audiences = ReadonlyMap<string, Audience>;
interface Audience {
  readonly id: string;
  /** Made a moment ago, or never filled since. */
  readonly isNew: boolean;
}

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

  async function apply({ data: { id, campaignId }, log, once }: Attempt<Data>): Promise<void> {
    const latest = await records.latestTargeting(campaignId);
    if (latest?.id !== id) return log.info("superseded by a later targeting");
    if (latest.appliedAt !== null) return;
    const [sets, audiences] = await Promise.all([unarchivedAdSets(ads, campaignId), audiencesByName()]);
    const included = await ensureAll(latest.include, audiences, once);
    const excluded = await ensureAll(latest.exclude, audiences, once);
    const hasNew = [...included, ...excluded].some(({ isNew }) => isNew);
    const targets = { include: included.map(idOf), exclude: excluded.map(idOf) };
    const earlier = (await records.otherAudienceNames(latest)).flatMap((name) => audiences.get(name)?.id ?? []);
    for (const set of withoutErrors(sets)) {
      await ads.retargetAdSet(campaignId, set.id, { ...retargeted(set, targets, earlier), hasNew });
    }
    // The others have it: one that cannot be read is tried again.
    requireAll(sets);
    await transact((tx) => markApplied(tx, id, new Date(now())));
  }

  /** Of several with the same name the oldest, as in `ensureAudience`. */
  async function audiencesByName(): Promise<Audiences> {
    const all = withoutErrors(await ads.audiences()).toReversed();
    return new Map(all.map(({ id, name, status }) => [name, { id, isNew: UNFILLED.has(status) }]));
  }

  /** Creates missing audiences; they are empty until somebody uploads their members. */
  async function ensureAll(names: readonly string[], audiences: Audiences, once: Once): Promise<readonly Audience[]> {
    const all: Audience[] = [];
    for (const name of names) {
      all.push(audiences.get(name) ?? { id: await ads.ensureAudience(name, keyOf(name), once), isNew: true });
    }
    return all;
  }
}

/** Statuses of an audience to which nobody has uploaded members yet. */
const UNFILLED = new Set(["EMPTY", "PROCESSING"]);

function idOf({ id }: Audience): string {
  return id;
}

/** As they are now. An archived ad set never runs again, so it is not retargeted. */
export async function unarchivedAdSets(ads: Pick<AdsFacts, "adSets">, adsId: string): Promise<Results<AdsAdSet>> {
  const sets = requireAll(await ads.adSets.get([adsId], true)).flatMap(({ value }) => value);
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
