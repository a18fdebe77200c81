/**
 * How is a request to place a campaign in an episode made and decided?
 *
 * The rules approve it, reject it, or require a review first. If they cannot decide it now, it is stored as undecided, and
 * the decision is retried until it succeeds.
 */
import { randomUUID } from "node:crypto";
import { badUserInput } from "../../../schema/errors.ts";
import { campaignId, episodeId, sponsorshipId } from "../../../schema/id.ts";
import { assertTransition } from "../../../schema/states.ts";
import { undefinedIfUndecided } from "../../pipeline/undecided.ts";
import type { Context } from "../../platform/context.ts";
import { forgetLists } from "../../platform/lists.ts";
import { unique } from "../../platform/unique.ts";
import { addSponsorship, sponsorshipRecords } from "../../records/campaigns/store.ts";
import { sponsorships as table } from "../../records/campaigns/tables.ts";
import type { SponsorshipRecord } from "../../records/campaigns/types.ts";
import type { Tx } from "../../records/database/database.ts";
import { moveFrom } from "../../records/database/move-from.ts";
import { REQUEST_STATES, isUndecided, moveAfterDecision, statusAfterReview } from "../../records/decisions/requests.ts";
import type { RequestDecision } from "../../records/decisions/requests.ts";
import type { ReviewHandler } from "../../records/decisions/reviews.ts";
import type { Handler } from "../../records/outbox/effect.ts";
import type { DeliveryHandler } from "../../records/webhooks/delivery.ts";
import { toldDecision } from "../../records/webhooks/events.ts";
import type { CommandTools } from "../../server/commands.ts";
import { decideLater } from "../../server/decide-later.ts";
import { requireCampaign } from "../campaign/require-campaign.ts";
import { placementReview, sponsorshipFacts } from "../decisions/placement-review.ts";
import { requireFacts } from "../external/require-facts.ts";
import { EpisodeReference, REQUIRED_FACTS } from "../external/episode.ts";
import type { EpisodeFacts } from "../external/episode.ts";
import type { CampaignServices } from "../services.ts";
import type { SubmitSponsorshipInput } from "./inputs.ts";
import { sponsorshipDelivery, tellDecided, tellReviewed } from "./told.ts";

export interface SponsorshipCommands {
  /** Returns the id of the record. */
  submit(context: Context, input: SubmitSponsorshipInput): Promise<string>;
  readonly reviewHandler: ReviewHandler;
  readonly handlers: readonly Handler<never>[];
  readonly deliveryHandler: DeliveryHandler;
}

const KIND = "sponsorship";

export function sponsorshipCommands(
  services: CampaignServices,
  { decideAnew, mutate, transact, outbox, tell, subgraphClient }: CommandTools,
): SponsorshipCommands {
  const { sponsorships, now } = services;
  const later = decideLater(transact, {
    kind: "campaigns.decide-sponsorship",
    find: async (id) => (await sponsorships.byIds([id]))[0],
    isOpen: isUndecided,
    caller: ({ requestedBy }) => requestedBy,
    decide,
    fail: (tx, { id, status }) => move(tx, id, status, { status: "FAILED" }),
    apply: async (tx, record, decided) => move(tx, record.id, record.status, await decidedTo(tx, record, decided)),
  });

  return {
    async submit(context, input) {
      const [adsId] = campaignId.decode(input.campaignId, "campaignId");
      const [podcastId, ownId] = episodeId.decode(input.episodeId, "episodeId");
      const { id } = await mutate(context, "submitSponsorship", input, async () => {
        const record: SponsorshipRecord = {
          id: randomUUID(),
          campaignId: adsId,
          episodeId: { podcastId, episodeId: ownId },
          brand: input.brand,
          productCategory: input.productCategory,
          competitors: unique(input.competitors),
          status: "UNDECIDED",
          requestedBy: context.caller.id,
          requestedAt: new Date(now()),
        };
        const decided = await undefinedIfUndecided(decide(context, record));
        return async (tx) => {
          const to = decided && (await decidedTo(tx, record, decided));
          await addSponsorship(tx, { ...record, ...to });
          if (!to) await outbox.send(tx, later.kind, { subject: subjectOf(record.id), data: { id: record.id } });
          return { id: record.id };
        };
      });
      forgetLists(services.load(context).sponsorships, id);
      return id;
    },
    reviewHandler: {
      kind: KIND,
      async apply(tx, review) {
        const { subject, verdict } = review;
        const [id] = sponsorshipId.decode(subject);
        const status = statusAfterReview(verdict);
        assertTransition(REQUEST_STATES, "IN_REVIEW", status, { action: "review", id: subject });
        const [record] = await sponsorshipRecords(tx).byIds([id]);
        if (!record) throw new Error(`Cannot review ${subject}: it does not exist`);
        const told = await tellReviewed(tx, tell, { record, status, at: new Date(now()) }, review);
        await move(tx, id, "IN_REVIEW", { status, ...told });
      },
    },
    handlers: [later.handler],
    deliveryHandler: sponsorshipDelivery,
  };

  async function decide(context: Context, record: SponsorshipRecord): Promise<Decided> {
    const [campaign, episodeFacts] = await Promise.all([
      requireCampaign(services, context, record.campaignId, "submitSponsorship"),
      fetchEpisodeFacts(context, record),
    ]);
    const facts = sponsorshipFacts(await services.load(context).facts.load(campaign), episodeFacts, record.competitors);
    return decideAnew(context, placementReview, facts, subjectOf(record.id));
  }

  async function fetchEpisodeFacts(context: Context, { episodeId: of }: SponsorshipRecord): Promise<EpisodeFacts> {
    const id = episodeId.encode(of.podcastId, of.episodeId);
    const episode = await subgraphClient.entity(context, {
      subgraph: "episodes",
      type: "Episode",
      id,
      selection: `facts ${REQUIRED_FACTS}`,
      entity: EpisodeReference.pick({ facts: true }),
    });
    if (!episode) throw badUserInput(`Cannot submitSponsorship: there is no episode ${id}`, "episodeId");
    return requireFacts(episode.facts, "episode", placementReview.key);
  }

  async function decidedTo(tx: Tx, record: SponsorshipRecord, decided: Decided): Promise<Partial<SponsorshipRecord>> {
    const at = new Date(now());
    const to = await moveAfterDecision(tx, tell, { kind: KIND, subject: subjectOf(record.id), decided, at });
    return { ...to, ...(await tellDecided(tx, tell, { record, status: to.status, at }, toldDecision(decided))) };
  }
}

type Decided = RequestDecision["decided"] & Parameters<typeof toldDecision>[0];

async function move(
  tx: Tx,
  id: string,
  from: SponsorshipRecord["status"],
  to: Partial<SponsorshipRecord>,
): Promise<void> {
  await moveFrom(tx, table, { id, subject: subjectOf(id), from: [from], to });
}

function subjectOf(id: string): string {
  return sponsorshipId.encode(id);
}
