/**
 * What is recorded about listeners who agreed to be recorded?
 *
 * First-party data: no API gives listeners in bulk. Ids are those of the records, not of the graph. All of it is personal:
 * it goes to the client who selected it and into decisions about the listener, never into a log or an error.
 */
import type { CustomerValue } from "../../../schema/customer-value.ts";

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
  /** The account's id in the Spotify Web API; null if none is connected. */
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
  /** The product of the last call to action that was clicked, as a slug: `audio-ads`. */
  readonly productInterest: string | null;
  /** All answers, in any order; for each purpose the latest counts. */
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
  /** The latest event, also if it is older than 30 days; null if there is none. */
  readonly lastAt: Date | null;
}

export interface ListenerRecords {
  /** Up to `limit` listeners after `after`, in the order of their ids. */
  listeners(page: ListenerPage): Promise<readonly ListenerRecord[]>;
  count(country?: string): Promise<number>;
  /** Aligned with the ids; undefined for an unknown listener. */
  byIds(ids: readonly string[]): Promise<readonly (ListenerRecord | undefined)[]>;
}

/** A listener's answer. */
export interface NewConsent {
  readonly listenerId: string;
  readonly purpose: ConsentPurpose;
  readonly granted: boolean;
  /** undefined: now. */
  readonly recordedAt: Date | undefined;
  readonly recordedBy: string;
  readonly now: Date;
}

export interface EngagementEvent {
  /** Given by the event's source, the same however often it is sent. */
  readonly id: string;
  readonly listenerId: string;
  readonly kind: EngagementKind;
  readonly at: Date;
  /** In Spotify Ads. */
  readonly campaignId: string | null;
  /** In Megaphone. */
  readonly episodeId: string | null;
  /** Of a click: the product that its link is about, as a slug. */
  readonly product: string | null;
}

/** A listener who was routed as a lead. */
export interface LeadRecord {
  readonly id: string;
  /** The listener's id in the records, or a pseudonym. */
  readonly listenerId: string;
  /** The id in the graph. */
  readonly evaluationId: string;
  readonly score: number;
  /** SUPPRESS also if the listener withdrew before it was sent. */
  readonly route: LeadRoute;
  readonly queue: string | null;
  readonly routedBy: string;
  readonly routedAt: Date;
  /** When the CRM accepted it; null if it did not yet, or the lead is not to be sent. */
  readonly sentAt: Date | null;
}

export interface LeadRecords {
  /** Aligned with the ids. */
  byIds(ids: readonly string[]): Promise<readonly (LeadRecord | undefined)[]>;
}

export interface ListenerPage {
  /** A listener's id; the listener may have been erased. */
  readonly after?: string | undefined;
  readonly limit: number;
  readonly country?: string | undefined;
}
