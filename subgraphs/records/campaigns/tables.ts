/** What is written down about campaigns, in the PostgreSQL schema `campaigns`? Campaigns go by the id Spotify Ads gives them. */
import { index, integer, pgSchema, text } from "drizzle-orm/pg-core";
import type { CampaignTier, CaseIssue, CaseSeverity, CaseStatus } from "./types.ts";
import type { RequestStatus } from "../../../schema/request-status.ts";
import { instant, textArray } from "../database/columns.ts";

export const campaigns = pgSchema("campaigns");

export const campaignProfiles = campaigns.table("profiles", {
  campaignId: text().primaryKey(),
  tier: text().$type<CampaignTier>().notNull(),
  competitors: textArray().notNull(),
});

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
    /** By which it was routed; null until it is. */
    evaluationId: text(),
    queue: text(),
    priority: integer(),
    resolvedBy: text(),
    resolvedAt: instant(),
    note: text(),
  },
  (table) => [
    index("cases_of_campaign").on(table.campaignId, table.openedAt.desc(), table.id.desc()),
    index("cases_by_status").on(table.status),
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
    /** By which it came to its status; null where it was not decided yet. */
    evaluationId: text(),
    reviewId: text(),
  },
  (table) => [index("sponsorships_of_campaign").on(table.campaignId, table.requestedAt.desc(), table.id.desc())],
);

/** What somebody wants a campaign to be, until Spotify shows it. */
export const campaignWishes = campaigns.table("wishes", {
  campaignId: text().primaryKey(),
  status: text().$type<"ACTIVE" | "PAUSED">().notNull(),
  /** Counts the wishes: who acts on an older one has been overtaken. */
  turn: integer().notNull(),
  evaluationId: text(),
  askedBy: text().notNull(),
  askedAt: instant().notNull(),
  /** When Spotify was told, or it was given up. */
  settledAt: instant(),
});

export const targetings = campaigns.table(
  "targetings",
  {
    id: text().primaryKey(),
    campaignId: text().notNull(),
    include: textArray().notNull(),
    exclude: textArray().notNull(),
    offer: text(),
    /** By which it was decided; null where it was pushed. */
    evaluationId: text(),
    askedBy: text().notNull(),
    askedAt: instant().notNull(),
    /** When the ad sets were told. */
    appliedAt: instant(),
  },
  (table) => [index("targetings_of_campaign").on(table.campaignId, table.askedAt.desc())],
);
