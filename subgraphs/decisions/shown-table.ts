/** How do clients see a table? Its inputs and outputs, and its rules as OpenText writes them. */
import { Field, Int, ObjectType } from "type-graphql";
import { Sized } from "../../schema/demand.ts";
import { RequiresScopes } from "../../schema/requires-scopes.ts";
import type { Decision } from "../pipeline/decision.ts";
import type { OutputWay } from "../pipeline/table/output-way.ts";
import type { Rule, Table, Variable } from "../pipeline/table/table.ts";
import { writeCondition } from "../pipeline/table/written.ts";
import { DecisionRule, DecisionVariable } from "./decision-model.ts";

@RequiresScopes(["audit:read"])
@ObjectType({ simpleResolvers: true, description: "A table of a model, rule by rule." })
export class ShownTable {
  @Field(() => Int)
  version!: number;
  @Field()
  hitPolicy!: string;
  @Sized(15)
  @Field(() => [DecisionVariable])
  inputs!: readonly DecisionVariable[];
  @Sized(15)
  @Field(() => [DecisionVariable])
  outputs!: readonly DecisionVariable[];
  @Sized(60)
  @Field(() => [DecisionRule])
  table!: readonly DecisionRule[];
}

/** As plain data. */
type Shown = Pick<ShownTable, keyof ShownTable>;

/** How many of the last evaluations of its model a rule matched. */
export type Matched = (rule: Rule) => Promise<number>;

export function showTable(table: Table, { outputs: ways }: Pick<Decision, "outputs">, matched: Matched): Shown {
  const { version, hitPolicy, aggregator, inputs, outputs, rules } = table;
  return {
    version,
    hitPolicy: aggregator === undefined ? hitPolicy : `${hitPolicy} ${aggregator}`,
    inputs: inputs.map((variable) => showVariable(variable)),
    outputs: outputs.map((variable) => showVariable(variable, ways[variable.name])),
    table: rules.map((rule) => showRule(rule, table, matched)),
  };
}

function showVariable({ name, label, type, entries }: Variable, way?: OutputWay): DecisionVariable {
  return {
    name,
    label: label || null,
    type,
    entries,
    way: typeof way === "object" ? `beside ${way.beside}` : (way ?? null),
  };
}

function showRule(rule: Rule, { inputs }: Table, matched: Matched): DecisionRule {
  const { number, conditions, row } = rule;
  const written = inputs.map(({ type }, column) => {
    const condition = conditions[column] ?? null;
    return condition === null ? null : writeCondition(type, condition);
  });
  return { number, conditions: written, outputs: row, matched: () => matched(rule) };
}
