/** How are sponsorships and their fields resolved? */
import { Arg, Args, Ctx, Directive, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { PageArgs } from "../../../schema/connection.ts";
import type { Connection } from "../../../schema/connection.ts";
import { Decides, Paged } from "../../../schema/demand.ts";
import { notFound } from "../../../schema/errors.ts";
import { campaignId, sponsorshipId } from "../../../schema/id.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { notDecidedYet } from "../../pipeline/undecided.ts";
import type { Context } from "../../platform/context.ts";
import { Campaign } from "../campaign/campaign.ts";
import { requireFacts } from "../external/require-facts.ts";
import { PlacementDecision, placementReview, sponsorshipFacts } from "../decisions/placement-review.ts";
import { REQUIRED_FACTS } from "../external/episode.ts";
import { listByOwner, listCursors } from "../../platform/lists.ts";
import type { Listing } from "../../platform/lists.ts";
import type { CampaignServices } from "../services.ts";
import type { SponsorshipRecord } from "../../records/campaigns/types.ts";
import { Sponsorship, SponsorshipConnection, toSponsorship } from "./sponsorship.ts";

const LISTING: Listing<SponsorshipRecord, Sponsorship> = {
  cursors: listCursors("sponsorships"),
  position: ({ id, requestedAt }) => ({ at: requestedAt, id }),
  node: (record) => toSponsorship(record),
};

@Resolver(() => Sponsorship)
export class SponsorshipResolver {
  readonly #services: CampaignServices;

  constructor(services: CampaignServices) {
    this.#services = services;
  }

  @RequiresScopes(["graph:read"])
  @Query(() => Sponsorship, { nullable: true })
  async sponsorship(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<Sponsorship | null> {
    const record = await this.#services.load(context).sponsorships.item.load(sponsorshipId.decode(id)[0]);
    return record && toSponsorship(record);
  }

  @FieldResolver(() => Campaign)
  campaign(@Root() { adsId }: Sponsorship, @Ctx() context: Context): Promise<Campaign> {
    return this.#campaignOf(adsId, "find its campaign", context);
  }

  @Directive(`@requires(fields: "episodeFacts ${REQUIRED_FACTS}")`)
  @RequiresScopes(["eligibility:read"])
  @Decides()
  @FieldResolver(() => PlacementDecision, {
    nullable: true,
    description:
      "may its campaign be placed in its episode? The recorded decision behind its status; a new one if none is recorded. " +
      "Null with DECISION_UNAVAILABLE while the request is UNDECIDED",
  })
  async decision(@Root() sponsorship: Sponsorship, @Ctx() context: Context): Promise<PlacementDecision> {
    const { id, adsId, competitors, evaluationId, status } = sponsorship;
    if (evaluationId !== null) return this.#services.recall(context, placementReview, evaluationId);
    if (status === "UNDECIDED") throw notDecidedYet(placementReview.key);
    const episodeFacts = requireFacts(sponsorship.episodeFacts, "episode", placementReview.key);
    const campaign = await this.#campaignOf(adsId, `decide ${placementReview.key}`, context);
    const facts = await this.#services.load(context).facts.load(campaign);
    return this.#services.decide(context, placementReview, sponsorshipFacts(facts, episodeFacts, competitors), id);
  }

  /** Throws NOT_FOUND if Spotify no longer has the campaign. */
  async #campaignOf(adsId: string, purpose: string, context: Context): Promise<Campaign> {
    const campaign = await this.#services.load(context).campaign.load(adsId);
    if (!campaign) throw notFound(`Cannot ${purpose}: there is no campaign ${campaignId.encode(adsId)}`);
    return campaign;
  }
}

@Resolver(() => Campaign)
export class CampaignSponsorshipsResolver {
  readonly #services: CampaignServices;

  constructor(services: CampaignServices) {
    this.#services = services;
  }

  @Paged()
  @FieldResolver(() => SponsorshipConnection, { description: "newest first" })
  sponsorships(
    @Root() { adsId }: Campaign,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ): Promise<Connection<Sponsorship>> {
    return listByOwner(adsId, page, this.#services.load(context).sponsorships, LISTING);
  }
}
