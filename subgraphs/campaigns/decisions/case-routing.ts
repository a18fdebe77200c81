/** Who takes a support case, how soon, and what may be offered? */
import { Field, Int, ObjectType } from "type-graphql";
import { DecisionFields } from "../../../schema/decision.ts";
import { UndecidedError, decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import type { CampaignTier, CaseRecord } from "../../records/campaigns/types.ts";

const MINUTE_MS = 60_000;

export const caseRouting = decision({
  key: "case_routing",
  inputs: {
    issue: "string",
    severity: "string",
    tier: "string",
    customer_value: "string",
    country: "string",
    hours_open: "number",
  },
  outputs: { priority: "number", queue: "string", compensation: "string" },
  // Hours are facts: a case that waits past a threshold is another question, however fresh the answer to the last one.
  freshForMs: 5 * MINUTE_MS,
  // Only the table can be old, never the facts: a case that has become critical is another question. One that nobody
  // routes is seen by nobody; one that goes where the table sent it half an hour ago is at worst handed on.
  staleForMs: 30 * MINUTE_MS,
  answer: (rows) => ({
    priority: rows.lowest("priority"),
    queue: required("queue", rows.first("queue")),
    compensation: rows.first("compensation"),
  }),
});

/** The tier is that of the case's campaign. */
export function routingFacts(
  { issue, severity, customerValue, country, openedAt }: CaseRecord,
  tier: CampaignTier | "NONE",
  now: number,
): FactsOf<typeof caseRouting.inputs> {
  return {
    issue,
    severity,
    tier,
    customer_value: customerValue,
    country,
    // To the minute: where only equal facts are one question, two looks in a row still are.
    hours_open: Math.floor((now - Number(openedAt)) / MINUTE_MS) / 60,
  };
}

@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "Who takes a support case, how soon, and what may be offered?",
})
export class CaseDecision extends DecisionFields {
  @Field(() => Int, { description: "1 is the most urgent" })
  priority!: number;
  @Field()
  queue!: string;
  @Field(() => String, { nullable: true })
  compensation!: string | null;
}

/** What a client is promised in any case. Throws an UndecidedError where no row says it. */
function required(output: string, value: string | null): string {
  if (value === null) throw new UndecidedError(`no row says ${output}`);
  return value;
}
