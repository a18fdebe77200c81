/** How does the Ads API sandbox answer `aggregate_reports`? In pages of rows, with a continuation token that contains the whole query. */
import { z } from "zod";
import { Limit, many } from "./query.ts";
import { itemAt, itemsAt } from "../world/list.ts";
import { createLookup } from "../world/lookup.ts";
import type { Lookup } from "../world/lookup.ts";
import type { ReportRecord } from "../world/campaign-reports.ts";
import type { CampaignRecord, CampaignWorld } from "../world/campaigns.ts";

/** The metrics that the sandbox has, of the fifty documented ones. */
const Metric = z.enum([
  "IMPRESSIONS",
  "CLICKS",
  "CTR",
  "COMPLETES",
  "COMPLETION_RATE",
  "REACH",
  "FREQUENCY",
  "LISTENERS",
  "STREAMS",
  "LEADS",
  "SPEND",
]);

const Question = z.object({
  entity_type: z.literal("CAMPAIGN", "the sandbox has reports of campaigns only"),
  granularity: z.literal("LIFETIME", "the sandbox has lifetime reports only").default("LIFETIME"),
  fields: z.preprocess((value) => [value ?? []].flat(), z.array(Metric).min(1)),
  entity_ids: many(z.guid(), 50),
  entity_ids_type: z.literal("CAMPAIGN").optional(),
  limit: Limit,
});

const Continued = z.object({ continuation_token: z.string().min(1) });
const Token = z.object({
  fields: z.array(Metric),
  ids: z.array(z.string()).optional(),
  rows: z.int(),
  offset: z.int(),
});

/** Gives a page of them; it throws a ZodError for an invalid query. */
export function createReports(world: CampaignWorld, mostRows: number): (query: unknown) => unknown {
  const index = { campaigns: createLookup(world.campaigns, "id"), reports: createLookup(world.reports, "campaignId") };
  return (query) => reportPage(world, index, query, mostRows);
}

function reportPage(
  world: CampaignWorld,
  { campaigns, reports }: Readonly<Record<"campaigns" | "reports", Lookup>>,
  query: unknown,
  mostRows: number,
): unknown {
  const continued = Continued.safeParse(query).data;
  const { fields, ids, rows, offset } = continued ? opened(continued.continuation_token) : asked(query, mostRows);
  const found = ids && [...new Set(ids)].flatMap((id) => reports.first(id) ?? []).toSorted((a, b) => a - b);
  const total = found?.length ?? world.reports.length;
  const next = offset + rows;
  const page = found ? itemsAt(world.reports, found.slice(offset, next)) : world.reports.slice(offset, next);
  return {
    continuation_token: next < total ? closed({ fields, ids, rows, offset: next }) : "",
    granularity: "LIFETIME",
    rows: page.map((report) => rowOf(report, itemAt(world.campaigns, campaigns.first(report.campaignId)), fields)),
    warnings: continued && Object.keys(Object(query)).length > 1 ? ["continuation_token: all else was ignored"] : [],
  };
}

type Token = z.infer<typeof Token>;

function asked(query: unknown, mostRows: number): Token {
  const { fields, entity_ids: ids, entity_ids_type: type, limit } = Question.parse(query);
  if (ids && type === undefined) throw invalid("entity_ids_type", "required with entity_ids");
  return { fields, ids, rows: Math.min(limit, mostRows), offset: 0 };
}

function rowOf(report: ReportRecord, campaign: CampaignRecord | undefined, fields: Token["fields"]): unknown {
  return {
    entity_type: "CAMPAIGN",
    entity_id: report.campaignId,
    entity_name: campaign?.name,
    ...(campaign && REPORTED_STATUSES.has(campaign.status) && { entity_status: campaign.status }),
    start_time: report.start,
    end_time: report.end,
    stats: fields.map((field) => ({ field_type: field, field_value: report.stats[field] })),
  };
}

/** The statuses of a campaign in a report. */
const REPORTED_STATUSES: ReadonlySet<string> = new Set(["ACTIVE", "ARCHIVED", "PAUSED"]);

function closed(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString("base64url");
}

function opened(text: string): Token {
  try {
    return Token.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch {
    throw invalid("continuation_token", "not one that was handed out here");
  }
}

function invalid(field: string, message: string): z.ZodError {
  return new z.ZodError([{ code: "custom", path: [field], message, input: undefined }]);
}
