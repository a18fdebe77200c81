/**
 * How does a targeting become what a campaign's ad sets target?
 *
 * It is decided, or pushed by whoever has decided elsewhere, and written down. Then its names become audiences, and each
 * ad set is told. Only the last targeting of a campaign counts: an older one that has not been applied yet never is.
 */
import { hash, randomUUID } from "node:crypto";
import { z } from "zod";
import { conflict } from "../../../schema/errors.ts";
import { campaignId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { Decided } from "../../pipeline/loader.ts";
import type { CommandTools } from "../../server/commands.ts";
import { addTargeting, markApplied } from "../../records/campaigns/store.ts";
import { handler } from "../../records/outbox/effect.ts";
import type { EffectKind, Handler } from "../../records/outbox/effect.ts";
import { requireAll } from "../../platform/results.ts";
import type { AdsAdSet, AdsRetargeting } from "../../sources/spotify-ads/client.ts";
import { badFields } from "../../server/validation.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { campaignTargeting, targetingFacts } from "../decisions/campaign-targeting.ts";
import { requireCampaign } from "../campaign/require-campaign.ts";
import type { CampaignServices } from "../services.ts";
import type { TargetingRecord } from "../../records/campaigns/types.ts";
import type { ApplyTargetingInput } from "./inputs.ts";

export interface TargetingCommands {
  /** null where the targeting was pushed. Only where it is ALLOW was anything changed. Rejects where there is no decision. */
  apply(context: Context, input: ApplyTargetingInput): Promise<Decided<Targeting> | null>;
  readonly handlers: readonly Handler<never>[];
}

type Targeting = Pick<TargetingRecord, "include" | "exclude" | "offer">;
/** Ids of audiences by their names. */
type Audiences = ReadonlyMap<string, string>;

const APPLY: EffectKind<{ readonly id: string; readonly campaignId: string }> = {
  name: "campaigns.targeting",
  supersedesEarlier: true,
  data: z.object({ id: z.string(), campaignId: z.string() }),
};

export function targetingCommands(services: CampaignServices, tools: CommandTools): TargetingCommands {
  const { ads, records, load, now } = services;
  const { decideAnew, recall, mutate, transact, outbox } = tools;

  return {
    async apply(context, input) {
      const [adsId] = campaignId.decode(input.campaignId, "campaignId");
      const pushed = pushedBy(input);
      const made: { decided?: Decided<Targeting> } = {};
      const { evaluationId } = await mutate(context, "applyTargeting", input, async () => {
        const campaign = await targetable(context, adsId);
        if (!pushed) made.decided = await decide(context, campaign);
        const { decided } = made;
        const wanted = pushed ?? (decided?.eligible ? careful(decided) : undefined);
        return async (tx) => {
          const id = randomUUID();
          const result = { evaluationId: decided?.id ?? null };
          if (!wanted) return result;
          const { include, exclude, offer } = wanted;
          const asked = { requestedBy: context.caller, requestedAt: new Date(now()), appliedAt: null };
          await addTargeting(tx, { id, campaignId: adsId, include, exclude, offer, ...result, ...asked });
          await outbox.send(tx, APPLY, { subject: campaign.id, data: { id, campaignId: adsId } });
          return result;
        };
      });
      if (evaluationId === null) return null;
      return made.decided?.id === evaluationId ? made.decided : recall(context, campaignTargeting, evaluationId);
    },

    handlers: [
      handler({
        kind: APPLY,
        async perform({ data: { id, campaignId: adsId }, log }) {
          const latest = await records.latestTargeting(adsId);
          if (latest?.id !== id) return log.info("overtaken: somebody wants another targeting by now");
          if (latest.appliedAt !== null) return;
          const [sets, known] = await Promise.all([retargetable(adsId), audiences()]);
          const [include, exclude] = [await idsOf(latest.include, known), await idsOf(latest.exclude, known)];
          const ours = (await records.otherAudienceNames(latest)).flatMap((name) => known.get(name) ?? []);
          for (const set of sets) await ads.retargetAdSet(set.id, retargeted(set, { include, exclude }, ours));
          await transact((tx) => markApplied(tx, id, new Date(now())));
        },
      }),
    ],
  };

  async function targetable(context: Context, adsId: string): Promise<Campaign> {
    const campaign = await requireCampaign(services, context, adsId, "apply a targeting");
    const refuse = (state: string) => conflict(`Cannot apply a targeting to ${campaign.id}: ${state}`);
    if (campaign.status === "ARCHIVED") throw refuse("it is ARCHIVED");
    // It would be taken for applied, and reach nobody.
    if ((await retargetable(adsId)).length === 0) throw refuse("it has no ad sets");
    return campaign;
  }

  async function decide(context: Context, campaign: Campaign): Promise<Decided<Targeting>> {
    const facts = targetingFacts(await load(context).facts.load(campaign));
    return decideAnew(context, campaignTargeting, facts, campaign.id);
  }

  /** As they are now. Nothing that is archived is ever heard again. */
  async function retargetable(adsId: string): Promise<readonly AdsAdSet[]> {
    return requireAll(await ads.adSets([adsId]))
      .flat()
      .filter(({ status }) => status !== "ARCHIVED");
  }

  /** Of several of one name the oldest, as `ensureAudience` has it. */
  async function audiences(): Promise<Audiences> {
    return new Map((await ads.audiences()).toReversed().map(({ id, name }) => [name, id]));
  }

  /** Creates those that are not there yet: empty until somebody uploads who is in them. */
  async function idsOf(names: readonly string[], known: Audiences): Promise<readonly string[]> {
    const ids: string[] = [];
    for (const name of names) ids.push(known.get(name) ?? (await ads.ensureAudience(name, keyOf(name))));
    return ids;
  }
}

/** undefined where nothing of a targeting is given. Throws BAD_USER_INPUT where it contradicts itself. */
function pushedBy({ include, exclude, offer }: ApplyTargetingInput): Targeting | undefined {
  const isGiven = [include, exclude, offer].some((part) => part !== undefined && part !== null);
  if (!isGiven) return undefined;
  const pushed = { include: unique(include ?? []), exclude: unique(exclude ?? []), offer: offer ?? null };
  const both = pushed.exclude.filter((name) => pushed.include.includes(name));
  if (both.length === 0) return pushed;
  const problem = `must not name what include names: ${both.slice(0, 3).join(", ")}`;
  throw badFields("applyTargeting", { exclude: [problem] });
}

/** Of several rules, one may leave out whom another one reaches: nobody is reached whom any rule leaves out. */
function careful({ include, exclude, offer }: Targeting): Targeting {
  return { include: include.filter((name) => !exclude.includes(name)), exclude, offer };
}

/**
 * Which audiences an ad set is to have. What targetings of this campaign put there goes; what somebody set in Spotify by
 * hand stays: a rule that says whom to reach beside says nothing of the retargeting list that a media buyer has set up,
 * and who excluded a partner's customers by contract would be in breach without knowing why. All earlier targetings
 * count for what was put there, also those that were given up halfway. The price: an audience that was set by hand and named by a
 * targeting is the targeting's from then on, and goes with it. Where both contradict each other, leaving out wins.
 */
function retargeted(
  { targets: { audienceIds, excludedAudienceIds } }: Pick<AdsAdSet, "targets">,
  { include, exclude }: AdsRetargeting,
  ours: readonly string[],
): AdsRetargeting {
  const byHand = (ids: readonly string[]): readonly string[] => ids.filter((id) => !ours.includes(id));
  const excluded = unique([...byHand(excludedAudienceIds), ...exclude]);
  const included = unique([...byHand(audienceIds), ...include]).filter((id) => !excluded.includes(id));
  return { include: included, exclude: excluded };
}

/** By the name alone: campaigns that come to need one audience in the same moment make one. A header holds no Unicode. */
function keyOf(name: string): string {
  return `audience-${hash("sha256", name, "base64url")}`;
}

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
