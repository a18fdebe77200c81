/** Tables of locations, in the PostgreSQL schema `locations`. Locations have the ids of Soundtrack. */
import { sql } from "drizzle-orm";
import { boolean, doublePrecision, index, integer, jsonb, pgSchema, text } from "drizzle-orm/pg-core";
import type { LicenceStatus, OpeningSpan, PlaylistUsage, StoreType } from "./types.ts";
import type { RequestStatus } from "../../../schema/request-status.ts";
import { instant, orderedId, textArray } from "../database/columns.ts";

export const locations = pgSchema("locations");

export const locationProfiles = locations.table("profiles", {
  locationId: text().primaryKey(),
  storeType: text().$type<StoreType>().notNull(),
  openingHours: jsonb().$type<readonly OpeningSpan[]>().notNull(),
});

/** The licence that was recorded last. */
export const licences = locations.table("licences", {
  locationId: text().primaryKey(),
  status: text().$type<LicenceStatus>().notNull(),
  tier: text().notNull(),
  expiresAt: instant(),
  recordedBy: text().notNull(),
  recordedAt: instant().notNull(),
});

export const playlistRequests = locations.table(
  "playlist_requests",
  {
    id: text().primaryKey(),
    locationId: text().notNull(),
    title: text().notNull(),
    usage: text().$type<PlaylistUsage>().notNull(),
    trackUris: textArray().notNull(),
    explicitTracks: integer().notNull(),
    brandGuidelines: text(),
    brandFit: integer(),
    startsAt: instant(),
    endsAt: instant(),
    status: text().$type<RequestStatus>().notNull(),
    playlistUri: text(),
    requestedBy: text().notNull(),
    requestedAt: instant().notNull(),
    /** The evaluation that its status rests on; null if it is not decided. */
    evaluationId: text(),
    reviewId: text(),
  },
  (table) => [index("playlist_requests_of_location").on(table.locationId, table.requestedAt.desc(), table.id.desc())],
);

/** What was decided last of each location, as the worklist shows it. */
export const worklist = locations.table(
  "worklist",
  {
    locationId: orderedId().primaryKey(),
    /** The id in the graph; empty until a sweep has written it. */
    subject: text().notNull().default(""),
    /** In Soundtrack. */
    accountId: text().notNull(),
    /** Whether it needs attention. */
    isListed: boolean().notNull(),
    /** 0 if it could not be decided. */
    priority: doublePrecision().notNull(),
    /** The end of its licence, in milliseconds since the epoch. */
    endsAt: doublePrecision().notNull(),
    /** What Soundtrack said of it, in a shape of its source. */
    location: text().notNull(),
    /** When Soundtrack said that, if it has not been confirmed since. */
    asOf: instant().notNull(),
    /** When the time alone may change the decision, or when it was changed by a command; null if it never does. */
    dueAt: instant(),
    /** Why it could not be decided, or not read: the code of the error. */
    error: text(),
    /** What it was decided by, and when, if the answer counts until that changes. */
    question: text(),
    decidedAt: instant(),
    /** Counts the commands that changed it: what was decided before such a change is not written after it. */
    revision: integer().notNull().default(0),
  },
  (table) => [
    index("worklist_by_urgency")
      .on(table.priority, table.endsAt, table.locationId)
      .where(sql`${table.isListed}`),
    index("worklist_by_account").on(table.accountId),
    index("worklist_of_account_by_urgency")
      .on(table.accountId, table.priority, table.endsAt, table.locationId)
      .where(sql`${table.isListed}`),
    index("worklist_by_due").on(table.dueAt),
  ],
);

/** The licence of a location that was escalated last. */
export const escalations = locations.table("escalations", {
  locationId: text().primaryKey(),
  /** When it was recorded; the beginning of time if none is on record. */
  recordedAt: instant().notNull(),
  escalatedAt: instant().notNull(),
});

/** One row, which triggers of the worklist keep: to count it would take as long as it is. */
export const worklistCounts = locations.table("worklist_counts", {
  /** How many locations need attention. */
  listed: integer().notNull(),
});
