/**
 * How does a campaign come to run, or to stop?
 *
 * Somebody wants it, the rules allow it (stopping needs nobody's leave), and Spotify is told. What is wanted counts from
 * the moment it is: who pauses a campaign that Spotify has not switched on yet pauses one that is on. Wishes are counted,
 * and only the last one is ever carried out.
 */
import { z } from "zod";
import { campaignId } from "../../../schema/id.ts";
import { assertTransition } from "../../../schema/states.ts";
import type { States } from "../../../schema/states.ts";
import { backgroundContext } from "../../platform/context.ts";
import type { Context } from "../../platform/context.ts";
import type { Decided } from "../../pipeline/loader.ts";
import type { CommandTools } from "../../server/commands.ts";
import { addWish, closeStatusRequest } from "../../records/campaigns/store.ts";
import type { Tx } from "../../records/database/database.ts";
import { handler } from "../../records/outbox/effect.ts";
import type { Attempt, EffectKind, Handler } from "../../records/outbox/effect.ts";
import type { ActivateCampaignInput, PauseCampaignInput } from "./inputs.ts";
import { campaignActivationFacts } from "../decisions/marketing-activation.ts";
import type { Campaign, CampaignStatus } from "../campaign/campaign.ts";
import { marketingActivation } from "../decisions/marketing-activation.ts";
import { existing } from "../campaign/existing.ts";
import type { CampaignServices } from "../services.ts";
import type { CampaignWish } from "../../records/campaigns/types.ts";

export interface ActivationCommands {
  /** Only where it is ALLOW was anything changed. Rejects with a DecisionError where there is none: then nothing was. */
  activate(context: Context, input: ActivateCampaignInput): Promise<Activation>;
  pause(context: Context, input: PauseCampaignInput): Promise<void>;
  readonly handlers: readonly Handler<never>[];
}

type Activation = Decided<{ readonly alternativeCategory: string | null }>;

/**
 * Of a campaign that Spotify holds back (PENDING) the rules say whether it may go live, and they may change their mind.
 * One that is RESTRICTED was switched on: it can be switched off, and not on any further.
 */
const CAMPAIGN_STATES: States<CampaignStatus> = {
  DRAFT: ["ACTIVE"],
  PENDING: ["ACTIVE"],
  PAUSED: ["ACTIVE"],
  ACTIVE: ["PAUSED"],
  RESTRICTED: ["PAUSED"],
  ARCHIVED: [],
};
const ACTIONS = { ACTIVE: "activate", PAUSED: "pause" } as const;

type Turn = Pick<CampaignWish, "campaignId" | "turn">;
const STATUS: EffectKind<Turn> = {
  name: "campaigns.status",
  supersedesEarlier: true,
  data: z.object({ campaignId: z.string(), turn: z.int() }),
};

export function activationCommands(services: CampaignServices, tools: CommandTools): ActivationCommands {
  const { ads, records, load, now } = services;
  const { decideAnew, recall, mutate, transact, outbox } = tools;

  return {
    async activate(context, input) {
      const [adsId] = campaignId.decode(input.campaignId, "campaignId");
      const made: { decided?: Activation } = {};
      const { evaluationId } = await mutate(context, "activateCampaign", input, async () => {
        const { campaign, turn } = await movable(context, adsId, "ACTIVE");
        const decided = await decide(context, campaign);
        made.decided = decided;
        return async (tx) => {
          if (decided.eligible) await wish(tx, context, campaign, { turn, status: "ACTIVE", evaluationId: decided.id });
          return { evaluationId: decided.id };
        };
      });
      return made.decided?.id === evaluationId ? made.decided : recall(context, marketingActivation, evaluationId);
    },

    async pause(context, input) {
      const [adsId] = campaignId.decode(input.campaignId, "campaignId");
      await mutate(context, "pauseCampaign", input, async () => {
        const { campaign, turn } = await movable(context, adsId, "PAUSED");
        return async (tx) => {
          // Nothing that failed before it may keep a campaign on the air.
          await outbox.unblockSubject(tx, STATUS, campaign.id);
          await wish(tx, context, campaign, { turn, status: "PAUSED", evaluationId: null });
          return {};
        };
      });
    },

    handlers: [
      handler({
        kind: STATUS,
        async perform({ data, log }) {
          const wanted = await unlessOvertaken(data);
          if (!wanted) return log.info("overtaken: somebody wants something else by now");
          if (wanted.status === "ACTIVE" && !(await isStillAllowed(wanted, log))) {
            log.warn({ campaign: wanted.campaignId }, "not activated: the rules do not allow it any more");
            return close(wanted);
          }
          await ads.setCampaignStatus(wanted.campaignId, wanted.status);
          return close(wanted);
        },
        // The campaign is what Spotify says, and may be wanted otherwise anew. That it failed is seen in the outbox.
        async failed({ data }) {
          const wanted = await unlessOvertaken(data);
          if (wanted) await close(wanted);
        },
      }),
    ],
  };

  /** What was allowed when somebody asked may not be any more: a targeting before it in the outbox is with Spotify now. */
  async function isStillAllowed(
    { campaignId: adsId, askedBy }: CampaignWish,
    log: Attempt<Turn>["log"],
  ): Promise<boolean> {
    const context = backgroundContext(log, askedBy);
    const campaign = await existing(services, context, adsId, "activate a campaign");
    return (await decide(context, campaign)).eligible;
  }

  async function decide(context: Context, campaign: Campaign): Promise<Activation> {
    const facts = campaignActivationFacts(campaign.status, await load(context).facts.load(campaign));
    return decideAnew(context, marketingActivation, facts, campaign.id);
  }

  /** The campaign, where it may become what is wanted, and the turn of the last wish: 0 where there was none. */
  async function movable(
    context: Context,
    adsId: string,
    wanted: CampaignWish["status"],
  ): Promise<{ readonly campaign: Campaign; readonly turn: number }> {
    const action = ACTIONS[wanted];
    const [campaign, [last]] = await Promise.all([
      existing(services, context, adsId, `${action} a campaign`),
      records.wishes([adsId]),
    ]);
    // Nothing that was wanted brings back what is archived.
    const isOpen = last?.settledAt === null && campaign.status !== "ARCHIVED";
    assertTransition(CAMPAIGN_STATES, isOpen ? last.status : campaign.status, wanted, { action, id: campaign.id });
    return { campaign, turn: last?.turn ?? 0 };
  }

  /** In the place of the one of `turn`. */
  async function wish(
    tx: Tx,
    { caller: askedBy }: Context,
    { id: subject, adsId }: Campaign,
    { turn: before, ...wanted }: Pick<CampaignWish, "status" | "turn" | "evaluationId">,
  ): Promise<void> {
    const { turn } = await addWish(tx, { ...wanted, campaignId: adsId, askedBy, askedAt: new Date(now()) }, before);
    await outbox.send(tx, STATUS, { subject, data: { campaignId: adsId, turn } });
  }

  /** Also one that is settled: somebody may have what failed tried again. */
  async function unlessOvertaken({ campaignId: adsId, turn }: Turn): Promise<CampaignWish | undefined> {
    const [last] = await records.wishes([adsId]);
    return last?.turn === turn ? last : undefined;
  }

  async function close(wanted: CampaignWish): Promise<void> {
    await transact((tx) => closeStatusRequest(tx, wanted, new Date(now())));
  }
}
