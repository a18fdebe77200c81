/**
 * What becomes of a request to place a campaign in an episode?
 *
 * The rules say: approved, rejected, or somebody looks at it first. Where they cannot be asked the request is kept,
 * undecided, and they are asked again until they answer.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { badUserInput } from "../../../schema/errors.ts";
import { campaignId, episodeId, sponsorshipId } from "../../../schema/id.ts";
import { assertTransition } from "../../../schema/states.ts";
import { backgroundContext } from "../../platform/context.ts";
import type { Context } from "../../platform/context.ts";
import { unlessUndecided } from "../../pipeline/undecided.ts";
import type { CommandTools } from "../../server/commands.ts";
import { addSponsorship, moveSponsorship } from "../../records/campaigns/store.ts";
import type { Tx } from "../../records/database/database.ts";
import { handler } from "../../records/outbox/outbox.ts";
import type { EffectKind, Handler } from "../../records/outbox/outbox.ts";
import type { ReviewHandler } from "../../records/decisions/reviews.ts";
import { REQUEST_STATES, moveBy, reviewedTo } from "../../records/decisions/requests.ts";
import type { Ruling } from "../../records/decisions/requests.ts";
import { requireFacts, placementReview, sponsorshipFacts } from "../decisions.ts";
import { EpisodeReference, REQUIRED_FACTS } from "../external/episode.ts";
import type { EpisodeFacts } from "../external/episode.ts";
import { existing } from "../campaign/existing.ts";
import type { CampaignServices } from "../services.ts";
import type { SponsorshipRecord } from "../../records/campaigns/types.ts";
import type { SubmitSponsorshipInput } from "./inputs.ts";

export interface SponsorshipCommands {
  /** Gives the id of the record. */
  submit(context: Context, input: SubmitSponsorshipInput): Promise<string>;
  readonly reviewHandler: ReviewHandler;
  readonly handlers: readonly Handler<never>[];
}

const KIND = "sponsorship";
const DECIDE: EffectKind<{ readonly id: string }> = {
  name: "campaigns.decide-sponsorship",
  retriesForever: true,
  data: z.object({ id: z.string() }),
};

export function sponsorshipCommands(
  services: CampaignServices,
  { decideAnew, mutate, outbox, subgraphClient }: CommandTools,
): SponsorshipCommands {
  const { sponsorships, now } = services;

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
          competitors: [...new Set(input.competitors)],
          status: "UNDECIDED",
          requestedBy: context.caller,
          requestedAt: new Date(now()),
        };
        const decided = await unlessUndecided(decide(context, record));
        return async (tx) => {
          await addSponsorship(tx, record);
          if (decided) await settle(tx, record, decided);
          else await outbox.send(tx, DECIDE, { subject: sponsorshipId.encode(record.id), data: { id: record.id } });
          return { id: record.id };
        };
      });
      return id;
    },
    reviewHandler: {
      kind: KIND,
      async apply(tx, { subject, verdict }) {
        const [id] = sponsorshipId.decode(subject);
        const status = reviewedTo(verdict);
        assertTransition(REQUEST_STATES, "IN_REVIEW", status, { action: "review", id: subject });
        await moveSponsorship(tx, id, "IN_REVIEW", { status });
      },
    },
    handlers: [
      handler({
        kind: DECIDE,
        async perform({ data: { id }, log }) {
          const [record] = await sponsorships.byIds([id]);
          // Decided by an earlier attempt.
          if (record?.status !== "UNDECIDED") return;
          const context = backgroundContext(log, record.requestedBy);
          const decided = await decide(context, record);
          await mutate(context, DECIDE.name, {}, async () => async (tx) => {
            await settle(tx, record, decided);
            return {};
          });
        },
      }),
    ],
  };

  async function decide(context: Context, record: SponsorshipRecord): Promise<Ruling["decided"]> {
    const [campaign, heard] = await Promise.all([
      existing(services, context, record.campaignId, "submit a sponsorship"),
      fetchEpisodeFacts(context, record),
    ]);
    const facts = sponsorshipFacts(await services.load(context).facts.load(campaign), heard, record.competitors);
    return decideAnew(context, placementReview, facts, sponsorshipId.encode(record.id));
  }

  async function fetchEpisodeFacts(context: Context, { episodeId: of }: SponsorshipRecord): Promise<EpisodeFacts> {
    const id = episodeId.encode(of.podcastId, of.episodeId);
    const found = await subgraphClient.entity(context, {
      subgraph: "episodes",
      type: "Episode",
      id,
      selection: `facts ${REQUIRED_FACTS}`,
      entity: EpisodeReference.pick({ facts: true }),
    });
    if (!found) throw badUserInput(`Cannot submit a sponsorship: there is no episode ${id}`, "episodeId");
    return requireFacts(found.facts, "episode", placementReview.key);
  }

  async function settle(tx: Tx, { id }: SponsorshipRecord, decided: Ruling["decided"]): Promise<void> {
    const ruling = { kind: KIND, subject: sponsorshipId.encode(id), decided, at: new Date(now()) };
    await moveSponsorship(tx, id, "UNDECIDED", await moveBy(tx, ruling));
  }
}
