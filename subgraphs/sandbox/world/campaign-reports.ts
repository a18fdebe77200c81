/**
 * What has a campaign of the world achieved in its lifetime?
 */
import type { AdSetRecord } from "./ad-sets.ts";
import { DAY, timestamp } from "./campaign-plan.ts";
import type { Plan } from "./campaign-plan.ts";
import { random } from "./random.ts";

export interface ReportRecord {
  readonly campaignId: string;
  readonly start: string;
  readonly end: string;
  readonly stats: Readonly<Record<Metric, number>>;
}

export type Metric =
  | "IMPRESSIONS"
  | "CLICKS"
  | "CTR"
  | "COMPLETES"
  | "COMPLETION_RATE"
  | "REACH"
  | "FREQUENCY"
  | "LISTENERS"
  | "STREAMS"
  | "LEADS"
  | "SPEND";

/** All figures are derived from the spend, which is 0 for a campaign that has not started. */
export function reportOf({ index, id, goal, start, end, today }: Plan, adSets: readonly AdSetRecord[]): ReportRecord {
  const draw = (min: number, max: number, what: string): number => min + random("report", index, what) * (max - min);
  const elapsed = Math.max(0, Math.min(1, (today - start) / (end - start)));
  const planned = adSets.reduce((sum, { budget }) => sum + lifetimeOf(budget, (end - start) / DAY), 0);
  const spend = cents(planned * elapsed * draw(0.6, 1, "pace"));
  const impressions = Math.round((spend / draw(8, 18, "price")) * 1000);
  const clicks = Math.round(impressions * draw(0.0005, 0.006, "clicks"));
  const completes = Math.round(impressions * draw(0.55, 0.96, "completes"));
  const reach = Math.round(impressions / draw(1.3, 6, "frequency"));
  const listeners = Math.round(reach * draw(0.01, 0.08, "listeners"));
  // Spotify reports conversion counts of one to four as -5, because so few people could be identified.
  const rare = index % 6 === 5 && impressions > 0;
  return {
    campaignId: id,
    start: timestamp(start),
    end: timestamp(end),
    stats: {
      IMPRESSIONS: impressions,
      CLICKS: clicks,
      CTR: share(clicks, impressions),
      COMPLETES: completes,
      COMPLETION_RATE: share(completes, impressions),
      REACH: reach,
      FREQUENCY: share(impressions, reach),
      LISTENERS: rare ? -5 : listeners,
      STREAMS: rare ? -5 : Math.round(listeners * draw(1.5, 4, "streams")),
      LEADS: goal === "LEAD_GEN" ? Math.round(clicks * 0.08) : 0,
      SPEND: spend,
    },
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Number((part / whole).toFixed(4));
}

function lifetimeOf({ micro_amount, type }: AdSetRecord["budget"], days: number): number {
  return (micro_amount / 1e6) * (type === "DAILY" ? days : 1);
}

function cents(amount: number): number {
  return Number(amount.toFixed(2));
}
