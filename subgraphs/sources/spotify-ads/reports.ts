/**
 * How is a campaign's report parsed?
 *
 * Lifetime figures; one that Spotify withholds or omits is null, and one that cannot be read is an error in its place.
 */
import { z } from "zod";
import { byId, itemsOf, orNull } from "../../platform/items.ts";
import type { AdsMoney } from "./replies.ts";

export interface AdsReport {
  readonly campaignId: string;
  readonly impressions: Figure;
  readonly clicks: Figure;
  /** 0 to 1. */
  readonly completionRate: Figure;
  /** Different people. */
  readonly reach: Figure;
  readonly frequency: Figure;
  readonly listeners: Figure;
  readonly streams: Figure;
  readonly spend: Figure<AdsMoney>;
}

/** null if Spotify withholds or omits it. */
export type Figure<T = number> = T | null | Error;

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

const items = itemsOf("spotify-ads");
const Stat = z.object({ field_type: z.string(), field_value: z.number().nullish() });
const ReportRow = z.object({
  entity_id: z.string(),
  stats: items.list("figure", Stat, { id: "field_type" }),
});
export type ReportRow = z.infer<typeof ReportRow>;

export const ReportReply = z.object({
  rows: items.list("report", ReportRow, { id: "entity_id" }),
  /** Empty on the last page; null if it is missing or cannot be read. */
  continuation_token: orNull(z.string()),
});

/** `currency` is that of the account's bills, or why it is not known. */
export function reportOf({ entity_id, stats }: ReportRow, currency: string | Error): AdsReport {
  const figures = byId(stats, ({ field_type }) => field_type);
  const figure = (metric: (typeof METRICS)[number]): Figure => {
    const found = figures.get(metric);
    if (found instanceof Error) return found;
    const value = found?.field_value ?? null;
    // Withheld: Spotify reports counts of one to four as -5 for privacy.
    return value !== null && value < 0 ? null : value;
  };
  return {
    campaignId: entity_id,
    impressions: figure("IMPRESSIONS"),
    clicks: figure("CLICKS"),
    completionRate: figure("COMPLETION_RATE"),
    reach: figure("REACH"),
    frequency: figure("FREQUENCY"),
    listeners: figure("LISTENERS"),
    streams: figure("STREAMS"),
    spend: moneyOf(figure("SPEND"), currency),
  };
}

/** In units of the account's currency, unlike a budget, which is in micros. */
function moneyOf(amount: Figure, currency: string | Error): Figure<AdsMoney> {
  if (amount === null || amount instanceof Error) return amount;
  return currency instanceof Error ? currency : { amount, currency };
}
