/**
 * What do we know of the people who listen, and agreed to be known?
 *
 * First-party data, behind an interface: no API gives listeners in bulk, and where they are kept is not this subgraph's
 * concern. Ids are those of the records, not of the graph. What comes out is personal: it goes to the client who asked
 * for it and into the decisions about it, and into no log and no error.
 */
import type { CustomerValue } from "../../schema/customer-value.ts";

export type { CustomerValue } from "../../schema/customer-value.ts";

export const ConsentPurpose = {
  MARKETING: "MARKETING",
  PERSONALISATION: "PERSONALISATION",
  PROFILING: "PROFILING",
} as const;
export type ConsentPurpose = (typeof ConsentPurpose)[keyof typeof ConsentPurpose];

export const EngagementKind = {
  LISTEN: "LISTEN",
  SKIP: "SKIP",
  FOLLOW: "FOLLOW",
  PLAYLIST_ADD: "PLAYLIST_ADD",
  CTA_CLICK: "CTA_CLICK",
} as const;
export type EngagementKind = (typeof EngagementKind)[keyof typeof EngagementKind];

export interface ListenerRecord {
  readonly id: string;
  /** As the Spotify Web API calls the account; null where none is connected. */
  readonly spotifyAccountId: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** `AMERICAS`, `APAC`, `EMEA`. */
  readonly region: string | null;
  /** In years. */
  readonly age: number | null;
  readonly customerValue: CustomerValue;
  /** A slug: `hospitality`. */
  readonly industry: string | null;
  /** Slugs: `premium-family`. */
  readonly productsOwned: readonly string[];
  /** What the last call to action that was clicked was for, as a slug: `audio-ads`. */
  readonly productInterest: string | null;
  /** Whatever was answered, in any order; of a purpose the latest answer stands. */
  readonly consents: readonly ConsentRecord[];
  readonly engagement: EngagementRecord;
}

export interface ConsentRecord {
  readonly purpose: ConsentPurpose;
  readonly granted: boolean;
  readonly recordedAt: Date;
}

/** Counts of the last 30 days. */
export interface EngagementRecord {
  readonly listens: number;
  readonly skips: number;
  readonly follows: number;
  readonly playlistAdds: number;
  readonly ctaClicks: number;
  /** However long ago; null where there is nothing. */
  readonly lastAt: Date | null;
}

export interface ListenerRecords {
  /** Up to `limit` in the order of their ids, those behind `after` alone. */
  listeners(page: ListenerPage): Promise<readonly ListenerRecord[]>;
  count(country?: string): Promise<number>;
  /** Aligned with the ids; undefined where there is no such listener. */
  byIds(ids: readonly string[]): Promise<readonly (ListenerRecord | undefined)[]>;
}

export interface ListenerPage {
  /** An id, of a listener or of one that is gone. */
  readonly after?: string | undefined;
  readonly limit: number;
  readonly country?: string | undefined;
}
