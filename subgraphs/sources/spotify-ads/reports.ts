/**
 * What does a report of Spotify's Ads API say of a campaign?
 *
 * Figures over its whole life, and for a figure that is withheld or missing nothing: never a made-up number.
 */
import { z } from "zod";
import type { AdsMoney } from "./replies.ts";

/** Over the campaign's whole life. null is a figure that Spotify withholds or does not have. */
export interface AdsReport {
  readonly campaignId: string;
  readonly impressions: number | null;
  readonly clicks: number | null;
  /** 0 to 1. */
  readonly completionRate: number | null;
  /** Different people. */
  readonly reach: number | null;
  readonly frequency: number | null;
  readonly listeners: number | null;
  readonly streams: number | null;
  readonly spend: AdsMoney | null;
}

/** What `ReportReply` reads; the client asks for exactly these. */
export const METRICS = [
  "IMPRESSIONS",
  "CLICKS",
  "COMPLETION_RATE",
  "REACH",
  "FREQUENCY",
  "LISTENERS",
  "STREAMS",
  "SPEND",
] as const;

const ReportRow = z.object({
  entity_id: z.string(),
  stats: z.array(z.object({ field_type: z.string(), field_value: z.number().nullish() })),
});

export const ReportReply = z.object({ rows: z.array(ReportRow), continuation_token: z.string().nullish() });

/** No figure is negative: Spotify tells a count of one to four conversions as -5, so as to point at nobody. */
export function reportOf({ entity_id, stats }: z.infer<typeof ReportRow>, currency: string): AdsReport {
  const figures = new Map(stats.map(({ field_type, field_value }) => [field_type, field_value]));
  const figure = (metric: (typeof METRICS)[number]): number | null => {
    const value = figures.get(metric) ?? null;
    return value !== null && value < 0 ? null : value;
  };
  const spend = figure("SPEND");
  return {
    campaignId: entity_id,
    impressions: figure("IMPRESSIONS"),
    clicks: figure("CLICKS"),
    completionRate: figure("COMPLETION_RATE"),
    reach: figure("REACH"),
    frequency: figure("FREQUENCY"),
    listeners: figure("LISTENERS"),
    streams: figure("STREAMS"),
    // Not in micros, as a budget is, but in units of the ad account's currency.
    spend: spend === null ? null : { amount: spend, currency },
  };
}
