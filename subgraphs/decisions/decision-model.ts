/** What is a decision model to a client? */
import { Field, Int, ObjectType } from "type-graphql";

@ObjectType({ simpleResolvers: true, description: "An input or an output of a decision table." })
export class DecisionVariable {
  @Field()
  name!: string;
  @Field(() => String, { nullable: true, description: "for people" })
  label!: string | null;
  @Field({ description: "string, number, boolean, date or collection" })
  type!: string;
  @Field(() => [String], { description: "the values its author listed, as text; empty where none are" })
  entries!: readonly string[];
}

@ObjectType({ simpleResolvers: true, description: "A decision table that the graph has decisions made by." })
export class DecisionModel {
  @Field()
  key!: string;
  @Field()
  name!: string;
  @Field(() => String, { nullable: true })
  description!: string | null;
  @Field({ description: "the version the decision service runs now; `unknown` while it does not say" })
  version!: string;
  @Field()
  hitPolicy!: string;
  @Field(() => [DecisionVariable])
  inputs!: readonly DecisionVariable[];
  @Field(() => [DecisionVariable])
  outputs!: readonly DecisionVariable[];
  @Field(() => Int, { description: "how many rules the table here has" })
  rules!: number;
  @Field({ description: "the table here is not of the version that the service runs, or nobody knows which it runs" })
  drifted!: boolean;
}
