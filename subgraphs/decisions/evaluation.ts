/** Which fields does an evaluation have? */
import { Directive, Field, ID, ObjectType } from "type-graphql";
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
}

export const EvaluationConnection = connectionOf("Evaluation", () => Evaluation, { scopes: [["audit:read"]] });

export function toEvaluation({ model: key, version, rows, ...record }: EvaluationRecord): Evaluation {
  return Object.assign(new Evaluation(), { ...record, model: { key, version }, outputs: rows });
}
