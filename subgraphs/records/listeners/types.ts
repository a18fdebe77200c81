/**
 * What do we know of the people who listen, and agreed to be known?
 *
 * First-party data, behind an interface: no API gives listeners in bulk, and where they are kept is not this subgraph's
 * concern. Ids are those of the records, not of the graph. What comes out is personal: it goes to the client who asked
 * for it and into the decisions about it, and into no log and no error.
 */
import type { CustomerValue } from "../../../schema/customer-value.ts";

export type { CustomerValue } from "../../../schema/customer-value.ts";

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

export const LeadRoute = { SALES: "SALES", NURTURE: "NURTURE", SUPPRESS: "SUPPRESS" } as const;
export type LeadRoute = (typeof LeadRoute)[keyof typeof LeadRoute];

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

/** An answer of a listener. */
export interface NewConsent {
  readonly listenerId: string;
  readonly purpose: ConsentPurpose;
  readonly granted: boolean;
  /** undefined: it is given now. */
  readonly recordedAt: Date | undefined;
  readonly recordedBy: string;
  readonly now: Date;
}

export interface EngagementEvent {
  /** Of whoever saw it: the same event never has two. */
  readonly id: string;
  readonly listenerId: string;
  readonly kind: EngagementKind;
  readonly at: Date;
  /** As Spotify Ads calls it. */
  readonly campaignId: string | null;
  /** As Megaphone calls it. */
  readonly episodeId: string | null;
}

/** What became of a listener who was routed as a lead. */
export interface LeadRecord {
  readonly id: string;
  /** Of the records, or a pseudonym. */
  readonly listenerId: string;
  /** As clients call it. */
  readonly evaluationId: string;
  readonly score: number;
  /** SUPPRESS also where the listener withdrew before the CRM was told. */
  readonly route: LeadRoute;
  readonly queue: string | null;
  readonly routedBy: string;
  readonly routedAt: Date;
  /** When the CRM was told; null where it was not, or is not to be. */
  readonly sentAt: Date | null;
}

export interface LeadRecords {
  /** Aligned with the ids. */
  byIds(ids: readonly string[]): Promise<readonly (LeadRecord | undefined)[]>;
}

export interface ListenerPage {
  /** An id, of a listener or of one that is gone. */
  readonly after?: string | undefined;
  readonly limit: number;
  readonly country?: string | undefined;
}
