/** Which fields does an evaluation have? */
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import { Verdict } from "../../schema/verdict.ts";
import { connectionOf } from "../../schema/connection.ts";
import { DecisionModelRef } from "../../schema/decision.ts";
import { DateTime, Json } from "../../schema/scalars.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import type { Evaluation as EvaluationRecord } from "../pipeline/ledger.ts";

@Directive('@key(fields: "id")')
@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "One answer of the decision service, unchanged." })
export class Evaluation {
  @Field(() => ID)
  id!: string;
  @Field(() => DecisionModelRef)
  model!: DecisionModelRef;
  @Field({
    description:
      "the id of the subject; other subjects that match the same rules may share the answer. A pseudonym if the listener was erased",
  })
  subject!: string;
  @RequiresScopes(["audit:read", "listeners:read"])
  @Field(() => Json, { description: "the request: a value for each input of the table" })
  facts!: unknown;
  @RequiresScopes(["audit:read", "listeners:read"])
  @Field(() => Json, { description: "the response: the outputs of each rule that matched" })
  outputs!: unknown;
  @Field(() => Verdict)
  verdict!: Verdict;
  @Field(() => DateTime)
  decidedAt!: Date;
  @Field(() => String, {
    nullable: true,
    description: "the caller; `verification` if the service was called to compare its answer with another one",
  })
  requestedBy!: string | null;
  /** No field: what its receipt and its replay are made of. */
  record!: EvaluationRecord;
}

@RequiresScopes(["audit:read", "listeners:read"])
@ObjectType({
  simpleResolvers: true,
  description: "What another version of the table says to the facts of an evaluation.",
})
export class Replay {
  @Field(() => Int, { description: "of the table that was evaluated" })
  version!: number;
  @Field({ description: "SHA-256 of the table's file, hexadecimal" })
  table!: string;
  @Field(() => Verdict, { nullable: true, description: "null where no rule matches, or the table refuses these facts" })
  verdict!: Verdict | null;
  @Field(() => [Int], { description: "the rules that match, from 1" })
  rules!: readonly number[];
  @Field(() => Json, { description: "the outputs of each rule that matches" })
  outputs!: unknown;
  @Field({ description: "the verdict is the one of the evaluation" })
  isSame!: boolean;
  @Field(() => String, { nullable: true, description: "why there is no verdict" })
  problem!: string | null;
}

export const EvaluationConnection = connectionOf("Evaluation", () => Evaluation, { scopes: [["audit:read"]] });

export function toEvaluation(record: EvaluationRecord): Evaluation {
  const { model: key, version, rows, ...fields } = record;
  return Object.assign(new Evaluation(), { ...fields, model: { key, version }, outputs: rows, record });
}
