/** Which queue takes a support case, how urgent is it, and which compensation may be offered? */
import { Field, Int, ObjectType } from "type-graphql";
import { DecisionFields } from "../../../schema/decision.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
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
  outputs: { priority: "lowest", queue: "first", compensation: "first" },
  // The age of a case is a fact: once it passes a threshold, the case is decided again, however fresh the last decision is.
  freshForMs: 5 * MINUTE_MS,
  // A stale decision is one of an old table, never of old facts: a case that has become critical is decided again. A case
  // that is not routed is seen by nobody; one that is routed by a table of half an hour ago is at worst forwarded.
  staleForMs: 30 * MINUTE_MS,
  answer: (rows) => ({
    priority: rows.lowest("priority"),
    queue: required("queue", rows.first("queue")),
    compensation: rows.first("compensation"),
  }),
});

/** `tier` is that of the campaign that the case is about. */
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
    // To the minute, so that two queries within a minute share a cache entry even where the key is the facts.
    hours_open: Math.floor((now - Number(openedAt)) / MINUTE_MS) / 60,
  };
}

@RequiresScopes(["eligibility:read"])
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "Which queue takes a support case, how urgent is it, and which compensation may be offered?",
})
export class CaseDecision extends DecisionFields {
  @Field(() => Int, { description: "1 is the most urgent" })
  priority!: number;
  @Field()
  queue!: string;
  @Field(() => String, { nullable: true })
  compensation!: string | null;
}

/** For a non-nullable field. Throws an UndecidedError if no row has the output. */
function required(output: string, value: string | null): string {
  if (value === null) throw new UndecidedError(`no row says ${output}`);
  return value;
}
