/**
 * Which first-party data does a location have?
 *
 * Its store type, opening hours, licence and playlist requests. Subgraphs depend on these interfaces, not on the database.
 */
import type { RequestStatus } from "../../../schema/request-status.ts";
import type { Place, Placed } from "../../../schema/worklist.ts";
import type { AccountsOf } from "../../platform/accounts.ts";
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
  /** Its id in Soundtrack. */
  readonly locationId: string;
  readonly storeType: StoreType;
  /** Empty if they are unknown. A day may have several. */
  readonly openingHours: readonly OpeningSpan[];
  /** null if none is on record. */
  readonly licence: LicenceRecord | null;
}

export interface OpeningSpan {
  /** ISO 8601: 1 is Monday, 7 is Sunday. */
  readonly day: number;
  /** `09:30`, in local time. */
  readonly opens: string;
  /** `24:00` at the latest; on the next day if it is not after `opens`. */
  readonly closes: string;
}

export interface LicenceRecord {
  readonly status: LicenceStatus;
  /** `background`, `foreground`, `events`, or another name. */
  readonly tier: string;
  /** null if it does not expire. */
  readonly expiresAt: Date | null;
  /** Of one that is on record. */
  readonly recordedAt?: Date;
}

export interface LocationRecords {
  /** Aligned with the ids; undefined for a location without a record. */
  profiles(locationIds: readonly string[]): Promise<readonly (LocationProfile | undefined)[]>;
}

export interface PlaylistRequestRecord {
  readonly id: string;
  /** Its id in Soundtrack. */
  readonly locationId: string;
  readonly title: string;
  readonly usage: PlaylistUsage;
  /** `spotify:track:…` */
  readonly trackUris: readonly string[];
  /** The number of explicit tracks, including those that Spotify does not know. */
  readonly explicitTracks: number;
  readonly brandGuidelines: string | null;
  /** The percentage of tracks that fit the guidelines; null if it was not rated. */
  readonly brandFit: number | null;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly status: RequestStatus;
  /** `spotify:playlist:…`, once it exists. */
  readonly playlistUri: string | null;
  readonly requestedBy: string;
  /** In whole milliseconds. */
  readonly requestedAt: Date;
  /** The evaluation that its status rests on; null if none is recorded. */
  readonly evaluationId?: string | null;
  /** Its last review; null or absent without one. */
  readonly reviewId?: string | null;
}

/** By location and `requestedAt`. */
export type PlaylistRequestRecords = ByOwner<PlaylistRequestRecord>;

/** A location as the worklist keeps it; those that need no attention too. */
export interface WorklistLocation {
  readonly locationId: string;
  /** Its id in the graph. */
  readonly subject: string;
  readonly accountId: string;
  readonly isListed: boolean;
  /** 0 if it could not be decided. */
  readonly priority: number;
  /** The end of its licence, in milliseconds since the epoch. */
  readonly endsAt: number;
  /** What Soundtrack said of it, encoded. */
  readonly location: string;
  readonly asOf: Date;
  /** When the time alone may change the decision; null if it never does. */
  readonly dueAt: Date | null;
  /** Why it could not be decided, or not read: the code of the error. */
  readonly error: string | null;
  /** What it was decided by; null if it has to be decided again in any case. */
  readonly question: string | null;
  readonly decidedAt: Date | null;
  /** Counts the commands that changed it. */
  readonly revision: number;
}

/** Places have the ids of Soundtrack. */
export interface LocationWorklistRecords {
  /** Of those that need attention (of these accounts), in order: up to `limit` after a place, or from the start. */
  items(
    limit: number,
    after: Place | undefined,
    accountIds?: readonly string[],
  ): Promise<readonly Placed<WorklistLocation>[]>;
  hasUpTo(place: Place, accountIds?: readonly string[]): Promise<boolean>;
  count(accountIds?: readonly string[]): Promise<number>;
  readonly accountsOf: AccountsOf;
  ofAccounts(accountIds: readonly string[]): Promise<readonly WorklistLocation[]>;
  byIds(locationIds: readonly string[]): Promise<readonly WorklistLocation[]>;
  /** Those that are due first, up to `limit`. */
  due(at: Date, limit: number): Promise<readonly WorklistLocation[]>;
  /** Leaves out those that a command has changed since their revision was read. Gives the ids of the others. */
  put(locations: readonly WorklistLocation[]): Promise<ReadonlySet<string>>;
  remove(locationIds: readonly string[]): Promise<void>;
  removeOtherAccounts(accountIds: readonly string[]): Promise<void>;
}
