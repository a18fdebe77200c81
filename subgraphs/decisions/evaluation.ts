/** What is an evaluation to a client? */
import { Directive, Field, ID, ObjectType } from "type-graphql";
import { Verdict } from "../../schema/verdict.ts";
import { connectionOf } from "../../schema/connection.ts";
import { DecisionModelRef } from "../../schema/decision.ts";
import { DateTime, Json } from "../../schema/scalars.ts";
import type { Evaluation as EvaluationRecord } from "../pipeline/ledger.ts";

@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true, description: "One answer of the decision service, as it was given." })
export class Evaluation {
  @Field(() => ID)
  id!: string;
  @Field(() => DecisionModelRef)
  model!: DecisionModelRef;
  @Field({
    description:
      "whom it was about, by their id; others who match the same rules may have got the same answer. Of a listener who was erased, a pseudonym",
  })
  subject!: string;
  @Field(() => Json, { description: "what was asked: a value for each input of the table" })
  facts!: unknown;
  @Field(() => Json, { description: "what was answered: a list with the outputs of each rule that matched" })
  outputs!: unknown;
  @Field(() => Verdict)
  verdict!: Verdict;
  @Field(() => DateTime)
  decidedAt!: Date;
  @Field(() => String, { nullable: true, description: "`verification` where an answer was asked again to compare" })
  requestedBy!: string | null;
}

export const EvaluationConnection = connectionOf("Evaluation", () => Evaluation);

export function toEvaluation({ model: key, version, rows, ...record }: EvaluationRecord): Evaluation {
  return Object.assign(new Evaluation(), { ...record, model: { key, version }, outputs: rows });
}
