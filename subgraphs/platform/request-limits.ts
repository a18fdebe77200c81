/** How much may clients ask of the gateway? Plain values: they are handed on to other processes. */

export interface RequestLimits {
  /** Of the field cost of an operation. */
  readonly cost: number;
  /** Of the evaluations of decisions that an operation can cause. */
  readonly openTextCalls: number;
  /** Of one caller; undefined for the default: none for anybody, and a high one for callers who say who they are. */
  readonly requestsPerMinute: number | undefined;
  /** Of one caller at a time, in each process. */
  readonly subscriptions: number;
  /** Of the body of a request. */
  readonly bodyBytes: number;
  /**
   * Until a request is answered 504. Each call to an upstream has a deadline of its own, shorter by default, but a query may
   * wait for several calls in sequence.
   */
  readonly timeoutMs: number;
}

export const REQUEST_LIMITS: RequestLimits = {
  cost: 100_000,
  openTextCalls: 10_000,
  requestsPerMinute: undefined,
  subscriptions: 100,
  bodyBytes: 8 * 1024 * 1024,
  timeoutMs: 60_000,
};
