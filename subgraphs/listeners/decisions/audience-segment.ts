/** Which audiences does a listener belong to? */
import { Field, ObjectType } from "type-graphql";
import { DecisionFields } from "../../../schema/decision.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import { isGranted } from "../consents/consents.ts";
import type { Listener } from "../listener/listener.ts";
import { CONSENT_FRESH_MS } from "./consent-freshness.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export const audienceSegment = decision({
  key: "audience_segment",
  inputs: {
    consent: "boolean",
    listens: "number",
    skip_rate: "number",
    follows: "number",
    playlist_adds: "number",
    customer_value: "string",
    region: "string",
    products: "collection",
    days_since_last: "number",
  },
  outputs: { segments: "list" },
  constraints: [
    { number: "listens", whole: true, from: 0 },
    { number: "skip_rate", from: 0, to: 100 },
    { number: "follows", whole: true, from: 0 },
    { number: "playlist_adds", whole: true, from: 0 },
    { number: "days_since_last", whole: true, from: 0 },
    { where: { listens: 0 }, means: { skip_rate: 0 } },
  ],
  changeable: ["consent"],
  freshForMs: CONSENT_FRESH_MS,
  answer: (rows) => ({ segments: rows.list("segments") }),
});

/** For a listener without activity: more days than any other has. */
const NEVER_ACTIVE_DAYS = 9999;

/** `now` in milliseconds since the epoch. */
export function segmentFacts(listener: Listener, now: number): FactsOf<typeof audienceSegment.inputs> {
  const { listens, skips, follows, playlistAdds, lastAt } = listener.engagement;
  return {
    consent: isGranted(listener, "PROFILING"),
    listens,
    // A skip can be counted without its listen.
    skip_rate: listens === 0 ? 0 : Math.min(100, (100 * skips) / listens),
    follows,
    playlist_adds: playlistAdds,
    customer_value: listener.customerValue,
    region: listener.region ?? "unknown",
    products: listener.productsOwned,
    // A time in our future is clock skew: 0 days.
    days_since_last: lastAt ? Math.max(0, Math.floor((now - Number(lastAt)) / DAY_MS)) : NEVER_ACTIVE_DAYS,
  };
}

@RequiresScopes(["listeners:read", "eligibility:read"])
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "Which audiences does a listener belong to?",
})
export class SegmentDecision extends DecisionFields {
  @Field(() => [String], { description: "audiences, as slugs; empty if the verdict is DENY" })
  segments!: readonly string[];
}
