/** How are support cases, their fields and their worklist resolved? */
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { PageArgs } from "../../../schema/connection.ts";
import type { Connection } from "../../../schema/connection.ts";
import { Decides, Paged } from "../../../schema/demand.ts";
import { caseId } from "../../../schema/id.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { Context } from "../../platform/context.ts";
import { notDecidedYet } from "../../pipeline/undecided.ts";
import { Campaign } from "../campaign/campaign.ts";
import { CaseDecision, caseRouting } from "../decisions/case-routing.ts";
import { listByOwner, listCursors } from "../../platform/lists.ts";
import type { Listing } from "../../platform/lists.ts";
import type { CampaignGraph } from "../commands.ts";
import type { CampaignServices } from "../services.ts";
import type { CaseRecord } from "../../records/campaigns/types.ts";
import { SupportCase, SupportCaseConnection, toSupportCase } from "./support-case.ts";
import { caseWorklist } from "./worklist.ts";

const LISTING: Listing<CaseRecord, SupportCase> = {
  cursors: listCursors("cases"),
  position: ({ id, openedAt }) => ({ at: openedAt, id }),
  node: (record) => toSupportCase(record),
};

@Resolver(() => SupportCase)
export class SupportCaseResolver {
  readonly #graph: CampaignGraph;

  constructor(graph: CampaignGraph) {
    this.#graph = graph;
  }

  @RequiresScopes(["graph:read"])
  @Query(() => SupportCase, { nullable: true })
  async supportCase(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<SupportCase | null> {
    const record = await this.#graph.load(context).cases.item.load(caseId.decode(id)[0]);
    return record && toSupportCase(record);
  }

  @RequiresScopes(["graph:read", "eligibility:read"])
  @Paged()
  @Query(() => SupportCaseConnection, {
    description:
      "all unresolved cases: undecided ones first, then the most urgent. Kept sorted: `asOf` says how old that is",
  })
  caseWorklist(@Args(() => PageArgs) page: PageArgs, @Ctx() context: Context): Promise<Connection<SupportCase>> {
    return caseWorklist(page, async () => {
      const ranking = await this.#graph.worklist.open(context);
      return {
        ...ranking,
        items: async (limit, after) =>
          (await ranking.items(limit, after)).map(({ position, node }) => ({
            position,
            node: node && toSupportCase(node),
          })),
      };
    });
  }

  @FieldResolver(() => Campaign, { nullable: true, description: "null if the case is not about a campaign" })
  async campaign(@Root() { record }: SupportCase, @Ctx() context: Context): Promise<Campaign | null> {
    return record.campaignId === null ? null : this.#graph.load(context).campaign.load(record.campaignId);
  }

  @RequiresScopes(["eligibility:read"])
  @Decides()
  @FieldResolver(() => CaseDecision, {
    nullable: true,
    description:
      "which queue takes it, how urgent is it, and which compensation may be offered? Decided now, as in the worklist; in " +
      "the payload of a mutation, as it was routed: null if no routing is recorded, with DECISION_UNAVAILABLE while the " +
      "case is OPEN",
  })
  async routing(@Root() { record, isAsRecorded }: SupportCase, @Ctx() context: Context): Promise<CaseDecision | null> {
    const { evaluationId = null, status } = record;
    if (!isAsRecorded) return this.#decide(record, context);
    if (evaluationId !== null) return this.#graph.recall(context, caseRouting, evaluationId);
    if (status === "OPEN") throw notDecidedYet(caseRouting.key);
    // Resolved before it was routed: a payload decides nothing that its mutation has not decided.
    return null;
  }

  async #decide(record: CaseRecord, context: Context): Promise<CaseDecision> {
    const facts = await this.#graph.load(context).routing.load(record);
    return this.#graph.decide(context, caseRouting, facts, caseId.encode(record.id));
  }
}

@Resolver(() => Campaign)
export class CampaignCasesResolver {
  readonly #services: CampaignServices;

  constructor(services: CampaignServices) {
    this.#services = services;
  }

  @Paged()
  @FieldResolver(() => SupportCaseConnection, { description: "including resolved ones, newest first" })
  cases(
    @Root() { adsId }: Campaign,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ): Promise<Connection<SupportCase>> {
    return listByOwner(adsId, page, this.#services.load(context).cases, LISTING);
  }
}
