/** What is written down about locations, in the PostgreSQL schema `locations`? Locations go by the id Soundtrack gives them. */
import { index, integer, jsonb, pgSchema, text } from "drizzle-orm/pg-core";
import type { LicenceStatus, OpeningSpan, PlaylistUsage, StoreType } from "./types.ts";
import type { RequestStatus } from "../../../schema/request-status.ts";
import { instant, textArray } from "../database/columns.ts";

export const locations = pgSchema("locations");

export const locationProfiles = locations.table("profiles", {
  locationId: text().primaryKey(),
  storeType: text().$type<StoreType>().notNull(),
  openingHours: jsonb().$type<readonly OpeningSpan[]>().notNull(),
});

/** The licence of a location: what was recorded last. */
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
    /** By which it came to its status; null where it was not decided yet. */
    evaluationId: text(),
    reviewId: text(),
  },
  (table) => [index("playlist_requests_of_location").on(table.locationId, table.requestedAt.desc(), table.id.desc())],
);
