/** Tables of locations, in the PostgreSQL schema `locations`. Locations have the ids of Soundtrack. */
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
