/** Which audiences does a listener belong to? */
import { Field, ObjectType } from "type-graphql";
import { DecisionFields } from "../../../schema/decision.ts";
import { decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import { isGranted } from "../consents/consents.ts";
import type { Listener } from "../listener/listener.ts";
import { WHILE_CONSENTED_MS } from "./while-consented.ts";

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
  outputs: { segments: "string" },
  freshForMs: WHILE_CONSENTED_MS,
  answer: (rows) => ({ segments: rows.list("segments") }),
});

/** More days than anybody has been away who was ever here. */
const NEVER = 9999;

/** `now` in milliseconds since the epoch. */
export function segmentFacts(listener: Listener, now: number): FactsOf<typeof audienceSegment.inputs> {
  const { listens, skips, follows, playlistAdds, lastAt } = listener.engagement;
  return {
    consent: isGranted(listener, "PROFILING"),
    listens,
    // A skip may be counted whose listen was not.
    skip_rate: listens === 0 ? 0 : Math.min(100, (100 * skips) / listens),
    follows,
    playlist_adds: playlistAdds,
    customer_value: listener.customerValue,
    region: listener.region ?? "unknown",
    products: listener.productsOwned,
    // What happened after our clock says happened just now.
    days_since_last: lastAt ? Math.max(0, Math.floor((now - Number(lastAt)) / DAY_MS)) : NEVER,
  };
}

@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "Which audiences does a listener belong to?",
})
export class SegmentDecision extends DecisionFields {
  @Field(() => [String], { description: "audiences, as slugs; none where verdict is DENY" })
  segments!: readonly string[];
}
