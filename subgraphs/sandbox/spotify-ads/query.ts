/**
 * Which query parameters do the lists of the Ads API sandbox take, and how are they ordered?
 *
 * An array is a repeated parameter: one value is parsed as a string, several as a list. Unknown parameters are ignored, as by
 * the real API.
 */
import { z } from "zod";

export type ListQuery = Readonly<z.infer<typeof List>>;

/** What lists are ordered and filtered by. */
export type ListedKey = (typeof SORT_KEYS)[keyof typeof SORT_KEYS];

export const Limit = z.coerce.number().int().min(1).max(50).default(50);

const List = z.object({
  limit: Limit,
  offset: z.coerce.number().int().min(0).default(0),
  name: z.string().default(""),
  statuses: many(z.string()),
  sort_field: z.enum(["ID", "NAME", "STATUS", "CREATED_AT", "UPDATED_AT"]).default("CREATED_AT"),
  sort_direction: z.enum(["ASC", "DESC"]).default("DESC"),
});

export const CampaignQuery = List.extend({
  campaign_ids: many(z.guid()),
  statuses: many(
    z.enum([
      "UNSET",
      "ACTIVE",
      "PAUSED",
      "ARCHIVED",
      "AGENT_CONTROLLED",
      "ACTIVE_RESTRICTED",
      "PENDING_ADVERTISER_REVIEW",
      "UNRECOGNIZED",
    ]),
  ),
});

export const AdSetQuery = List.extend({
  campaign_ids: many(z.guid()),
  statuses: many(
    z.enum([
      "ACTIVE",
      "ACTIVE_RESTRICTED",
      "APPROVED",
      "ARCHIVED",
      "COMPLETED",
      "PENDING_APPROVAL",
      "READY",
      "REJECTED",
    ]),
  ),
});

export const AdQuery = List.extend({
  ad_set_ids: many(z.guid()),
  statuses: many(
    z.enum(["ACTIVE", "APPROVED", "ARCHIVED", "FAILED", "PENDING", "PENDING_APPROVAL", "REJECTED", "UNRECOGNIZED"]),
  ),
});

export const CategoryQuery = z.object({ q: z.string().default("") });

export const AudienceQuery = List.omit({ statuses: true, sort_field: true, name: true }).extend({
  audience_ids: many(z.guid()),
  audience_types: many(z.enum(["CUSTOM", "LOOKALIKE"])),
  q: z.string().default(""),
  sort_field: z.enum(["NAME", "UPDATED_AT"]).default("UPDATED_AT"),
});

/** A repeated parameter as a list; undefined if it is missing. */
export function many<T extends z.ZodType>(
  item: T,
  most = Number.MAX_SAFE_INTEGER,
): z.ZodOptional<z.ZodPreprocess<z.ZodArray<T>>> {
  return z.preprocess((value) => [value].flat(), z.array(item).max(most)).optional();
}

type Audience = Readonly<Record<"id" | "name" | "updated_at", string>> & { readonly type: "CUSTOM" | "LOOKALIKE" };

/** Audiences have their own filters. */
export function listed<T extends Audience>(records: readonly T[], query: z.infer<typeof AudienceQuery>): readonly T[] {
  const wanted = records.filter(
    ({ id, name, type }) =>
      (query.audience_ids?.includes(id) ?? true) &&
      (query.audience_types?.includes(type) ?? true) &&
      name.toLowerCase().includes(query.q.toLowerCase()),
  );
  const sign = query.sort_direction === "ASC" ? 1 : -1;
  const key = SORT_KEYS[query.sort_field];
  return wanted.toSorted((a, b) => sign * (compare(a[key], b[key]) || compare(a.id, b.id)));
}

/** `records` are those of the page. */
export function pageOf(
  key: string,
  { total, records }: { readonly total: number; readonly records: readonly unknown[] },
  { limit, offset }: Readonly<Record<"limit" | "offset", number>>,
): unknown {
  return {
    paging: {
      page_size: limit,
      total_results: total,
      offset,
      current_page: Math.floor(offset / limit) + 1,
    },
    [key]: records,
  };
}

const SORT_KEYS = {
  ID: "id",
  NAME: "name",
  STATUS: "status",
  CREATED_AT: "created_at",
  UPDATED_AT: "updated_at",
} as const;

export function keyOfField(field: keyof typeof SORT_KEYS): ListedKey {
  return SORT_KEYS[field];
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
