/** Which tables are in the PostgreSQL schema `listeners`? All of it is personal data. */
import { date, index, integer, pgSchema, primaryKey, serial, text, boolean } from "drizzle-orm/pg-core";
import type { ConsentPurpose, EngagementKind, LeadRoute } from "./types.ts";
import type { CustomerValue } from "../../../schema/customer-value.ts";
import { instant, textArray } from "../database/columns.ts";

export const listeners = pgSchema("listeners");

export const people = listeners.table(
  "listeners",
  {
    id: text().primaryKey(),
    spotifyAccountId: text(),
    country: text().notNull(),
    region: text(),
    age: integer(),
    customerValue: text().$type<CustomerValue>().notNull(),
    industry: text(),
    productsOwned: textArray().notNull(),
    productInterest: text(),
    /** The time of their latest event. */
    lastAt: instant(),
  },
  (table) => [index("listeners_by_country").on(table.country, table.id)],
);

/** Every answer, also those that a later one has superseded. */
export const consents = listeners.table(
  "consents",
  {
    id: serial().primaryKey(),
    listenerId: text().notNull(),
    purpose: text().$type<ConsentPurpose>().notNull(),
    granted: boolean().notNull(),
    recordedAt: instant().notNull(),
    recordedBy: text().notNull(),
  },
  (table) => [index("consents_of_listener").on(table.listenerId)],
);

/** Counts of events by listener, day (UTC) and kind. */
export const engagement = listeners.table(
  "engagement",
  {
    listenerId: text().notNull(),
    day: date({ mode: "string" }).notNull(),
    kind: text().$type<EngagementKind>().notNull(),
    count: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.listenerId, table.day, table.kind] })],
);

/** Events that were counted: an event that is sent twice is recognised by its id. */
export const engagementEvents = listeners.table(
  "engagement_events",
  {
    id: text().primaryKey(),
    listenerId: text().notNull(),
    kind: text().$type<EngagementKind>().notNull(),
    at: instant().notNull(),
    campaignId: text(),
    episodeId: text(),
  },
  (table) => [index("engagement_events_of_listener").on(table.listenerId)],
);

export const leads = listeners.table(
  "leads",
  {
    id: text().primaryKey(),
    listenerId: text().notNull(),
    evaluationId: text().notNull(),
    score: integer().notNull(),
    route: text().$type<LeadRoute>().notNull(),
    queue: text(),
    routedBy: text().notNull(),
    routedAt: instant().notNull(),
    /** When the CRM accepted it; null if it did not yet, or the lead is not to be sent. */
    sentAt: instant(),
  },
  (table) => [index("leads_of_listener").on(table.listenerId)],
);
