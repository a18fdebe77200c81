/** Which tables does the PostgreSQL schema `campaigns` have? `campaignId` is the id in Spotify Ads. */
import { sql } from "drizzle-orm";
import { doublePrecision, index, integer, pgSchema, text } from "drizzle-orm/pg-core";
import type { CampaignTier, CaseIssue, CaseSeverity, CaseStatus } from "./types.ts";
import type { RequestStatus } from "../../../schema/request-status.ts";
import { instant, textArray } from "../database/columns.ts";

export const campaigns = pgSchema("campaigns");

export const campaignProfiles = campaigns.table("profiles", {
  campaignId: text().primaryKey(),
  tier: text().$type<CampaignTier>().notNull(),
  competitors: textArray().notNull(),
});

/** Who advertises in each campaign, as it was read last; only campaigns of one advertiser. */
export const campaignAccounts = campaigns.table(
  "accounts",
  {
    campaignId: text().primaryKey(),
    /** The id in the graph. */
    subject: text().notNull(),
    account: text().notNull(),
    /** In Spotify's order: newer campaigns have greater numbers. */
    place: integer().notNull(),
  },
  (table) => [index("campaigns_of_account").on(table.account, table.place.desc())],
);

export const cases = campaigns.table(
  "cases",
  {
    id: text().primaryKey(),
    campaignId: text(),
    account: text().notNull(),
    customerValue: text().$type<"LOW" | "MEDIUM" | "HIGH">().notNull(),
    country: text().notNull(),
    issue: text().$type<CaseIssue>().notNull(),
    severity: text().$type<CaseSeverity>().notNull(),
    description: text().notNull(),
    status: text().$type<CaseStatus>().notNull(),
    openedBy: text().notNull(),
    openedAt: instant().notNull(),
    /** The evaluation that routed it; null until it is routed. */
    evaluationId: text(),
    queue: text(),
    priority: integer(),
    /** The priority by what is known now; 0 until it is decided. */
    rank: doublePrecision().notNull().default(0),
    /** Why that could not be decided: the code of the error. */
    rankError: text(),
    /** What it was ranked by, and when, if the answer counts until that changes. */
    rankQuestion: text(),
    rankedAt: instant(),
    resolvedBy: text(),
    resolvedAt: instant(),
    note: text(),
  },
  (table) => [
    index("cases_of_campaign").on(table.campaignId, table.openedAt.desc(), table.id.desc()),
    index("cases_by_urgency")
      .on(table.rank, table.openedAt, sql`${table.id} collate "C"`)
      .where(sql`${table.status} <> 'RESOLVED'`),
  ],
);

export const sponsorships = campaigns.table(
  "sponsorships",
  {
    id: text().primaryKey(),
    campaignId: text().notNull(),
    podcastId: text().notNull(),
    episodeId: text().notNull(),
    brand: text().notNull(),
    productCategory: text().notNull(),
    competitors: textArray().notNull(),
    status: text().$type<RequestStatus>().notNull(),
    requestedBy: text().notNull(),
    requestedAt: instant().notNull(),
    /** The evaluation that decided its status; null until it is decided. */
    evaluationId: text(),
    reviewId: text(),
    /** The endpoints whose acceptance fulfils it, and that have not accepted it yet. */
    awaits: textArray().notNull().default([]),
  },
  (table) => [index("sponsorships_of_campaign").on(table.campaignId, table.requestedAt.desc(), table.id.desc())],
);

/** The latest requested status of each campaign. */
export const statusRequests = campaigns.table("status_requests", {
  campaignId: text().primaryKey(),
  status: text().$type<"ACTIVE" | "PAUSED">().notNull(),
  /** Counts the requests of the campaign: a lower revision is superseded. */
  revision: integer().notNull(),
  evaluationId: text(),
  requestedBy: text().notNull(),
  requestedAt: instant().notNull(),
  /** When Spotify accepted it, or it failed permanently or was no longer allowed. */
  closedAt: instant(),
});

export const targetings = campaigns.table(
  "targetings",
  {
    id: text().primaryKey(),
    campaignId: text().notNull(),
    include: textArray().notNull(),
    exclude: textArray().notNull(),
    offer: text(),
    /** The evaluation that decided it; null for a pushed one. */
    evaluationId: text(),
    requestedBy: text().notNull(),
    requestedAt: instant().notNull(),
    /** When Spotify had accepted it for all ad sets. */
    appliedAt: instant(),
  },
  (table) => [index("targetings_of_campaign").on(table.campaignId, table.requestedAt.desc())],
);
