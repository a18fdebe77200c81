/** How is a campaign's report parsed? Lifetime figures; one that Spotify withholds or omits is null. */
import { z } from "zod";
import type { AdsMoney } from "./replies.ts";

/** Lifetime figures. null if Spotify withholds or omits it. */
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

/** The metrics that are requested and parsed. */
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

/** A negative figure is withheld: Spotify reports counts of one to four as -5 for privacy. */
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
    // In units of the account's currency, unlike a budget, which is in micros.
    spend: spend === null ? null : { amount: spend, currency },
  };
}
