/** Which fields does a table have that somebody proposed? */
import { Field, ID, Int, ObjectType } from "type-graphql";
import { CandidateState } from "../../schema/candidate-state.ts";
import { connectionOf } from "../../schema/connection.ts";
import { Sized } from "../../schema/demand.ts";
import { MutationPayload } from "../../schema/dry-run.ts";
import { candidateId, deploymentId } from "../../schema/id.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import { DateTime } from "../../schema/scalars.ts";
import type { RequiredScopes } from "../../schema/scope.ts";
import type { CandidateRecord, DeploymentRecord } from "../records/decisions/candidates.ts";

/** Of what a payload names. */
const WHO_CHANGES: RequiredScopes = [["audit:read"], ["reviews:write"], ["operations:write"]];
@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "What somebody did with a table that was proposed." })
export class CandidateStep {
  @Field(() => CandidateState, { description: "what it was from then on" })
  state!: CandidateState;
  @Field({ description: "the caller" })
  by!: string;
  @Field(() => DateTime)
  at!: Date;
  @Field()
  note!: string;
}

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "An approved table that was handed over." })
export class TableDeployment {
  @RequiresScopes(["audit:read"], ["operations:write"])
  @Field(() => ID)
  id!: string;
  @Field({ description: "the decision service or the file that got it, as the operator's command says" })
  target!: string;
  @Field({ description: "the caller" })
  by!: string;
  @Field(() => DateTime)
  begunAt!: Date;
  @Field(() => DateTime, { nullable: true, description: "null where nobody has said what became of it" })
  endedAt!: Date | null;
  @Field(() => String, { nullable: true, description: "why it failed; null where it did not" })
  problem!: string | null;
}

/** Its standing, its checks and its difference are resolved if a client selects them. */
@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "A table that somebody proposed to decide by." })
export class TableCandidate {
  @RequiresScopes(...WHO_CHANGES)
  @Field(() => ID)
  id!: string;
  @Field({ description: "the key of the model" })
  model!: string;
  @RequiresScopes(...WHO_CHANGES)
  @Field(() => CandidateState)
  state!: CandidateState;
  @Field(() => Int, { description: "as its file says" })
  version!: number;
  @Field({ description: "SHA-256 of what its file says, whatever the formatting; hexadecimal" })
  digest!: string;
  @Field({ description: "the text of its file, as it was proposed" })
  source!: string;
  @Field(() => Int, { description: "the version of the graph's copy that it was compared with" })
  baseVersion!: number;
  @Field({ description: "the caller" })
  proposedBy!: string;
  @Field(() => DateTime)
  proposedAt!: Date;
  @Field({ description: "of its proposal" })
  note!: string;
  @Sized(3)
  @Field(() => [CandidateStep], { description: "what became of it, in order; the first is its proposal" })
  steps!: readonly CandidateStep[];
  @Sized(3)
  @Field(() => [TableDeployment], { description: "each time that it was handed over, the last one first" })
  deployments!: readonly TableDeployment[];
  /** No field: what the others are made of. */
  record!: CandidateRecord;
}

export const TableCandidateConnection = connectionOf("TableCandidate", () => TableCandidate, {
  scopes: [["audit:read"]],
});

@RequiresScopes(["reviews:write"])
@ObjectType({ simpleResolvers: true })
export class TableCandidatePayload extends MutationPayload {
  @Field(() => TableCandidate)
  candidate!: TableCandidate;
}

@RequiresScopes(["operations:write"])
@ObjectType({ simpleResolvers: true })
export class TableDeploymentPayload extends MutationPayload {
  @Field(() => TableDeployment)
  deployment!: TableDeployment;
  @Field(() => TableCandidate)
  candidate!: TableCandidate;
  @Field({ description: "the text that was approved: hand over this one" })
  table!: string;
  @Field({ description: "the caller" })
  approvedBy!: string;
}

export function toTableCandidate(record: CandidateRecord): TableCandidate {
  const { id, model, state, version, digest, source, baseVersion, steps, deployments, proposedAt } = record;
  const [{ by: proposedBy, note }] = steps;
  return Object.assign(new TableCandidate(), {
    id: candidateId.encode(id),
    model,
    state,
    version,
    digest,
    source,
    baseVersion,
    proposedBy,
    proposedAt,
    note,
    steps,
    deployments: deployments.map(toTableDeployment),
    record,
  });
}

export function toTableDeployment({ id, ...record }: DeploymentRecord): TableDeployment {
  const { target, by, begunAt, endedAt, problem } = record;
  return { id: deploymentId.encode(id), target, by, begunAt, endedAt, problem };
}
