/** How good a lead is a listener, and which queue gets it? */
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { DecisionFields } from "../../../schema/decision.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { UndecidedError, decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import { LeadRoute } from "../../records/listeners/types.ts";
import { isGranted } from "../consents/consents.ts";
import type { Listener } from "../listener/listener.ts";
import { CONSENT_FRESH_MS } from "./consent-freshness.ts";

registerEnumType(LeadRoute, {
  name: "LeadRoute",
  valuesConfig: {
    SALES: { description: "sales calls" },
    NURTURE: { description: "marketing keeps contact until there is a reason to call" },
    SUPPRESS: { description: "not to be contacted" },
  },
});

export const leadRouting = decision({
  key: "lead_routing",
  inputs: {
    consent: "boolean",
    engagement: "number",
    cta_clicks: "number",
    industry: "string",
    country: "string",
    product_interest: "string",
    customer_value: "string",
  },
  outputs: { score: "highest", route: "first", queue: { beside: "route" } },
  constraints: [
    { number: "engagement", whole: true, from: 0, to: 100 },
    { number: "cta_clicks", whole: true, from: 0 },
  ],
  changeable: ["consent"],
  freshForMs: CONSENT_FRESH_MS,
  answer: (rows) => {
    const { route, queue } = rows.together("route", "queue");
    return { score: scoreOf(rows.highest("score")), route: routeOf(route), queue };
  },
});

export function leadFacts(listener: Listener): FactsOf<typeof leadRouting.inputs> {
  const { listens, follows, playlistAdds, ctaClicks } = listener.engagement;
  return {
    consent: isGranted(listener, "MARKETING"),
    engagement: Math.min(100, Math.floor(listens / 5 + 5 * follows + 2 * playlistAdds)),
    cta_clicks: ctaClicks,
    industry: listener.industry ?? "unknown",
    country: listener.country,
    product_interest: listener.productInterest ?? "unknown",
    customer_value: listener.customerValue,
  };
}

@RequiresScopes(["listeners:read", "eligibility:read"])
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "How good a lead is a listener, and which queue gets it?",
})
export class LeadDecision extends DecisionFields {
  @Field(() => Int, { description: "0 to 100" })
  score!: number;
  @Field(() => LeadRoute)
  route!: LeadRoute;
  @Field(() => String, { nullable: true, description: "which queue gets it; null if none does" })
  queue!: string | null;
}

/** `score` is an Int: a table's 72.5 fails the decision here, not the response later. */
function scoreOf(score: number): number {
  if (Number.isInteger(score) && score >= 0 && score <= 100) return score;
  throw new UndecidedError("score is not an integer from 0 to 100");
}

function routeOf(text: string | null): LeadRoute {
  const route = Object.values(LeadRoute).find((value) => value === text);
  if (route === undefined) throw new UndecidedError("no row has a known route");
  return route;
}
