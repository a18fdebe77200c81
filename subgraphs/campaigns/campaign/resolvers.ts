/** How are a campaign and its fields resolved? */
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { connection, cursorsOf, pageSize, PageArgs } from "../../../schema/connection.ts";
import type { Connection } from "../../../schema/connection.ts";
import { Decides, Paged } from "../../../schema/demand.ts";
import { campaignId } from "../../../schema/id.ts";
import { Money } from "../../../schema/money.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { PartnerField } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { Context } from "../../platform/context.ts";
import { readable } from "../../platform/items.ts";
import { listPage } from "../../platform/lists.ts";
import { requireAll } from "../../platform/results.ts";
import { requireFilterable } from "../../server/eligibility.ts";
import { SEARCH, searchFor } from "../../server/search.ts";
import type { IsNamed } from "../../server/search.ts";
import { TargetingDecision, campaignTargeting, targetingFacts } from "../decisions/campaign-targeting.ts";
import { advertiserAccount, advertiserName } from "./advertiser.ts";
import { Campaign, CampaignConnection, CampaignPerformance, CampaignStatus, CampaignTargets } from "./campaign.ts";
import { filteredCampaigns } from "./filtered.ts";
import type { Passed } from "./filtered.ts";
import type { CampaignServices } from "../services.ts";
import { CampaignTier } from "../../records/campaigns/types.ts";
import type { StatusRequest } from "../../records/campaigns/types.ts";
import { budgetOf, categoryName, endOf, startOf, targetsOf } from "./targets.ts";

/** A position is an offset, because Spotify Ads pages by offset. */
const cursors = cursorsOf("campaigns", (value) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined,
);

const REQUESTED_STATUS = "the status that was requested but that Spotify does not show yet; null if there is none";

const ELIGIBLE =
  "those that may go live, or may not, by the table here: `activation { eligible }`. Those of which it cannot be decided are in neither";
const FILTERED = { field: "Query.campaigns", argument: "eligible", narrower: "status" };

@Resolver(() => Campaign)
export class CampaignResolver {
  readonly #services: CampaignServices;

  constructor(services: CampaignServices) {
    this.#services = services;
  }

  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @PartnerField("id")
  @Query(() => Campaign, { nullable: true })
  campaign(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<Campaign | null> {
    return this.#services.load(context).campaign.load(campaignId.decode(id)[0]);
  }

  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @PartnerField("first", "after")
  @Paged()
  @Decides(1, "eligible")
  @Query(() => CampaignConnection, { description: "in the order of Spotify Ads, newest first" })
  async campaigns(
    @Args(() => PageArgs) page: PageArgs,
    @Arg("status", () => CampaignStatus, { nullable: true }) status: CampaignStatus | null,
    @Arg("eligible", () => Boolean, { nullable: true, description: ELIGIBLE }) eligible: boolean | null,
    @Arg("search", () => String, { nullable: true, description: SEARCH }) search: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<Campaign>> {
    const offset = cursors.decode(page) ?? 0;
    const statuses = status ? { statuses: [status] } : {};
    const isNamed = searchFor(search);
    if (isNamed || typeof eligible === "boolean")
      return this.#filtered({ isNamed, eligible }, { page, ...statuses }, context);
    const { total, campaigns } = await this.#services.list(context, { limit: pageSize(page), offset, ...statuses });
    const items = campaigns.map((campaign, index) =>
      campaign instanceof Error ? campaign : { position: offset + index + 1, node: campaign },
    );
    return connection({
      items: readable(context.log, items),
      cursors,
      // An empty page has no cursor to continue from. If Spotify counts more than it lists, a client would page without end.
      hasNextPage: campaigns.length > 0 && offset + campaigns.length < total,
      hasPreviousPage: offset > 0,
      totalCount: () => total,
    });
  }

  async #filtered(
    wanted: { readonly isNamed: IsNamed | undefined; readonly eligible: boolean | null },
    { page, ...statuses }: { readonly page: PageArgs; readonly statuses?: readonly CampaignStatus[] },
    context: Context,
  ): Promise<Connection<Campaign>> {
    const { list, eligibility, activations } = this.#services;
    const { isNamed = () => true, eligible } = wanted;
    if (typeof eligible === "boolean") {
      const count = async (): Promise<number> => (await list(context, { limit: 1, offset: 0, ...statuses })).total;
      await requireFilterable(context, eligibility, { ...FILTERED, count });
    }
    const found = filteredCampaigns(
      (range) => list(context, { ...range, ...statuses }),
      async (campaigns) => {
        const named = campaigns.filter(({ name }) => isNamed(name));
        if (typeof eligible !== "boolean") return campaigns.map((campaign) => named.includes(campaign));
        const activation = await activations(context, named);
        const kept = new Set(named.filter((_, index) => activation[index] === eligible));
        return campaigns.map((campaign) => kept.has(campaign));
      },
      context,
    );
    return listPage(page, {
      cursors,
      position: ({ passed }: Passed) => passed,
      node: ({ campaign }: Passed) => campaign,
      items: ({ limit, after }) => found.page(limit, after ?? 0),
      count: () => found.count(),
    });
  }

  @FieldResolver(() => CampaignStatus, { nullable: true, description: REQUESTED_STATUS })
  async requestedStatus(
    @Root() { adsId, status }: Campaign,
    @Ctx() context: Context,
  ): Promise<StatusRequest["status"] | null> {
    const request = await this.#services.load(context).statusRequest.load(adsId);
    return request?.closedAt === null && request.status !== status ? request.status : null;
  }

  @FieldResolver(() => CampaignStatus, {
    nullable: true,
    description: REQUESTED_STATUS,
    deprecationReason: "Use requestedStatus",
  })
  wantedStatus(@Root() campaign: Campaign, @Ctx() context: Context): Promise<StatusRequest["status"] | null> {
    return this.requestedStatus(campaign, context);
  }

  @FieldResolver(() => String, { nullable: true, description: "from its ads" })
  async advertiser(@Root() { adsId }: Campaign, @Ctx() context: Context): Promise<string | null> {
    return advertiserName(await this.#services.load(context).ads.load(adsId));
  }

  @FieldResolver(() => ID, {
    nullable: true,
    description: "its account, as callers are restricted to it; null if its ads name no advertiser, or several",
  })
  async advertiserId(@Root() { adsId }: Campaign, @Ctx() context: Context): Promise<string | null> {
    return advertiserAccount(await this.#services.load(context).ads.load(adsId));
  }

  @FieldResolver(() => String, { nullable: true, description: "the name of its ad category in Spotify" })
  async category(@Root() { adsId }: Campaign, @Ctx() context: Context): Promise<string | null> {
    const sets = requireAll(await this.#services.load(context).adSets.load(adsId));
    return categoryName(sets, await this.#services.ads.categories(context));
  }

  @FieldResolver(() => CampaignTier)
  async tier(@Root() { adsId }: Campaign, @Ctx() context: Context): Promise<CampaignTier> {
    return (await this.#services.load(context).profile.load(adsId)).tier;
  }

  @FieldResolver(() => DateTime, { nullable: true })
  async startsAt(@Root() { adsId }: Campaign, @Ctx() context: Context): Promise<Date | null> {
    return startOf(requireAll(await this.#services.load(context).adSets.load(adsId)));
  }

  @FieldResolver(() => DateTime, { nullable: true, description: "null if one of its ad sets has no end" })
  async endsAt(@Root() { adsId }: Campaign, @Ctx() context: Context): Promise<Date | null> {
    return endOf(requireAll(await this.#services.load(context).adSets.load(adsId)));
  }

  @FieldResolver(() => Money, {
    nullable: true,
    description: "its lifetime budget; null if it is unlimited, or in several currencies",
  })
  async budget(@Root() { adsId }: Campaign, @Ctx() context: Context): Promise<Money | null> {
    return budgetOf(requireAll(await this.#services.load(context).adSets.load(adsId)));
  }

  @FieldResolver(() => CampaignTargets, { description: "of the ad sets that Spotify answers readably" })
  async targets(@Root() { adsId }: Campaign, @Ctx() context: Context): Promise<CampaignTargets> {
    return targetsOf(readable(context.log, await this.#services.load(context).adSets.load(adsId)));
  }

  @FieldResolver(() => CampaignPerformance, { nullable: true, description: "null until it has run" })
  async performance(@Root() { adsId }: Campaign, @Ctx() context: Context): Promise<CampaignPerformance | null> {
    return this.#services.load(context).report.load(adsId);
  }

  @RequiresScopes(["eligibility:read"])
  @Decides()
  @FieldResolver(() => TargetingDecision, {
    nullable: true,
    description: "whom should it reach, and with which offer?",
  })
  async targeting(@Root() campaign: Campaign, @Ctx() context: Context): Promise<TargetingDecision> {
    const facts = await this.#services.load(context).facts.load(campaign);
    return this.#services.decide(context, campaignTargeting, targetingFacts(facts), campaign.id);
  }
}
