/**
 * How is a campaign activated or paused?
 *
 * Activating needs a decision that allows it; pausing needs none. A requested status counts from the moment it is stored:
 * a campaign whose activation has not reached Spotify yet can be paused (see status-requests.ts).
 */
import { campaignId } from "../../../schema/id.ts";
import { assertTransition } from "../../../schema/states.ts";
import type { States } from "../../../schema/states.ts";
import type { Context } from "../../platform/context.ts";
import type { Decided } from "../../pipeline/loader.ts";
import type { StatusRequest } from "../../records/campaigns/types.ts";
import type { Handler } from "../../records/outbox/effect.ts";
import type { CommandTools } from "../../server/commands.ts";
import { decidedOrRecalled } from "../../server/decided-or-recalled.ts";
import type { Campaign, CampaignStatus } from "../campaign/campaign.ts";
import { requireCampaign } from "../campaign/require-campaign.ts";
import { campaignActivationFacts, marketingActivation } from "../decisions/marketing-activation.ts";
import type { CampaignServices } from "../services.ts";
import type { ActivateCampaignInput, PauseCampaignInput } from "./inputs.ts";
import { createStatusRequests } from "./status-requests.ts";

export interface ActivationCommands {
  /** Requests the status only if the verdict is ALLOW. Rejects with a DecisionError, and changes nothing, without a verdict. */
  activate(context: Context, input: ActivateCampaignInput): Promise<Activation>;
  pause(context: Context, input: PauseCampaignInput): Promise<void>;
  readonly handlers: readonly Handler<never>[];
}

type Activation = Decided<{ readonly alternativeCategory: string | null }>;

/** PENDING is held back by Spotify before its start, RESTRICTED after it: a restricted campaign is on already. */
const CAMPAIGN_STATES: States<CampaignStatus> = {
  DRAFT: ["ACTIVE"],
  PENDING: ["ACTIVE"],
  PAUSED: ["ACTIVE"],
  ACTIVE: ["PAUSED"],
  RESTRICTED: ["PAUSED"],
  ARCHIVED: [],
};
const ACTIONS = { ACTIVE: "activate", PAUSED: "pause" } as const;

export function activationCommands(services: CampaignServices, tools: CommandTools): ActivationCommands {
  const { records, load } = services;
  const { decideAnew, recall, mutate } = tools;
  const statusRequests = createStatusRequests(
    services,
    tools,
    async (context, campaign) => (await decide(context, campaign)).eligible,
  );

  return {
    async activate(context, input) {
      const [adsId] = campaignId.decode(input.campaignId, "campaignId");
      const made: { decided?: Activation } = {};
      const { evaluationId } = await mutate(context, "activateCampaign", input, async () => {
        const { campaign, revision } = await requireTransition(context, adsId, "ACTIVE");
        const decided = await decide(context, campaign);
        made.decided = decided;
        return async (tx) => {
          const request = { revision, status: "ACTIVE" as const, evaluationId: decided.id };
          if (decided.eligible) await statusRequests.add(tx, context, campaign, request);
          return { evaluationId: decided.id };
        };
      });
      return decidedOrRecalled(recall, context, marketingActivation, { evaluationId, decided: made.decided });
    },

    async pause(context, input) {
      const [adsId] = campaignId.decode(input.campaignId, "campaignId");
      await mutate(context, "pauseCampaign", input, async () => {
        const { campaign, revision } = await requireTransition(context, adsId, "PAUSED");
        return async (tx) => {
          await statusRequests.add(tx, context, campaign, { revision, status: "PAUSED", evaluationId: null });
          return {};
        };
      });
    },

    handlers: statusRequests.handlers,
  };

  async function decide(context: Context, campaign: Campaign): Promise<Activation> {
    const facts = campaignActivationFacts(campaign.status, await load(context).facts.load(campaign));
    return decideAnew(context, marketingActivation, facts, campaign.id);
  }

  /** `revision` is that of the latest status request, 0 if there is none. Throws CONFLICT if the campaign cannot become `to`. */
  async function requireTransition(
    context: Context,
    adsId: string,
    to: StatusRequest["status"],
  ): Promise<{ readonly campaign: Campaign; readonly revision: number }> {
    const action = ACTIONS[to];
    const [campaign, [latest]] = await Promise.all([
      requireCampaign(services, context, adsId, `${action}Campaign`),
      records.statusRequests([adsId]),
    ]);
    // An open request cannot bring back an archived campaign.
    const isOpen = latest?.closedAt === null && campaign.status !== "ARCHIVED";
    assertTransition(CAMPAIGN_STATES, isOpen ? latest.status : campaign.status, to, { action, id: campaign.id });
    return { campaign, revision: latest?.revision ?? 0 };
  }
}
