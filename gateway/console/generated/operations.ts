// Made by `npm run operations`.
import { named } from "../graph/named.ts";
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Whether calls are made. */
export type CircuitState =
  /** they are */
  | 'CLOSED'
  /** one is, to see whether it is answered again */
  | 'HALF_OPEN'
  /** none is, because too many have failed: answers that have expired are given instead */
  | 'OPEN';

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

/** Whether the decision service has shown that it runs the graph's copy of a table. */
export type TrustState =
  /** an answer differed: each distinct set of facts is asked */
  | 'DISTRUSTED'
  /** every answer was the same as the copy gives: answers count for equivalent facts */
  | 'TRUSTED'
  /** no answer was compared yet, or the running version is unknown */
  | 'UNPROVEN';

/** The verdict of a decision. The severest matching rule wins: DENY over REVIEW over ALLOW. */
export type Verdict =
  | 'ALLOW'
  | 'DENY'
  | 'REVIEW';

export type CallerQueryVariables = Exact<{ [key: string]: never; }>;


export type CallerQuery = { readonly caller: { readonly id: string, readonly scopes: ReadonlyArray<string>, readonly accounts: ReadonlyArray<string> | null } };

export type DecisionMadeSubscriptionVariables = Exact<{
  subject?: string | null | undefined;
  model?: string | null | undefined;
}>;


export type DecisionMadeSubscription = { readonly decisionMade: { readonly id: string, readonly subject: string, readonly verdict: Verdict, readonly decidedAt: string, readonly requestedBy: string | null, readonly model: { readonly key: string, readonly version: string } } };

export type DecisionQueryVariables = Exact<{
  id: string | number;
}>;


export type DecisionQuery = { readonly evaluation: { readonly facts: unknown, readonly outputs: unknown, readonly id: string, readonly subject: string, readonly verdict: Verdict, readonly decidedAt: string, readonly requestedBy: string | null, readonly model: { readonly key: string, readonly version: string } } | null };

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

export type ModelQueryVariables = Exact<{
  key: string;
}>;


export type ModelQuery = { readonly decisionModel: { readonly key: string, readonly name: string, readonly description: string | null, readonly version: string, readonly copy: number, readonly hitPolicy: string, readonly drifted: boolean, readonly trust: { readonly state: TrustState, readonly since: string, readonly agreed: number, readonly disagreed: number }, readonly inputs: ReadonlyArray<{ readonly name: string, readonly label: string | null, readonly type: string, readonly entries: ReadonlyArray<string> }>, readonly outputs: ReadonlyArray<{ readonly name: string, readonly label: string | null, readonly type: string, readonly entries: ReadonlyArray<string> }>, readonly table: ReadonlyArray<{ readonly number: number, readonly matched: number, readonly outputs: unknown, readonly conditions: ReadonlyArray<{ readonly operator: string, readonly values: ReadonlyArray<unknown> } | null> }> } | null };

export type ModelsQueryVariables = Exact<{ [key: string]: never; }>;


export type ModelsQuery = { readonly decisionModels: ReadonlyArray<{ readonly key: string, readonly name: string, readonly description: string | null, readonly version: string, readonly copy: number, readonly hitPolicy: string, readonly rules: number, readonly drifted: boolean, readonly inputs: ReadonlyArray<{ readonly name: string }>, readonly outputs: ReadonlyArray<{ readonly name: string }>, readonly trust: { readonly state: TrustState, readonly since: string, readonly agreed: number, readonly disagreed: number } }> };

export type NowQueryVariables = Exact<{ [key: string]: never; }>;


export type NowQuery = { readonly activity: { readonly waiting: number, readonly working: number, readonly minutes: ReadonlyArray<{ readonly at: string, readonly calls: number, readonly counts: ReadonlyArray<{ readonly model: string, readonly verdict: Verdict | null, readonly origin: DecisionOrigin | null, readonly code: string | null, readonly count: number }> }>, readonly circuits: ReadonlyArray<{ readonly name: string, readonly state: CircuitState }> } | null, readonly decisionModels: ReadonlyArray<{ readonly key: string, readonly name: string, readonly version: string, readonly drifted: boolean, readonly trust: { readonly state: TrustState, readonly since: string } }>, readonly reviewQueue: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly openedAt: string }> }, readonly failed: { readonly totalCount: number, readonly nodes: ReadonlyArray<{ readonly id: string, readonly kind: string, readonly subject: string, readonly error: string | null, readonly createdAt: string }> }, readonly retrying: { readonly totalCount: number }, readonly waiting: { readonly totalCount: number } };

export const CallerDocument = named<CallerQuery, CallerQueryVariables>("sha256:da99828b9921ceffe9e715d15c739b76ba1de54a078f595d083399b54667d92c");
export const DecisionMadeDocument = named<DecisionMadeSubscription, DecisionMadeSubscriptionVariables>("sha256:4ddb45aaccec8094b190fd8897900814571953a8e01481caef997691ebf2e3a9");
export const DecisionDocument = named<DecisionQuery, DecisionQueryVariables>("sha256:12c8ba6d6552c21a67a7b13228fb9ec0ebc9d6cee28d875204bdf9b243cc667a");
export const DecisionsDocument = named<DecisionsQuery, DecisionsQueryVariables>("sha256:bd8a40f5136e618146a71cf4172556a47ff297687d781afc68ec35b128ef97f3");
export const ModelDocument = named<ModelQuery, ModelQueryVariables>("sha256:aa52f6d886ed17ea7287ae51e084e0e5be531c686f73cd07b59a469a11ec4706");
export const ModelsDocument = named<ModelsQuery, ModelsQueryVariables>("sha256:423111dc4b13e2a63011dbd1645ebccd754468fe2394b3cc78c1b210496313ed");
export const NowDocument = named<NowQuery, NowQueryVariables>("sha256:851e3d650924ffa092686e6a93bede464e7184c1742be864cd8f20d9d493c780");