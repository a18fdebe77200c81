// Made by `npm run operations`.
import { named } from "../graph/named.ts";
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type ActivateCampaignInput = {
  readonly campaignId: string | number;
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
};

/** Whose activity is counted. */
export type ActivityReach =
  /** that of all processes which share a cache */
  | 'ALL'
  /** that of the process that answers: it shares no cache with others */
  | 'ALONE'
  /** that of the process that answers: the shared cache does not give that of the others */
  | 'CUT_OFF';

/** without include, exclude and offer, the rules decide the targeting */
export type ApplyTargetingInput = {
  readonly campaignId: string | number;
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** names of audiences to exclude; empty if it is omitted but include or offer is given */
  readonly exclude?: ReadonlyArray<string> | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  /** names of audiences to reach; empty if it is omitted but exclude or offer is given */
  readonly include?: ReadonlyArray<string> | null | undefined;
  /** stored with the targeting, not sent to Spotify */
  readonly offer?: string | null | undefined;
};

export type CampaignStatus =
  | 'ACTIVE'
  | 'ARCHIVED'
  | 'DRAFT'
  | 'PAUSED'
  | 'PENDING'
  | 'RESTRICTED';

/** The importance of the advertiser. */
export type CampaignTier =
  | 'PREMIUM'
  | 'STANDARD'
  | 'STRATEGIC';

/** What has become of a table that somebody proposed. */
export type CandidateState =
  /** it may be deployed, as long as it is not outdated */
  | 'APPROVED'
  /** a second person has to approve or reject it */
  | 'PROPOSED'
  /** by somebody else than its proposer; also after it was approved */
  | 'REJECTED'
  /** by its proposer; also after it was approved */
  | 'WITHDRAWN';

export type CaseIssue =
  | 'AD_CONTENT'
  | 'BILLING'
  | 'OTHER'
  | 'PLACEMENT'
  | 'PLAYBACK'
  | 'PRIVACY';

export type CaseSeverity =
  | 'CRITICAL'
  | 'HIGH'
  | 'LOW'
  | 'MEDIUM';

export type CaseStatus =
  | 'OPEN'
  | 'RESOLVED'
  /** in a queue, not resolved yet */
  | 'ROUTED';

/** Whether calls are made. */
export type CircuitState =
  /** they are */
  | 'CLOSED'
  /** one is, to see whether it is answered again */
  | 'HALF_OPEN'
  /** none is, because too many have failed: answers that have expired are given instead */
  | 'OPEN';

export type ConsentPurpose =
  /** to get advertising */
  | 'MARKETING'
  /** to get recommendations from what was listened to */
  | 'PERSONALISATION'
  /** to be assigned to audiences */
  | 'PROFILING';

/** How valuable a customer is to the business. */
export type CustomerValue =
  | 'HIGH'
  | 'LOW'
  | 'MEDIUM';

/** How an answer was obtained. */
export type DecisionOrigin =
  /** an earlier answer that has not expired */
  | 'CACHE'
  /** the service's answer for other facts that match exactly the same rules of the same table version */
  | 'EQUIVALENT'
  /** the graph evaluated its own copy of the table with exactly these facts, without the service */
  | 'LOCAL'
  /** the decision service evaluated exactly these facts */
  | 'SERVICE'
  /** an earlier answer that has expired, given because the service is failing; expiresAt is in the past */
  | 'STALE';

export type DropEffectInput = {
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** of one that is FAILED */
  readonly effectId: string | number;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
};

/** The status of an effect. */
export type EffectStatus =
  /** not needed any more */
  | 'CANCELLED'
  /** carried out */
  | 'DONE'
  /** failed permanently; blocks the later effects on its subject until it is retried or dropped */
  | 'FAILED'
  /** failed, and is retried automatically */
  | 'RETRYING'
  /** being carried out */
  | 'RUNNING'
  /** waits for its time, or for earlier effects on its subject */
  | 'WAITING';

export type EpisodeStatus =
  /** not submitted yet */
  | 'DRAFT'
  /** published, or allowed and being sent to the podcast's host */
  | 'PUBLISHED'
  /** to be published at publishedAt */
  | 'SCHEDULED'
  /** submitted for publishing */
  | 'SUBMITTED';

/** How far the search for the impact of a table is. */
export type ImpactState =
  /** all was considered, as far as isComplete says */
  | 'DONE'
  /** something could not be listed: problem says what; asking again starts anew */
  | 'FAILED'
  /** ask again: what was found so far is shown */
  | 'RUNNING';

export type LeadRoute =
  /** marketing keeps contact until there is a reason to call */
  | 'NURTURE'
  /** sales calls */
  | 'SALES'
  /** not to be contacted */
  | 'SUPPRESS';

/** What has to be done about a licence. */
export type LicenceAction =
  /** a person has to act at once */
  | 'ESCALATE'
  | 'NONE'
  | 'RENEW';

export type LicenceStatus =
  | 'ACTIVE'
  | 'EXPIRED'
  /** valid, and its renewal was announced */
  | 'EXPIRING'
  | 'NONE';

export type OpenCaseInput = {
  /** the account that complains or asks */
  readonly account: string;
  /** omit if the case is not about a campaign */
  readonly campaignId?: string | number | null | undefined;
  /** the country of the account */
  readonly country: string;
  readonly customerValue: CustomerValue;
  readonly description: string;
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  readonly issue: CaseIssue;
  readonly severity: CaseSeverity;
};

export type PauseCampaignInput = {
  readonly campaignId: string | number;
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
};

export type PlaylistUsage =
  | 'EVENT'
  | 'IN_STORE'
  /** music that advertises something */
  | 'PROMOTION';

export type ProposeTableInput = {
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  /** the key of the model */
  readonly model: string;
  /** what it changes, and why */
  readonly note: string;
  /** the text of an .otdt file, up to 1,000,000 characters */
  readonly table: string;
};

export type PublishEpisodeInput = {
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  readonly episodeId: string | number;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  /** in whole seconds; a date in the future schedules it; omit it to publish now */
  readonly publishAt?: string | null | undefined;
};

export type RecordConsentInput = {
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** false: refused or withdrawn */
  readonly granted: boolean;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  readonly listenerId: string | number;
  readonly purpose: ConsentPurpose;
  /** when the listener answered; now if omitted. A time up to five minutes in the future counts as now: the clock is taken to be fast */
  readonly recordedAt?: string | null | undefined;
};

export type RecordLicenceInput = {
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** omit if the licence does not expire; must be omitted for NONE */
  readonly expiresAt?: string | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  readonly locationId: string | number;
  readonly status: LicenceStatus;
  /** background, foreground, events, or another name */
  readonly tier: string;
};

export type RequestPlaylistInput = {
  readonly brandGuidelines?: string | null | undefined;
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** omit if it has no last day */
  readonly endsAt?: string | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  readonly locationId: string | number;
  /** omit to start as soon as it is approved */
  readonly startsAt?: string | null | undefined;
  /** the playlist's name in Spotify */
  readonly title: string;
  /** `spotify:track:…` or `spotify:episode:…`, in this order, each once; at most 10,000 */
  readonly trackUris: ReadonlyArray<string>;
  readonly usage: PlaylistUsage;
};

/** The status of a request. */
export type RequestStatus =
  | 'APPROVED'
  /** carrying it out failed, or it can never be decided: what it is about is gone */
  | 'FAILED'
  /** carried out */
  | 'FULFILLED'
  /** waits for a reviewer to approve or reject it */
  | 'IN_REVIEW'
  | 'REJECTED'
  /** not decided yet, because the decision failed; it is retried */
  | 'UNDECIDED';

export type ResolveCandidateInput = {
  readonly candidateId: string | number;
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  /** the reason */
  readonly note: string;
  /** APPROVED or REJECTED, by somebody else than its proposer; WITHDRAWN, by its proposer */
  readonly state: CandidateState;
};

export type ResolveCaseInput = {
  readonly caseId: string | number;
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  /** the outcome, in words */
  readonly note: string;
};

export type ResolveReviewInput = {
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  /** the reason for the verdict */
  readonly note: string;
  readonly reviewId: string | number;
  /** ALLOW or DENY */
  readonly verdict: Verdict;
};

export type RetryEffectInput = {
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** of one that is FAILED */
  readonly effectId: string | number;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
};

export type ReviewStatus =
  | 'OPEN'
  | 'RESOLVED';

export type RouteLeadInput = {
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  readonly listenerId: string | number;
};

export type StoreType =
  | 'BAR'
  | 'FITNESS'
  | 'HOTEL'
  | 'OFFICE'
  | 'OTHER'
  | 'RESTAURANT'
  | 'RETAIL';

export type SubmitEpisodeInput = {
  /** approvals it has, as slugs: editorial, legal */
  readonly approvals: ReadonlyArray<string>;
  /** disclaimers that its listeners get, as slugs: sponsorship, explicit-content */
  readonly disclaimers: ReadonlyArray<string>;
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  readonly episodeId: string | number;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  /** BCP 47 */
  readonly languages: ReadonlyArray<string>;
  /** where it is to be available */
  readonly markets: ReadonlyArray<string>;
  /** an https URL; if omitted, it stays as it is */
  readonly transcriptUrl?: string | null | undefined;
};

export type SubmitSponsorshipInput = {
  readonly brand: string;
  readonly campaignId: string | number;
  /** slugs of advertisers that must not be in the same episode */
  readonly competitors?: ReadonlyArray<string> | null | undefined;
  /** nothing is changed and nobody is told: the payload shows what would be. Other mutations of the operation are done */
  readonly dryRun?: boolean | null | undefined;
  readonly episodeId: string | number;
  /** the same key with the same input returns the first result; the same key with another input is an error */
  readonly idempotencyKey?: string | null | undefined;
  /** the category of the advertised product */
  readonly productCategory: string;
};

/** Whether the decision service has shown that it runs the graph's copy of a table. */
export type TrustState =
  /** an answer differed: each distinct set of facts is asked */
  | 'DISTRUSTED'
  /** every answer was the same as the copy gives: answers count for equivalent facts */
  | 'TRUSTED'
  /** no answer was compared yet, or the running version is unknown */
  | 'UNPROVEN';

/** Whether an upstream answers. */
export type UpstreamState =
  /** it answers every call */
  | 'ANSWERING'
  /** calls of the last minutes failed, or a circuit is not closed */
  | 'DEGRADED'
  /** its last three calls or more failed, or the circuit of the service is open */
  | 'NOT_ANSWERING';

/** The verdict of a decision. The severest matching rule wins: DENY over REVIEW over ALLOW. */
export type Verdict =
  | 'ALLOW'
  | 'DENY'
  | 'REVIEW';

export type ActivateCampaignMutationVariables = Exact<{
  input: ActivateCampaignInput;
}>;


export type ActivateCampaignMutation = { readonly activateCampaign: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly campaign: { readonly id: string }, readonly decision:
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
     | null } };

export type PlannedFragment = { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> };

export type ApplyTargetingMutationVariables = Exact<{
  input: ApplyTargetingInput;
}>;


export type ApplyTargetingMutation = { readonly applyTargeting: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly campaign: { readonly id: string }, readonly decision:
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
      | { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> }
     | null } };

export type CallerQueryVariables = Exact<{ [key: string]: never; }>;


export type CallerQuery = { readonly caller: { readonly id: string, readonly scopes: ReadonlyArray<string>, readonly accounts: ReadonlyArray<string> | null } };

export type CampaignNamesQueryVariables = Exact<{ [key: string]: never; }>;


export type CampaignNamesQuery = { readonly campaigns: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string }> } };

export type CampaignQueryVariables = Exact<{
  id: string | number;
}>;


export type CampaignQuery = { readonly campaign: { readonly id: string, readonly name: string, readonly status: CampaignStatus, readonly requestedStatus: CampaignStatus | null, readonly advertiser: string | null, readonly category: string | null, readonly tier: CampaignTier, readonly startsAt: string | null, readonly endsAt: string | null, readonly asOf: string, readonly budget: { readonly amount: number, readonly currency: string } | null, readonly targets: { readonly countries: ReadonlyArray<string>, readonly minAge: number | null, readonly maxAge: number | null }, readonly activation: { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly alternative: { readonly id: string, readonly name: string } | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null, readonly targeting: { readonly include: ReadonlyArray<string>, readonly exclude: ReadonlyArray<string>, readonly offer: string | null, readonly journey: string | null, readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null, readonly sponsorships: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly brand: string, readonly status: RequestStatus, readonly requestedAt: string, readonly review: { readonly id: string } | null, readonly episode: { readonly id: string, readonly title: string } }> }, readonly cases: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly account: string, readonly issue: CaseIssue, readonly severity: CaseSeverity, readonly status: CaseStatus, readonly openedAt: string }> } } | null };

type DecisionParts_ActivationDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> };

type DecisionParts_CaseDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> };

type DecisionParts_LeadDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> };

type DecisionParts_PlacementDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> };

type DecisionParts_PlaybackDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> };

type DecisionParts_PlaylistDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> };

type DecisionParts_PublishingDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> };

type DecisionParts_SegmentDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> };

type DecisionParts_TargetingDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> };

export type DecisionPartsFragment =
  | DecisionParts_ActivationDecision_Fragment
  | DecisionParts_CaseDecision_Fragment
  | DecisionParts_LeadDecision_Fragment
  | DecisionParts_PlacementDecision_Fragment
  | DecisionParts_PlaybackDecision_Fragment
  | DecisionParts_PlaylistDecision_Fragment
  | DecisionParts_PublishingDecision_Fragment
  | DecisionParts_SegmentDecision_Fragment
  | DecisionParts_TargetingDecision_Fragment
;

export type CampaignsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  status?: CampaignStatus | null | undefined;
  eligible?: boolean | null | undefined;
}>;


export type CampaignsQuery = { readonly campaigns: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly status: CampaignStatus, readonly requestedStatus: CampaignStatus | null, readonly advertiser: string | null, readonly category: string | null, readonly tier: CampaignTier, readonly startsAt: string | null, readonly endsAt: string | null }> } };

export type CandidateChangedSubscriptionVariables = Exact<{
  model?: string | null | undefined;
}>;


export type CandidateChangedSubscription = { readonly candidateChanged: { readonly id: string } };

export type CandidateQueryVariables = Exact<{
  id: string | number;
}>;


export type CandidateQuery = { readonly tableCandidate: { readonly model: string, readonly source: string, readonly baseVersion: number, readonly id: string, readonly state: CandidateState, readonly version: number, readonly digest: string, readonly proposedBy: string, readonly proposedAt: string, readonly note: string, readonly outdated: string | null, readonly caution: string | null, readonly checks: { readonly neverMatch: ReadonlyArray<number>, readonly neverDecide: ReadonlyArray<number>, readonly gaps: ReadonlyArray<{ readonly witness: unknown }>, readonly contradictions: ReadonlyArray<{ readonly rules: ReadonlyArray<number> }>, readonly duplicates: ReadonlyArray<{ readonly rules: ReadonlyArray<number> }>, readonly missing: ReadonlyArray<{ readonly input: string }> } | null, readonly steps: ReadonlyArray<{ readonly state: CandidateState, readonly by: string, readonly at: string, readonly note: string }>, readonly deployments: ReadonlyArray<{ readonly id: string, readonly target: string, readonly by: string, readonly begunAt: string, readonly endedAt: string | null, readonly problem: string | null }> } | null };

export type CandidatesQueryVariables = Exact<{
  key: string;
  first: number;
  after?: string | null | undefined;
}>;


export type CandidatesQuery = { readonly decisionModel: { readonly key: string, readonly candidates: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly state: CandidateState, readonly version: number, readonly digest: string, readonly proposedBy: string, readonly proposedAt: string, readonly note: string, readonly outdated: string | null, readonly caution: string | null }> } } | null };

export type CandidateRowFragment = { readonly id: string, readonly state: CandidateState, readonly version: number, readonly digest: string, readonly proposedBy: string, readonly proposedAt: string, readonly note: string, readonly outdated: string | null, readonly caution: string | null };

export type CaseWorklistQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  withPersons: boolean;
}>;


export type CaseWorklistQuery = { readonly caseWorklist: { readonly totalCount: number, readonly asOf: string | null, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly account: string, readonly issue: CaseIssue, readonly severity: CaseSeverity, readonly status: CaseStatus, readonly openedAt: string, readonly queue: string | null, readonly description?: string, readonly campaign: { readonly id: string, readonly name: string } | null, readonly routing: { readonly id: string, readonly verdict: Verdict, readonly priority: number, readonly queue: string, readonly compensation: string | null } | null }> } };

export type ComparisonQueryVariables = Exact<{
  key: string;
  before?: string | null | undefined;
  after?: string | null | undefined;
  table?: string | null | undefined;
}>;


export type ComparisonQuery = { readonly decisionModel: { readonly key: string, readonly comparison: { readonly problem: string | null, readonly before: { readonly version: number, readonly hitPolicy: string, readonly inputs: ReadonlyArray<{ readonly name: string, readonly label: string | null, readonly type: string }>, readonly outputs: ReadonlyArray<{ readonly name: string, readonly label: string | null, readonly type: string }>, readonly table: ReadonlyArray<{ readonly number: number, readonly outputs: unknown, readonly conditions: ReadonlyArray<{ readonly operator: string, readonly values: ReadonlyArray<unknown> } | null> }> }, readonly after: { readonly version: number, readonly hitPolicy: string, readonly inputs: ReadonlyArray<{ readonly name: string, readonly label: string | null, readonly type: string }>, readonly outputs: ReadonlyArray<{ readonly name: string, readonly label: string | null, readonly type: string }>, readonly table: ReadonlyArray<{ readonly number: number, readonly outputs: unknown, readonly conditions: ReadonlyArray<{ readonly operator: string, readonly values: ReadonlyArray<unknown> } | null> }> }, readonly difference: { readonly equivalent: boolean, readonly cells: string, readonly changes: ReadonlyArray<{ readonly from: Verdict | null, readonly to: Verdict | null, readonly cells: string, readonly witness: unknown }>, readonly outputs: ReadonlyArray<{ readonly output: string, readonly from: unknown, readonly to: unknown, readonly cells: string, readonly witness: unknown }> } | null } } | null };

export type ComparedTableFragment = { readonly version: number, readonly hitPolicy: string, readonly inputs: ReadonlyArray<{ readonly name: string, readonly label: string | null, readonly type: string }>, readonly outputs: ReadonlyArray<{ readonly name: string, readonly label: string | null, readonly type: string }>, readonly table: ReadonlyArray<{ readonly number: number, readonly outputs: unknown, readonly conditions: ReadonlyArray<{ readonly operator: string, readonly values: ReadonlyArray<unknown> } | null> }> };

export type DecisionMadeSubscriptionVariables = Exact<{
  subject?: string | null | undefined;
  model?: string | null | undefined;
}>;


export type DecisionMadeSubscription = { readonly decisionMade: { readonly id: string, readonly subject: string, readonly verdict: Verdict, readonly decidedAt: string, readonly requestedBy: string | null, readonly model: { readonly key: string, readonly version: string } } };

export type DecisionQueryVariables = Exact<{
  id: string | number;
  withFacts: boolean;
}>;


export type DecisionQuery = { readonly evaluation: { readonly facts?: unknown, readonly outputs?: unknown, readonly id: string, readonly subject: string, readonly verdict: Verdict, readonly decidedAt: string, readonly requestedBy: string | null, readonly model: { readonly key: string, readonly version: string } } | null };

export type DecisionsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  subject?: string | null | undefined;
  model?: string | null | undefined;
  verdict?: Verdict | null | undefined;
  rule?: string | null | undefined;
  since?: string | null | undefined;
  until?: string | null | undefined;
}>;


export type DecisionsQuery = { readonly evaluations: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly subject: string, readonly verdict: Verdict, readonly decidedAt: string, readonly requestedBy: string | null, readonly model: { readonly key: string, readonly version: string } }> } };

export type DecisionRowFragment = { readonly id: string, readonly subject: string, readonly verdict: Verdict, readonly decidedAt: string, readonly requestedBy: string | null, readonly model: { readonly key: string, readonly version: string } };

export type DropEffectMutationVariables = Exact<{
  input: DropEffectInput;
}>;


export type DropEffectMutation = { readonly dropEffect: { readonly effectId: string, readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null } };

export type EffectChangedSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type EffectChangedSubscription = { readonly effectChanged: { readonly id: string, readonly kind: string, readonly subject: string, readonly status: EffectStatus, readonly attempts: number, readonly error: string | null, readonly createdAt: string, readonly nextAt: string | null, readonly endedAt: string | null } };

export type EffectsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  status?: EffectStatus | null | undefined;
}>;


export type EffectsQuery = { readonly effects: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly kind: string, readonly subject: string, readonly status: EffectStatus, readonly attempts: number, readonly error: string | null, readonly createdAt: string, readonly nextAt: string | null, readonly endedAt: string | null }> } };

export type EffectRowFragment = { readonly id: string, readonly kind: string, readonly subject: string, readonly status: EffectStatus, readonly attempts: number, readonly error: string | null, readonly createdAt: string, readonly nextAt: string | null, readonly endedAt: string | null };

export type EpisodePlacementQueryVariables = Exact<{
  id: string | number;
  campaignId: string | number;
}>;


export type EpisodePlacementQuery = { readonly episode: { readonly id: string, readonly placement: { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } | null };

export type EpisodeQueryVariables = Exact<{
  id: string | number;
}>;


export type EpisodeQuery = { readonly episode: { readonly id: string, readonly title: string, readonly description: string | null, readonly status: EpisodeStatus, readonly explicit: boolean, readonly languages: ReadonlyArray<string>, readonly topics: ReadonlyArray<string>, readonly publishedAt: string | null, readonly transcriptAvailable: boolean, readonly durationMs: number, readonly asOf: string, readonly submission: { readonly disclaimers: ReadonlyArray<string>, readonly approvals: ReadonlyArray<string>, readonly languages: ReadonlyArray<string>, readonly markets: ReadonlyArray<string>, readonly submittedAt: string } | null, readonly show: { readonly name: string, readonly publisher: string | null }, readonly publishing: { readonly missing: ReadonlyArray<string>, readonly blockedMarkets: ReadonlyArray<string>, readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } | null };

export type EpisodesQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  status?: EpisodeStatus | null | undefined;
  eligibleFor?: string | number | null | undefined;
}>;


export type EpisodesQuery = { readonly episodes: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly title: string, readonly status: EpisodeStatus, readonly explicit: boolean, readonly languages: ReadonlyArray<string>, readonly topics: ReadonlyArray<string>, readonly publishedAt: string | null, readonly show: { readonly name: string } }> } };

export type ExplainActivationQueryVariables = Exact<{
  id: string | number;
  campaignId: string | number;
}>;


export type ExplainActivationQuery = { readonly listener: { readonly id: string, readonly activation: { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null } | null } | null };

export type ExplainCampaignQueryVariables = Exact<{
  id: string | number;
}>;


export type ExplainCampaignQuery = { readonly campaign: { readonly id: string, readonly activation: { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null } | null, readonly targeting: { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null } | null } | null };

type Explained_ActivationDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null };

type Explained_CaseDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null };

type Explained_LeadDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null };

type Explained_PlacementDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null };

type Explained_PlaybackDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null };

type Explained_PlaylistDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null };

type Explained_PublishingDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null };

type Explained_SegmentDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null };

type Explained_TargetingDecision_Fragment = { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null };

export type ExplainedFragment =
  | Explained_ActivationDecision_Fragment
  | Explained_CaseDecision_Fragment
  | Explained_LeadDecision_Fragment
  | Explained_PlacementDecision_Fragment
  | Explained_PlaybackDecision_Fragment
  | Explained_PlaylistDecision_Fragment
  | Explained_PublishingDecision_Fragment
  | Explained_SegmentDecision_Fragment
  | Explained_TargetingDecision_Fragment
;

export type ExplainCaseQueryVariables = Exact<{
  id: string | number;
}>;


export type ExplainCaseQuery = { readonly supportCase: { readonly id: string, readonly routing: { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null } | null } | null };

export type ExplainEpisodeQueryVariables = Exact<{
  id: string | number;
}>;


export type ExplainEpisodeQuery = { readonly episode: { readonly id: string, readonly publishing: { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null } | null } | null };

export type ExplainEvaluationQueryVariables = Exact<{
  id: string | number;
}>;


export type ExplainEvaluationQuery = { readonly evaluation: { readonly id: string, readonly verdict: Verdict, readonly receipt: string | null, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null } | null };

export type ExplainListenerQueryVariables = Exact<{
  id: string | number;
}>;


export type ExplainListenerQuery = { readonly listener: { readonly id: string, readonly segments: { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null } | null, readonly lead: { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null } | null } | null };

export type ExplainLocationQueryVariables = Exact<{
  id: string | number;
}>;


export type ExplainLocationQuery = { readonly location: { readonly id: string, readonly playback: { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null } | null } | null };

export type ExplainPlacementQueryVariables = Exact<{
  id: string | number;
  campaignId: string | number;
}>;


export type ExplainPlacementQuery = { readonly episode: { readonly id: string, readonly placement: { readonly id: string, readonly verdict: Verdict, readonly wouldAllow: { readonly possible: boolean, readonly changes: ReadonlyArray<{ readonly input: string, readonly from: unknown, readonly to: unknown }> } | null, readonly sufficient: ReadonlyArray<{ readonly input: string, readonly value: unknown }> | null } | null } | null };

export type FindEpisodesQueryVariables = Exact<{
  search?: string | null | undefined;
}>;


export type FindEpisodesQuery = { readonly episodes: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly title: string, readonly show: { readonly name: string } }> } };

export type ImpactQueryVariables = Exact<{
  model: string;
  table: string;
  days: number;
}>;


export type ImpactQuery = { readonly changeImpact: { readonly state: ImpactState, readonly problem: string | null, readonly days: number, readonly today: { readonly considered: number, readonly unknown: number, readonly isComplete: boolean, readonly changed: number, readonly changes: ReadonlyArray<{ readonly from: Verdict | null, readonly to: Verdict | null, readonly count: number, readonly rules: ReadonlyArray<{ readonly rule: number, readonly count: number }> }>, readonly flips: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly field: string | null, readonly subject: string, readonly about: string | null, readonly evaluationId: string | null, readonly from: Verdict | null, readonly to: Verdict | null, readonly rulesBefore: ReadonlyArray<number>, readonly rules: ReadonlyArray<number> }> } }, readonly ledger: { readonly considered: number, readonly unknown: number, readonly isComplete: boolean, readonly changed: number, readonly changes: ReadonlyArray<{ readonly from: Verdict | null, readonly to: Verdict | null, readonly count: number, readonly rules: ReadonlyArray<{ readonly rule: number, readonly count: number }> }>, readonly flips: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly field: string | null, readonly subject: string, readonly about: string | null, readonly evaluationId: string | null, readonly from: Verdict | null, readonly to: Verdict | null, readonly rulesBefore: ReadonlyArray<number>, readonly rules: ReadonlyArray<number> }> } } } };

export type ImpactPartFragment = { readonly considered: number, readonly unknown: number, readonly isComplete: boolean, readonly changed: number, readonly changes: ReadonlyArray<{ readonly from: Verdict | null, readonly to: Verdict | null, readonly count: number, readonly rules: ReadonlyArray<{ readonly rule: number, readonly count: number }> }>, readonly flips: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly field: string | null, readonly subject: string, readonly about: string | null, readonly evaluationId: string | null, readonly from: Verdict | null, readonly to: Verdict | null, readonly rulesBefore: ReadonlyArray<number>, readonly rules: ReadonlyArray<number> }> } };

export type ListenerActivationQueryVariables = Exact<{
  id: string | number;
  campaignId: string | number;
}>;


export type ListenerActivationQuery = { readonly listener: { readonly id: string, readonly activation: { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } | null };

export type ListenerQueryVariables = Exact<{
  id: string | number;
}>;


export type ListenerQuery = { readonly listener: { readonly id: string, readonly country: string, readonly region: string | null, readonly age: number | null, readonly customerValue: CustomerValue, readonly industry: string | null, readonly productsOwned: ReadonlyArray<string>, readonly consents: ReadonlyArray<{ readonly purpose: ConsentPurpose, readonly granted: boolean, readonly recordedAt: string }>, readonly engagement: { readonly listens: number, readonly skips: number, readonly follows: number, readonly playlistAdds: number, readonly ctaClicks: number, readonly lastAt: string | null }, readonly segments: { readonly segments: ReadonlyArray<string>, readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null, readonly lead: { readonly score: number, readonly route: LeadRoute, readonly queue: string | null, readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } | null };

export type ListenersQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  country?: string | null | undefined;
}>;


export type ListenersQuery = { readonly listeners: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly country: string, readonly age: number | null, readonly customerValue: CustomerValue, readonly industry: string | null, readonly productsOwned: ReadonlyArray<string>, readonly consents: ReadonlyArray<{ readonly purpose: ConsentPurpose, readonly granted: boolean }> }> } };

export type LocationWorklistQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type LocationWorklistQuery = { readonly locationWorklist: { readonly totalCount: number, readonly asOf: string | null, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly account: string, readonly country: string, readonly city: string | null, readonly storeType: StoreType, readonly licence: { readonly status: LicenceStatus, readonly tier: string, readonly expiresAt: string | null } | null, readonly playback: { readonly priority: number, readonly licenceAction: LicenceAction, readonly playlists: ReadonlyArray<string>, readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null }> } };

export type LocationRowFragment = { readonly id: string, readonly name: string, readonly account: string, readonly country: string, readonly city: string | null, readonly storeType: StoreType, readonly licence: { readonly status: LicenceStatus, readonly tier: string, readonly expiresAt: string | null } | null, readonly playback: { readonly priority: number, readonly licenceAction: LicenceAction, readonly playlists: ReadonlyArray<string>, readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null };

export type LocationQueryVariables = Exact<{
  id: string | number;
}>;


export type LocationQuery = { readonly location: { readonly timezone: string, readonly asOf: string, readonly id: string, readonly name: string, readonly account: string, readonly country: string, readonly city: string | null, readonly storeType: StoreType, readonly zones: ReadonlyArray<{ readonly id: string, readonly name: string, readonly online: boolean, readonly subscription: string, readonly nowPlaying: string | null }>, readonly playlistRequests: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly title: string, readonly usage: PlaylistUsage, readonly status: RequestStatus, readonly requestedAt: string, readonly review: { readonly id: string } | null }> }, readonly licence: { readonly status: LicenceStatus, readonly tier: string, readonly expiresAt: string | null } | null, readonly playback: { readonly priority: number, readonly licenceAction: LicenceAction, readonly playlists: ReadonlyArray<string>, readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } | null };

export type LocationsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  country?: string | null | undefined;
  storeType?: StoreType | null | undefined;
  mayPlay?: boolean | null | undefined;
}>;


export type LocationsQuery = { readonly locations: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly account: string, readonly country: string, readonly city: string | null, readonly storeType: StoreType, readonly licence: { readonly status: LicenceStatus, readonly expiresAt: string | null } | null }> } };

export type ModelCasesQueryVariables = Exact<{
  key: string;
}>;


export type ModelCasesQuery = { readonly decisionModel: { readonly key: string, readonly cases: ReadonlyArray<{ readonly number: number, readonly facts: unknown, readonly expected: unknown }> } | null };

export type ModelChecksQueryVariables = Exact<{
  key: string;
}>;


export type ModelChecksQuery = { readonly decisionModel: { readonly key: string, readonly checks: { readonly neverMatch: ReadonlyArray<number>, readonly neverDecide: ReadonlyArray<number>, readonly gaps: ReadonlyArray<{ readonly witness: unknown }>, readonly contradictions: ReadonlyArray<{ readonly rules: ReadonlyArray<number>, readonly witness: unknown }>, readonly duplicates: ReadonlyArray<{ readonly rules: ReadonlyArray<number> }>, readonly missing: ReadonlyArray<{ readonly input: string, readonly witness: unknown }> } | null } | null };

export type ModelVersionsQueryVariables = Exact<{
  key: string;
}>;


export type ModelVersionsQuery = { readonly decisionModel: { readonly key: string, readonly copy: number, readonly versions: ReadonlyArray<{ readonly version: number, readonly digest: string, readonly firstSeenAt: string, readonly isCurrent: boolean }> } | null };

export type ModelQueryVariables = Exact<{
  key: string;
}>;


export type ModelQuery = { readonly decisionModel: { readonly key: string, readonly name: string, readonly description: string | null, readonly version: string, readonly copy: number, readonly hitPolicy: string, readonly drifted: boolean, readonly trust: { readonly state: TrustState, readonly since: string, readonly agreed: number, readonly disagreed: number }, readonly inputs: ReadonlyArray<{ readonly name: string, readonly label: string | null, readonly type: string, readonly entries: ReadonlyArray<string> }>, readonly outputs: ReadonlyArray<{ readonly name: string, readonly label: string | null, readonly type: string, readonly entries: ReadonlyArray<string>, readonly way: string | null }>, readonly table: ReadonlyArray<{ readonly number: number, readonly matched: number, readonly outputs: unknown, readonly conditions: ReadonlyArray<{ readonly operator: string, readonly values: ReadonlyArray<unknown> } | null> }> } | null };

export type ModelsQueryVariables = Exact<{ [key: string]: never; }>;


export type ModelsQuery = { readonly decisionModels: ReadonlyArray<{ readonly key: string, readonly name: string, readonly description: string | null, readonly version: string, readonly copy: number, readonly hitPolicy: string, readonly rules: number, readonly drifted: boolean, readonly inputs: ReadonlyArray<{ readonly name: string }>, readonly outputs: ReadonlyArray<{ readonly name: string }>, readonly trust: { readonly state: TrustState, readonly since: string, readonly agreed: number, readonly disagreed: number } }> };

export type NowQueryVariables = Exact<{ [key: string]: never; }>;


export type NowQuery = { readonly activity: { readonly reach: ActivityReach, readonly processes: number, readonly waiting: number, readonly working: number, readonly minutes: ReadonlyArray<{ readonly at: string, readonly calls: number, readonly counts: ReadonlyArray<{ readonly model: string, readonly verdict: Verdict | null, readonly origin: DecisionOrigin | null, readonly code: string | null, readonly count: number }> }>, readonly circuits: ReadonlyArray<{ readonly name: string, readonly state: CircuitState, readonly processes: number }>, readonly upstreams: ReadonlyArray<{ readonly name: string, readonly state: UpstreamState | null, readonly calls: number, readonly failures: number, readonly lastFailure: { readonly code: string, readonly status: number | null, readonly at: string, readonly againAt: string | null } | null, readonly budgets: ReadonlyArray<{ readonly name: string, readonly left: number, readonly total: number, readonly fullAt: string | null }> }> } | null, readonly decisionModels: ReadonlyArray<{ readonly key: string, readonly name: string, readonly version: string, readonly drifted: boolean, readonly trust: { readonly state: TrustState, readonly since: string } }>, readonly reviewQueue: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly openedAt: string }> }, readonly failed: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly kind: string, readonly subject: string, readonly error: string | null, readonly createdAt: string }> }, readonly retrying: { readonly totalCount: number }, readonly waiting: { readonly totalCount: number } };

export type OpenCaseMutationVariables = Exact<{
  input: OpenCaseInput;
}>;


export type OpenCaseMutation = { readonly openCase: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly supportCase: { readonly id: string, readonly status: CaseStatus, readonly queue: string | null } } };

export type PauseCampaignMutationVariables = Exact<{
  input: PauseCampaignInput;
}>;


export type PauseCampaignMutation = { readonly pauseCampaign: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly campaign: { readonly id: string } } };

export type PlaylistRequestQueryVariables = Exact<{
  id: string | number;
}>;


export type PlaylistRequestQuery = { readonly playlistRequest: { readonly id: string, readonly title: string, readonly usage: PlaylistUsage, readonly status: RequestStatus, readonly requestedAt: string, readonly startsAt: string | null, readonly endsAt: string | null, readonly brandGuidelines: string | null, readonly trackUris: ReadonlyArray<string>, readonly location: { readonly id: string, readonly name: string } } | null };

export type ProposeTableMutationVariables = Exact<{
  input: ProposeTableInput;
}>;


export type ProposeTableMutation = { readonly proposeTable: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly candidate: { readonly id: string } } };

export type PublishEpisodeMutationVariables = Exact<{
  input: PublishEpisodeInput;
}>;


export type PublishEpisodeMutation = { readonly publishEpisode: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly episode: { readonly id: string }, readonly decision: { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } };

export type RecordConsentMutationVariables = Exact<{
  input: RecordConsentInput;
}>;


export type RecordConsentMutation = { readonly recordConsent: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly listener: { readonly id: string } } };

export type RecordLicenceMutationVariables = Exact<{
  input: RecordLicenceInput;
}>;


export type RecordLicenceMutation = { readonly recordLicence: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly location: { readonly id: string, readonly name: string, readonly account: string, readonly country: string, readonly city: string | null, readonly storeType: StoreType, readonly licence: { readonly status: LicenceStatus, readonly tier: string, readonly expiresAt: string | null } | null, readonly playback: { readonly priority: number, readonly licenceAction: LicenceAction, readonly playlists: ReadonlyArray<string>, readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } } };

export type ReplaysQueryVariables = Exact<{
  id: string | number;
  one: number;
  other: number;
}>;


export type ReplaysQuery = { readonly evaluation: { readonly id: string, readonly one: { readonly version: number, readonly table: string, readonly verdict: Verdict | null, readonly rules: ReadonlyArray<number>, readonly outputs: unknown, readonly isSame: boolean, readonly problem: string | null }, readonly other: { readonly version: number, readonly table: string, readonly verdict: Verdict | null, readonly rules: ReadonlyArray<number>, readonly outputs: unknown, readonly isSame: boolean, readonly problem: string | null } } | null };

export type ReplayedFragment = { readonly version: number, readonly table: string, readonly verdict: Verdict | null, readonly rules: ReadonlyArray<number>, readonly outputs: unknown, readonly isSame: boolean, readonly problem: string | null };

export type RequestPlaylistMutationVariables = Exact<{
  input: RequestPlaylistInput;
}>;


export type RequestPlaylistMutation = { readonly requestPlaylist: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly playlistRequest: { readonly id: string, readonly status: RequestStatus, readonly review: { readonly id: string } | null, readonly decision: { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } } };

export type ResolveCandidateMutationVariables = Exact<{
  input: ResolveCandidateInput;
}>;


export type ResolveCandidateMutation = { readonly resolveCandidate: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly candidate: { readonly id: string } } };

export type ResolveCaseMutationVariables = Exact<{
  input: ResolveCaseInput;
}>;


export type ResolveCaseMutation = { readonly resolveCase: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly supportCase: { readonly id: string, readonly status: CaseStatus } } };

export type ResolveReviewMutationVariables = Exact<{
  input: ResolveReviewInput;
}>;


export type ResolveReviewMutation = { readonly resolveReview: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly review: { readonly id: string, readonly status: ReviewStatus } } };

export type RetryEffectMutationVariables = Exact<{
  input: RetryEffectInput;
}>;


export type RetryEffectMutation = { readonly retryEffect: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly effect: { readonly id: string, readonly status: EffectStatus } } };

export type ReviewOpenedSubscriptionVariables = Exact<{
  queue?: string | null | undefined;
  withRequest: boolean;
}>;


export type ReviewOpenedSubscription = { readonly reviewOpened: { readonly id: string, readonly queue: string, readonly status: ReviewStatus, readonly openedAt: string, readonly subject: string, readonly evaluation: { readonly id: string, readonly model: { readonly key: string, readonly version: string } }, readonly request?:
      | { readonly title: string, readonly location: { readonly name: string } }
      | { readonly campaign: { readonly name: string }, readonly episode: { readonly title: string } }
     | null } };

export type ReviewResolvedSubscriptionVariables = Exact<{
  queue?: string | null | undefined;
}>;


export type ReviewResolvedSubscription = { readonly reviewResolved: { readonly id: string, readonly verdict: Verdict | null, readonly note: string | null, readonly reviewer: string | null, readonly resolvedAt: string | null } };

export type ReviewQueryVariables = Exact<{
  id: string | number;
  withRequest: boolean;
}>;


export type ReviewQuery = { readonly review: { readonly verdict: Verdict | null, readonly note: string | null, readonly reviewer: string | null, readonly resolvedAt: string | null, readonly id: string, readonly queue: string, readonly status: ReviewStatus, readonly openedAt: string, readonly subject: string, readonly alike: ReadonlyArray<{ readonly id: string, readonly verdict: Verdict | null, readonly note: string | null, readonly reviewer: string | null, readonly resolvedAt: string | null, readonly subject: string, readonly request?:
        | { readonly title: string, readonly location: { readonly name: string } }
        | { readonly campaign: { readonly name: string }, readonly episode: { readonly title: string } }
       | null }>, readonly evaluation: { readonly id: string, readonly model: { readonly key: string, readonly version: string } }, readonly request?:
      | { readonly title: string, readonly location: { readonly name: string } }
      | { readonly campaign: { readonly name: string }, readonly episode: { readonly title: string } }
     | null } | null };

export type ReviewsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  queue?: string | null | undefined;
  withRequest: boolean;
}>;


export type ReviewsQuery = { readonly reviewQueue: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly queue: string, readonly status: ReviewStatus, readonly openedAt: string, readonly subject: string, readonly evaluation: { readonly id: string, readonly model: { readonly key: string, readonly version: string } }, readonly request?:
        | { readonly title: string, readonly location: { readonly name: string } }
        | { readonly campaign: { readonly name: string }, readonly episode: { readonly title: string } }
       | null }> } };

export type ReviewRowFragment = { readonly id: string, readonly queue: string, readonly status: ReviewStatus, readonly openedAt: string, readonly subject: string, readonly evaluation: { readonly id: string, readonly model: { readonly key: string, readonly version: string } }, readonly request?:
    | { readonly title: string, readonly location: { readonly name: string } }
    | { readonly campaign: { readonly name: string }, readonly episode: { readonly title: string } }
   | null };

export type RequestedFragment = { readonly subject: string, readonly request?:
    | { readonly title: string, readonly location: { readonly name: string } }
    | { readonly campaign: { readonly name: string }, readonly episode: { readonly title: string } }
   | null };

export type RouteLeadMutationVariables = Exact<{
  input: RouteLeadInput;
}>;


export type RouteLeadMutation = { readonly routeLead: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly listener: { readonly id: string } } };

export type SponsorshipQueryVariables = Exact<{
  id: string | number;
}>;


export type SponsorshipQuery = { readonly sponsorship: { readonly id: string, readonly brand: string, readonly productCategory: string, readonly competitors: ReadonlyArray<string>, readonly status: RequestStatus, readonly requestedAt: string, readonly campaign: { readonly id: string, readonly name: string }, readonly episode: { readonly id: string, readonly title: string } } | null };

export type SubmitEpisodeMutationVariables = Exact<{
  input: SubmitEpisodeInput;
}>;


export type SubmitEpisodeMutation = { readonly submitEpisode: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly episode: { readonly id: string }, readonly decision: { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } };

export type SubmitSponsorshipMutationVariables = Exact<{
  input: SubmitSponsorshipInput;
}>;


export type SubmitSponsorshipMutation = { readonly submitSponsorship: { readonly dryRun: { readonly decisions: ReadonlyArray<{ readonly evaluationId: string, readonly model: string, readonly verdict: Verdict }>, readonly effects: ReadonlyArray<{ readonly kind: string, readonly subject: string, readonly at: string | null }> } | null, readonly sponsorship: { readonly id: string, readonly status: RequestStatus, readonly review: { readonly id: string } | null, readonly decision: { readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } } };

export type SupportCaseQueryVariables = Exact<{
  id: string | number;
  withPersons: boolean;
}>;


export type SupportCaseQuery = { readonly supportCase: { readonly id: string, readonly account: string, readonly issue: CaseIssue, readonly severity: CaseSeverity, readonly status: CaseStatus, readonly openedAt: string, readonly queue: string | null, readonly description?: string, readonly resolvedBy?: string | null, readonly resolvedAt: string | null, readonly note?: string | null, readonly campaign: { readonly id: string, readonly name: string } | null, readonly routing: { readonly priority: number, readonly queue: string, readonly compensation: string | null, readonly id: string, readonly verdict: Verdict, readonly origin: DecisionOrigin, readonly decidedAt: string, readonly expiresAt: string | null, readonly model: { readonly key: string, readonly version: string }, readonly reasons: ReadonlyArray<{ readonly code: string, readonly message: string, readonly verdict: Verdict, readonly rule: number | null }> } | null } | null };

export type VersionSourceQueryVariables = Exact<{
  key: string;
}>;


export type VersionSourceQuery = { readonly decisionModel: { readonly key: string, readonly versions: ReadonlyArray<{ readonly digest: string, readonly source: string }> } | null };

export const ActivateCampaignDocument = named<ActivateCampaignMutation, ActivateCampaignMutationVariables>("sha256:97d6d891f6412a436753492323a3dbb27e30ea508bcffb20ac68784db050fad2");
export const ApplyTargetingDocument = named<ApplyTargetingMutation, ApplyTargetingMutationVariables>("sha256:e8a66b3c7c2755e65e7c334612c47e566c99a95de571b1fdbe12fabaa41b3a51");
export const CallerDocument = named<CallerQuery, CallerQueryVariables>("sha256:da99828b9921ceffe9e715d15c739b76ba1de54a078f595d083399b54667d92c");
export const CampaignNamesDocument = named<CampaignNamesQuery, CampaignNamesQueryVariables>("sha256:7173780c6e3a1f5ede4b42607ddb48c5a77248e4bd74e6708f758b4ce4f18f74");
export const CampaignDocument = named<CampaignQuery, CampaignQueryVariables>("sha256:9861b36061dbbef85a09204553e5f991b4ac76f9841a856a2d18328990f97059");
export const CampaignsDocument = named<CampaignsQuery, CampaignsQueryVariables>("sha256:ac56d6ebc82a23f09c0653d4c0340665aeaae7eff70a980f866b72c3aaa547f2");
export const CandidateChangedDocument = named<CandidateChangedSubscription, CandidateChangedSubscriptionVariables>("sha256:a7a9c7e6e80d722ca2f9985d0452028a55c1b6a1db2fbbc4ada05314e39d2bf8");
export const CandidateDocument = named<CandidateQuery, CandidateQueryVariables>("sha256:24258ac5b2f0139f29e39fc554a8b98d6051a29732ba80d33e697f79d9837075");
export const CandidatesDocument = named<CandidatesQuery, CandidatesQueryVariables>("sha256:d8303805494c27795b7298db558f00229503273c6d646750e447781fbfdc8626");
export const CaseWorklistDocument = named<CaseWorklistQuery, CaseWorklistQueryVariables>("sha256:dccdec56b6c2f603bd2fd0a8e8a872d2e77dd171173d511c7829bcba52038507");
export const ComparisonDocument = named<ComparisonQuery, ComparisonQueryVariables>("sha256:12374aeac7bdfd730cdf7932c3f641c7e3b6fe9368e077143e9ab01f66a1fc00");
export const DecisionMadeDocument = named<DecisionMadeSubscription, DecisionMadeSubscriptionVariables>("sha256:4ddb45aaccec8094b190fd8897900814571953a8e01481caef997691ebf2e3a9");
export const DecisionDocument = named<DecisionQuery, DecisionQueryVariables>("sha256:2154014a8eab71dc2d6e95f914c9b9baad3525f4093cc547885189b9a162411b");
export const DecisionsDocument = named<DecisionsQuery, DecisionsQueryVariables>("sha256:bd8a40f5136e618146a71cf4172556a47ff297687d781afc68ec35b128ef97f3");
export const DropEffectDocument = named<DropEffectMutation, DropEffectMutationVariables>("sha256:008005b0435012e656baac52d186ebb1f019306b26b3a3c658a9cee98459fabe");
export const EffectChangedDocument = named<EffectChangedSubscription, EffectChangedSubscriptionVariables>("sha256:77ed8051dcc7251c7884edac3daecca2450b3e97a474522345fae942a4529d46");
export const EffectsDocument = named<EffectsQuery, EffectsQueryVariables>("sha256:8195d27428d93954390408f4e23d4b0f1cdd831f132c1147622832ae2dba77a4");
export const EpisodePlacementDocument = named<EpisodePlacementQuery, EpisodePlacementQueryVariables>("sha256:0d81f72f708439121847db3babc58b64d62800e700bb5aa4cddedcd515bd87a3");
export const EpisodeDocument = named<EpisodeQuery, EpisodeQueryVariables>("sha256:56d9467dab258e9310e9e4547e3d1536529b72464a7e3d65c818035f378e4e29");
export const EpisodesDocument = named<EpisodesQuery, EpisodesQueryVariables>("sha256:2fff9d77a98f5072a9a57ec3c226bf31d1fc9c2800e2c84b9504ca72dfc53b36");
export const ExplainActivationDocument = named<ExplainActivationQuery, ExplainActivationQueryVariables>("sha256:94e4316778967058963c808ea29239676977b0b998d55015e6203d0358ef98c9");
export const ExplainCampaignDocument = named<ExplainCampaignQuery, ExplainCampaignQueryVariables>("sha256:056bd6c25f2f14a9a27671ddf1865c50dd1fc5743fa443ae4b6e2ecd6b1b8a73");
export const ExplainCaseDocument = named<ExplainCaseQuery, ExplainCaseQueryVariables>("sha256:45f3732fb4957635e1262d272ae96b5aa4781e4a0f58a94668fe465639b1028e");
export const ExplainEpisodeDocument = named<ExplainEpisodeQuery, ExplainEpisodeQueryVariables>("sha256:9767dbf5156542a0413c507499cdc1f9c5e77d2e905cf8b302a28e10d5808dac");
export const ExplainEvaluationDocument = named<ExplainEvaluationQuery, ExplainEvaluationQueryVariables>("sha256:19bb544076288b34175c91f164f512b3fb4941c87bef87d25289f0b1cd022c7e");
export const ExplainListenerDocument = named<ExplainListenerQuery, ExplainListenerQueryVariables>("sha256:455114c7533f4dcead30c498f940f386134762befaf994448c8080d0bf9569c3");
export const ExplainLocationDocument = named<ExplainLocationQuery, ExplainLocationQueryVariables>("sha256:8908fcb2c4b9bde0bcaff38b2bfe37a7de3bda244cbf962addefeb9b3a677ef1");
export const ExplainPlacementDocument = named<ExplainPlacementQuery, ExplainPlacementQueryVariables>("sha256:c7a833c2f3c9f07704aebdcf2667187ba3e01a36d59d19cb1f4dd9bd74389d0a");
export const FindEpisodesDocument = named<FindEpisodesQuery, FindEpisodesQueryVariables>("sha256:0f1ce397861a293ab2ce726d2a89db0c4d43944fc977b4d3b7ad513670587e27");
export const ImpactDocument = named<ImpactQuery, ImpactQueryVariables>("sha256:c120b75f3ae92e24c2e69403af68207d0d938efc38ec801181e03fade93df758");
export const ListenerActivationDocument = named<ListenerActivationQuery, ListenerActivationQueryVariables>("sha256:cb64e6695d292f6a0d5f47e502cf95030870cf4d0ae09f743d0eb2c1e14e8fdc");
export const ListenerDocument = named<ListenerQuery, ListenerQueryVariables>("sha256:b002fdc6a2c3624292127c562e19cd8ad4c2d83bebfc80731ad3de1d8e4744db");
export const ListenersDocument = named<ListenersQuery, ListenersQueryVariables>("sha256:acab5c57ddb73d2cf6cb2f927ddd58ff109279e3483a79925f9f4dcbfdbeda80");
export const LocationWorklistDocument = named<LocationWorklistQuery, LocationWorklistQueryVariables>("sha256:c944a038745fe8d202ea9d8a35f4bb8c2126130963d3d428eec4ff88216d9182");
export const LocationDocument = named<LocationQuery, LocationQueryVariables>("sha256:8df8cb75e08006ad69a4abc5d711a636f04f55e8e44db86416d3d47444999034");
export const LocationsDocument = named<LocationsQuery, LocationsQueryVariables>("sha256:0e435d30b8094f56ff500ad45a6ec1ce898566d887c88deec532f955a7e020b7");
export const ModelCasesDocument = named<ModelCasesQuery, ModelCasesQueryVariables>("sha256:2a53998f302120d0ac64d3f7e8949a17e944681875307ddb1265dde401709c95");
export const ModelChecksDocument = named<ModelChecksQuery, ModelChecksQueryVariables>("sha256:e3ebaaefc0d4ca1e2934281151322bd8fcbe48c41a7f7ef4beb56b99f66bcb95");
export const ModelVersionsDocument = named<ModelVersionsQuery, ModelVersionsQueryVariables>("sha256:bf7530109c661e7af0cbc6665462ae0327a2df19fbb24d6e64b561a889e020d8");
export const ModelDocument = named<ModelQuery, ModelQueryVariables>("sha256:8c58ef0406a6bdda884b4567ee85eb0ec9b50a1de26b52ce41945d409d98396a");
export const ModelsDocument = named<ModelsQuery, ModelsQueryVariables>("sha256:423111dc4b13e2a63011dbd1645ebccd754468fe2394b3cc78c1b210496313ed");
export const NowDocument = named<NowQuery, NowQueryVariables>("sha256:88128b4b349312b408e2ac436a8395d0ca9053ae681a3459af307c4df8f2b827");
export const OpenCaseDocument = named<OpenCaseMutation, OpenCaseMutationVariables>("sha256:3ac748948b69767a782e3cc99d3aa10461057dda4cc1ce05968ea1609e794d1e");
export const PauseCampaignDocument = named<PauseCampaignMutation, PauseCampaignMutationVariables>("sha256:1e0be85621446e0df695ad32fd2f02eaa2f6adcbbbd7aba7655161457b294bc8");
export const PlaylistRequestDocument = named<PlaylistRequestQuery, PlaylistRequestQueryVariables>("sha256:6e321c74c14a1d2e06c3ff9d2189a12906a5914a91308506e3581271521b944f");
export const ProposeTableDocument = named<ProposeTableMutation, ProposeTableMutationVariables>("sha256:17aec803f686e353bb04d26433621fdfefea9124e434c3632f008644e2719089");
export const PublishEpisodeDocument = named<PublishEpisodeMutation, PublishEpisodeMutationVariables>("sha256:3bcd47d3703fb870e8278abfee46bb360f52279b47141e64a6a7b1881f641b4b");
export const RecordConsentDocument = named<RecordConsentMutation, RecordConsentMutationVariables>("sha256:7bd344604b05771cf1f380c787d48009df6eeaa52cf77616da17b5fff623f9c6");
export const RecordLicenceDocument = named<RecordLicenceMutation, RecordLicenceMutationVariables>("sha256:7dd5d91f0f0375d99095974d27a84b57b485e8aede0315b5c0193be9cbfdbbeb");
export const ReplaysDocument = named<ReplaysQuery, ReplaysQueryVariables>("sha256:a67b315bb7c60e84c2ed572d9d6ed6bfc162298b566b70a24ebbce5cfefb1564");
export const RequestPlaylistDocument = named<RequestPlaylistMutation, RequestPlaylistMutationVariables>("sha256:41af0fde7bcba39721b6139c0aa4e8403f9d416870062c57993bbfc0c5d12624");
export const ResolveCandidateDocument = named<ResolveCandidateMutation, ResolveCandidateMutationVariables>("sha256:bf3bd36212e8a74578a1d65f3a94ab1160295f51638d6474e8a6990fb7db8eed");
export const ResolveCaseDocument = named<ResolveCaseMutation, ResolveCaseMutationVariables>("sha256:2f9ede4ec67d377ae0c1d3dbf26438fae0905ea1fdf54e417e583539c8799d57");
export const ResolveReviewDocument = named<ResolveReviewMutation, ResolveReviewMutationVariables>("sha256:8c65f55073ff05d4e614e1b1d34f7f409e795fcf69222d8666e7ddc1f99f65c9");
export const RetryEffectDocument = named<RetryEffectMutation, RetryEffectMutationVariables>("sha256:8e46a6f82a6dfbb3b1ccefe200056c0adb861bb9ca1a4f6c6806cf058acd511d");
export const ReviewOpenedDocument = named<ReviewOpenedSubscription, ReviewOpenedSubscriptionVariables>("sha256:5b74cf13867b2b37827194d81d643daf8badc356ddd791e585b8c8d1bbb5c7a1");
export const ReviewResolvedDocument = named<ReviewResolvedSubscription, ReviewResolvedSubscriptionVariables>("sha256:bb1de898bc2d1db44fccbc90251410b8ddb4f9af40b25868beeb28f8d21312de");
export const ReviewDocument = named<ReviewQuery, ReviewQueryVariables>("sha256:94ee748ba89fc72fcb005c703e36969b67c1d7cf12143b1e0d04ed3b2631bc37");
export const ReviewsDocument = named<ReviewsQuery, ReviewsQueryVariables>("sha256:d3bab96b60fd8a2d5a7b12b4549ab784734c847de61ed7f6a65d947ec70d9d0c");
export const RouteLeadDocument = named<RouteLeadMutation, RouteLeadMutationVariables>("sha256:ad29fc7766b07fe97ae676a3aee9717696d3680544c926b47211f359741cb763");
export const SponsorshipDocument = named<SponsorshipQuery, SponsorshipQueryVariables>("sha256:e457fda936c02123d5160efe2a17dad593bbea9344e54bdeb2c6c6c444eea91b");
export const SubmitEpisodeDocument = named<SubmitEpisodeMutation, SubmitEpisodeMutationVariables>("sha256:7695ba5174892380120127df6be10c3411356a2e03475aed3b8c78b885471cbe");
export const SubmitSponsorshipDocument = named<SubmitSponsorshipMutation, SubmitSponsorshipMutationVariables>("sha256:3c5490116d1d520354721bfae0d5ae85c00537f7f0b8c1b5326ad8f0c4c419f7");
export const SupportCaseDocument = named<SupportCaseQuery, SupportCaseQueryVariables>("sha256:2a797fc7a033b6da0ab8cc659200e26b0cb01e9a2799675dbd89e079dd3eac80");
export const VersionSourceDocument = named<VersionSourceQuery, VersionSourceQueryVariables>("sha256:5124450eb4433dc856f66b90cc2d3a7cfd958d27046651cc81808c8d456c6a1e");