/**
 * What do we know of a location that Soundtrack does not?
 *
 * What kind of store it is, when it is open, what it is licensed to play and which branded playlists somebody asked for.
 * First-party data, behind interfaces: where it is kept is not this subgraph's concern.
 */
import type { RequestStatus } from "../../../schema/request-status.ts";
import type { ByOwner } from "../../platform/lists.ts";

export const StoreType = {
  RETAIL: "RETAIL",
  HOTEL: "HOTEL",
  RESTAURANT: "RESTAURANT",
  FITNESS: "FITNESS",
  BAR: "BAR",
  OFFICE: "OFFICE",
  OTHER: "OTHER",
} as const;
export type StoreType = (typeof StoreType)[keyof typeof StoreType];

export const LicenceStatus = { ACTIVE: "ACTIVE", EXPIRING: "EXPIRING", EXPIRED: "EXPIRED", NONE: "NONE" } as const;
export type LicenceStatus = (typeof LicenceStatus)[keyof typeof LicenceStatus];

export const PlaylistUsage = { IN_STORE: "IN_STORE", EVENT: "EVENT", PROMOTION: "PROMOTION" } as const;
export type PlaylistUsage = (typeof PlaylistUsage)[keyof typeof PlaylistUsage];

export interface LocationProfile {
  /** As Soundtrack calls it. */
  readonly locationId: string;
  readonly storeType: StoreType;
  /** Empty where nobody wrote them down. A day may have several. */
  readonly openingHours: readonly OpeningSpan[];
  /** null where none is on record. */
  readonly licence: LicenceRecord | null;
}

export interface OpeningSpan {
  /** ISO 8601: 1 is Monday, 7 is Sunday. */
  readonly day: number;
  /** `09:30`, by the clock of the location. */
  readonly opens: string;
  /** `24:00` at the latest; where it is not after `opens`, on the day after. */
  readonly closes: string;
}

export interface LicenceRecord {
  readonly status: LicenceStatus;
  /** `background`, `foreground` or `events`, or whatever else somebody wrote down. */
  readonly tier: string;
  /** null where it names no end. */
  readonly expiresAt: Date | null;
}

export interface LocationRecords {
  /** Aligned with the ids; undefined for a location nobody has written anything down about. */
  profiles(locationIds: readonly string[]): Promise<readonly (LocationProfile | undefined)[]>;
}

export interface PlaylistRequestRecord {
  readonly id: string;
  /** As Soundtrack calls it. */
  readonly locationId: string;
  readonly title: string;
  readonly usage: PlaylistUsage;
  /** `spotify:track:…` */
  readonly trackUris: readonly string[];
  /** How many of them are explicit; one of which that is not known counts as explicit. */
  readonly explicitTracks: number;
  readonly brandGuidelines: string | null;
  /** How many percent of the tracks fit the guidelines; null where nobody has rated it. */
  readonly brandFit: number | null;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly status: RequestStatus;
  /** `spotify:playlist:…`, once it exists. */
  readonly playlistUri: string | null;
  readonly requestedBy: string;
  /** In whole milliseconds. */
  readonly requestedAt: Date;
  /** By which it came to its status; null where nobody wrote that down, or it is not decided yet. */
  readonly evaluationId?: string | null;
  /** Null or left out where nobody has to look at it. */
  readonly reviewId?: string | null;
}

/** Those of a location by `requestedAt`. */
export type PlaylistRequestRecords = ByOwner<PlaylistRequestRecord>;
