/**
 * How is the targeting of a campaign changed?
 *
 * The rules decide it, or the caller pushes one. It counts from the moment it is stored, and the ad sets get it through the
 * outbox (see retargeting.ts).
 */
import { randomUUID } from "node:crypto";
import { conflict } from "../../../schema/errors.ts";
import { campaignId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import { unique } from "../../platform/unique.ts";
import type { Decided } from "../../pipeline/loader.ts";
import type { TargetingRecord } from "../../records/campaigns/types.ts";
import type { Handler } from "../../records/outbox/effect.ts";
import type { CommandTools } from "../../server/commands.ts";
import { decidedOrRecalled } from "../../server/decided-or-recalled.ts";
import { badFields } from "../../server/validation.ts";
import type { Campaign } from "../campaign/campaign.ts";
import { requireCampaign } from "../campaign/require-campaign.ts";
import { campaignTargeting, targetingFacts } from "../decisions/campaign-targeting.ts";
import type { CampaignServices } from "../services.ts";
import type { ApplyTargetingInput } from "./inputs.ts";
import { createRetargeting, unarchivedAdSets } from "./retargeting.ts";

export interface TargetingCommands {
  /**
   * null for a pushed targeting. A decided one is applied only if the verdict is ALLOW. Rejects with a DecisionError, and
   * changes nothing, without a verdict.
   */
  apply(context: Context, input: ApplyTargetingInput): Promise<Decided<Targeting> | null>;
  readonly handlers: readonly Handler<never>[];
}

type Targeting = Pick<TargetingRecord, "include" | "exclude" | "offer">;

export function targetingCommands(services: CampaignServices, tools: CommandTools): TargetingCommands {
  const { ads, load, now } = services;
  const { decideAnew, recall, mutate } = tools;
  const retargeting = createRetargeting(services, tools);

  return {
    async apply(context, input) {
      const [adsId] = campaignId.decode(input.campaignId, "campaignId");
      const pushed = pushedTargeting(input);
      const made: { decided?: Decided<Targeting> } = {};
      const { evaluationId } = await mutate(context, "applyTargeting", input, async () => {
        const campaign = await requireTargetable(context, adsId);
        if (!pushed) made.decided = await decide(context, campaign);
        const { decided } = made;
        const targeting = pushed ?? (decided?.eligible ? withoutExcluded(decided) : undefined);
        return async (tx) => {
          const result = { evaluationId: decided?.id ?? null };
          if (!targeting) return result;
          await retargeting.start(tx, campaign, {
            ...targeting,
            ...result,
            id: randomUUID(),
            campaignId: adsId,
            requestedBy: context.caller.id,
            requestedAt: new Date(now()),
            appliedAt: null,
          });
          return result;
        };
      });
      if (evaluationId === null) return null;
      return decidedOrRecalled(recall, context, campaignTargeting, { evaluationId, decided: made.decided });
    },

    handlers: retargeting.handlers,
  };

  /** Throws CONFLICT for a campaign whose ad sets cannot be changed. */
  async function requireTargetable(context: Context, adsId: string): Promise<Campaign> {
    const campaign = await requireCampaign(services, context, adsId, "applyTargeting");
    const refuse = (state: string) => conflict(`Cannot applyTargeting: ${campaign.id} ${state}`);
    if (campaign.status === "ARCHIVED") throw refuse("is ARCHIVED");
    // The targeting would count as applied without reaching anybody.
    if ((await unarchivedAdSets(ads, adsId)).length === 0) throw refuse("has no ad sets");
    return campaign;
  }

  async function decide(context: Context, campaign: Campaign): Promise<Decided<Targeting>> {
    const facts = targetingFacts(await load(context).facts.load(campaign));
    return decideAnew(context, campaignTargeting, facts, campaign.id);
  }
}

/** undefined if the input has no part of a targeting. Throws BAD_USER_INPUT if a name is both included and excluded. */
function pushedTargeting({ include, exclude, offer }: ApplyTargetingInput): Targeting | undefined {
  const isPushed = [include, exclude, offer].some((part) => part !== undefined && part !== null);
  if (!isPushed) return undefined;
  const pushed = { include: unique(include ?? []), exclude: unique(exclude ?? []), offer: offer ?? null };
  const both = pushed.exclude.filter((name) => pushed.include.includes(name));
  if (both.length === 0) return pushed;
  const problem = `must not contain names from include: ${both.slice(0, 3).join(", ")}`;
  throw badFields("applyTargeting", { exclude: [problem] });
}

/** One rule may exclude an audience that another one includes: the exclusion wins. */
function withoutExcluded({ include, exclude, offer }: Targeting): Targeting {
  return { include: include.filter((name) => !exclude.includes(name)), exclude, offer };
}
