/** Which tables were proposed, and how are they approved and handed over? */
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { CandidateState } from "../../schema/candidate-state.ts";
import { PageArgs } from "../../schema/connection.ts";
import type { Connection } from "../../schema/connection.ts";
import { Paged } from "../../schema/demand.ts";
import { candidateId, deploymentId } from "../../schema/id.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import type { Context } from "../platform/context.ts";
import { listCursors, listPage } from "../platform/lists.ts";
import type { CandidateRecord } from "../records/decisions/candidates.ts";
import { standingOf } from "./candidate-standing.ts";
import type { Standing } from "./candidate-standing.ts";
import { DecisionModelChecks } from "./decision-model-checks.ts";
import { DecisionModel } from "./decision-model.ts";
import { beginDeployment, endDeployment } from "./deploy-table.ts";
import type { BegunDeployment } from "./deploy-table.ts";
import { proposeTable } from "./propose-table.ts";
import { resolveCandidate } from "./resolve-candidate.ts";
import type { DecisionServices } from "./services.ts";
import {
  BeginDeploymentInput,
  EndDeploymentInput,
  ProposeTableInput,
  ResolveCandidateInput,
} from "./table-candidate-inputs.ts";
import {
  TableCandidate,
  TableCandidateConnection,
  TableCandidatePayload,
  TableDeploymentPayload,
  toTableCandidate,
} from "./table-candidate.ts";
import { TableDifference, toTableDifference } from "./table-difference.ts";

const cursors = listCursors("candidates");

@ArgsType()
class CandidateArgs extends PageArgs {
  @Field(() => CandidateState, { nullable: true })
  state!: CandidateState | null;
}

@Resolver(() => DecisionModel)
export class ModelCandidatesResolver {
  readonly #services: Pick<DecisionServices, "candidates">;

  constructor(services: Pick<DecisionServices, "candidates">) {
    this.#services = services;
  }

  @Paged()
  @FieldResolver(() => TableCandidateConnection, { description: "tables that were proposed for it, newest first" })
  candidates(
    @Root() { key: model }: DecisionModel,
    @Args(() => CandidateArgs) args: CandidateArgs,
  ): Promise<Connection<TableCandidate>> {
    const { candidates } = this.#services;
    const filter = { model, state: args.state ?? undefined };
    return listPage(args, {
      cursors,
      position: ({ proposedAt: at, id }: CandidateRecord) => ({ at, id }),
      node: toTableCandidate,
      items: (window) => candidates.list(filter, window),
      count: () => candidates.count(filter),
    });
  }
}

@Resolver(() => TableCandidate)
export class TableCandidateResolver {
  readonly #services: DecisionServices;

  constructor(services: DecisionServices) {
    this.#services = services;
  }

  @RequiresScopes(["audit:read"])
  @Query(() => TableCandidate, { nullable: true, description: "a table that somebody proposed" })
  async tableCandidate(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<TableCandidate | null> {
    const record = await this.#services.load(context).candidate.load(candidateId.decode(id)[0]);
    return record && toTableCandidate(record);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "why it can neither be approved nor deployed any more: what it was compared with is not in force",
  })
  async outdated(@Root() { record }: TableCandidate, @Ctx() context: Context): Promise<string | null> {
    return (await this.#standingOf(record, context)).outdated;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "what whoever approves it should know: the table that was deployed last is not the table here",
  })
  async caution(@Root() { record }: TableCandidate, @Ctx() context: Context): Promise<string | null> {
    return (await this.#standingOf(record, context)).caution;
  }

  @FieldResolver(() => DecisionModelChecks, {
    nullable: true,
    description: "what is proven of it; null where it is too large for that",
  })
  checks(@Root() { record }: TableCandidate): Promise<DecisionModelChecks | null> {
    return this.#services.proofs.checks(record);
  }

  @FieldResolver(() => TableDifference, {
    nullable: true,
    description:
      "what it changes of the table that it was compared with, proven for all facts; null where they are too large for that, " +
      "or that table is not kept",
  })
  async difference(@Root() { record }: TableCandidate, @Ctx() context: Context): Promise<TableDifference | null> {
    const { proofs, load } = this.#services;
    const found = await proofs.difference(record, () => load(context).tables.load(record.model));
    return found && toTableDifference(found);
  }

  @RequiresScopes(["reviews:write"])
  @Mutation(() => TableCandidatePayload, {
    description:
      "proposes a table for a second person to approve. One that is open already is the same candidate, whoever proposed it",
  })
  async proposeTable(
    @Arg("input", () => ProposeTableInput) input: ProposeTableInput,
    @Ctx() context: Context,
  ): Promise<TableCandidatePayload> {
    return { candidate: await this.#changed(await proposeTable(this.#services, context, input), context) };
  }

  @RequiresScopes(["reviews:write"])
  @Mutation(() => TableCandidatePayload, {
    description: "approves or rejects a table that somebody else proposed, or withdraws an own one",
  })
  async resolveCandidate(
    @Arg("input", () => ResolveCandidateInput) input: ResolveCandidateInput,
    @Ctx() context: Context,
  ): Promise<TableCandidatePayload> {
    return { candidate: await this.#changed(await resolveCandidate(this.#services, context, input), context) };
  }

  @RequiresScopes(["operations:write"])
  @Mutation(() => TableDeploymentPayload, {
    description:
      "permits the deployment of a table that was approved, and records that it begins: hand over the table of the payload",
  })
  async beginDeployment(
    @Arg("input", () => BeginDeploymentInput) input: BeginDeploymentInput,
    @Ctx() context: Context,
  ): Promise<TableDeploymentPayload> {
    return this.#deployed(await beginDeployment(this.#services, context, input), context);
  }

  @RequiresScopes(["operations:write"])
  @Mutation(() => TableDeploymentPayload, { description: "records how a deployment ended" })
  async endDeployment(
    @Arg("input", () => EndDeploymentInput) input: EndDeploymentInput,
    @Ctx() context: Context,
  ): Promise<TableDeploymentPayload> {
    return this.#deployed(await endDeployment(this.#services, context, input), context);
  }

  async #standingOf(record: CandidateRecord, context: Context): Promise<Standing> {
    const { models, load } = this.#services;
    return standingOf(record, models.get(record.model), await load(context).lastDeployment.load(record.model));
  }

  async #changed(id: string, context: Context): Promise<TableCandidate> {
    const loaders = this.#services.load(context);
    loaders.lastDeployment.clearAll();
    const record = await loaders.candidate.clear(id).load(id);
    if (!record) throw new Error(`Cannot read candidate ${id}: it is missing after its change`);
    return toTableCandidate(record);
  }

  async #deployed(ids: BegunDeployment, context: Context): Promise<TableDeploymentPayload> {
    const candidate = await this.#changed(ids.candidate, context);
    const id = deploymentId.encode(ids.deployment);
    const deployment = candidate.deployments.find((one) => one.id === id);
    const approval = candidate.steps.findLast(({ state }) => state === CandidateState.APPROVED);
    if (!deployment || !approval) throw new Error(`Cannot read deployment ${id}: its record is missing`);
    return { deployment, candidate, table: candidate.source, approvedBy: approval.by };
  }
}
