/** What does this subgraph have decided, and from which facts? */
import { UndecidedError, decision } from "../pipeline/decision.ts";
import type { FactsOf } from "../pipeline/decision.ts";
import { granted } from "./consents/consents.ts";
import type { Listener } from "./listener/listener.ts";
import { LeadRoute } from "../records/listeners/types.ts";
import type { ConsentPurpose } from "../records/listeners/types.ts";

/**
 * A withdrawn consent is a new fact and asks anew at once, but whoever holds an answer may act on it until it expires:
 * that must be seconds. The price is one call for each class of listeners every half a minute, not every half an hour.
 */
const WHILE_CONSENTED_MS = 30_000;
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
  outputs: { score: "number", route: "string", queue: "string" },
  freshForMs: WHILE_CONSENTED_MS,
  answer: (rows) => ({
    score: scoreOf(rows.highest("score")),
    route: routeOf(rows.first("route")),
    queue: rows.first("queue"),
  }),
});

export const listenerDecisions = [audienceSegment, leadRouting];

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

export function isGranted({ consents }: Listener, purpose: ConsentPurpose): boolean {
  return granted(consents).includes(purpose);
}

/** What a client gets is a whole number: a table that says 72.5 is refused here, not in the middle of an answer. */
function scoreOf(score: number): number {
  if (Number.isInteger(score) && score >= 0 && score <= 100) return score;
  throw new UndecidedError("no whole score from 0 to 100");
}

function routeOf(text: string | null): LeadRoute {
  const route = Object.values(LeadRoute).find((known) => known === text);
  if (route === undefined) throw new UndecidedError("no row says a known route");
  return route;
}
