/** How did a call to an upstream fail? Every failure of `createUpstream` is one of these, named after its upstream. */

export type UpstreamFailure = "STATUS" | "TIMEOUT" | "UNREACHABLE" | "UNEXPECTED" | "ABORTED";

export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly upstream: string;
  readonly failure: UpstreamFailure;
  /** The HTTP status, if there was a response. */
  readonly status: number | undefined;
  /** Milliseconds of `Retry-After`, if the response has one. */
  readonly retryAfterMs: number | undefined;
  /** The upstream's own message. It ends this error's message too. Both are for logs, never for clients. */
  readonly detail: string | undefined;
  /** Variables that an operator has to change: the upstream refused our account, whatever the call. */
  readonly renew: readonly string[] | undefined;
  /** `renew` names an address or an id: the upstream does not know our account there. */
  readonly isMisdirected: boolean;
  /** Variables of credentials that may lack the right to such calls. Whether they do shows by other calls alone. */
  readonly doubted: readonly string[] | undefined;
  /** Milliseconds since the upstream accepted another write of this process, if that says anything about this refusal. */
  readonly acceptedAgoMs: number | undefined;
  /** What we wrote ourselves is not there yet; for how long that is believed is the caller's matter. */
  readonly isAwaited: boolean;
  readonly #retryable: boolean | undefined;

  constructor(upstream: string, failure: UpstreamFailure, state: string, more: UpstreamErrorDetails = {}) {
    super(`Cannot ask ${upstream}: ${state}`, more.cause === undefined ? {} : { cause: more.cause });
    this.upstream = upstream;
    this.failure = failure;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
    this.detail = more.detail;
    this.renew = more.renew ?? (more.status === 401 ? [] : undefined);
    this.isMisdirected = more.isMisdirected ?? false;
    this.doubted = more.doubted;
    this.acceptedAgoMs = more.acceptedAgoMs;
    this.isAwaited = more.isAwaited ?? false;
    this.#retryable = more.retryable;
  }

  /** True if the same call may succeed later: the upstream is unreachable, slow, overloaded or limits the rate. */
  get retryable(): boolean {
    if (this.#retryable !== undefined) return this.#retryable;
    if (this.failure === "STATUS") return this.status !== undefined && isRetryable(this.status);
    return this.failure === "TIMEOUT" || this.failure === "UNREACHABLE";
  }

  /** True if what was asked for does not exist: 404, and our account and its address are known to be right. */
  get saysAbsent(): boolean {
    return this.failure === "STATUS" && this.status === 404 && !this.retryable && this.renew === undefined;
  }

  /**
   * True if the upstream refused the call: a retry cannot help. After any other failure an idempotent call should be
   * retried, even if `retryable` is false: a malformed response may have been cut off.
   */
  get final(): boolean {
    // Our account is renewed by an operator, others tell whether it has to be, and what we wrote appears.
    if (this.renew !== undefined || this.doubted !== undefined || this.isAwaited) return false;
    return this.failure === "STATUS" && !this.retryable && !isOfSurroundings(this.status ?? 0);
  }
}

/** The failure of an upstream that this error is, or that caused it: a decision fails by one. */
export function upstreamErrorIn(error: unknown): UpstreamError | undefined {
  if (error instanceof UpstreamError) return error;
  return error instanceof Error && error.cause !== undefined ? upstreamErrorIn(error.cause) : undefined;
}

export type UpstreamErrorCode = "UPSTREAM_UNEXPECTED" | "UPSTREAM_TIMEOUT" | "UPSTREAM_UNAVAILABLE";

/** The code that clients get. */
export function upstreamCodeOf({ failure }: UpstreamError): UpstreamErrorCode {
  if (failure === "UNEXPECTED") return "UPSTREAM_UNEXPECTED";
  return failure === "TIMEOUT" ? "UPSTREAM_TIMEOUT" : "UPSTREAM_UNAVAILABLE";
}

/** For clients: in how many seconds to come back, if the upstream said so. */
export function comeBackIn(error: UpstreamError | undefined): { readonly retryAfter?: number } {
  return error?.retryAfterMs === undefined ? {} : { retryAfter: Math.ceil(error.retryAfterMs / 1000) };
}

/** Too slow a request, one that came too early, one too many. */
const TEMPORARY = new Set([408, 425, 429]);
/** Not implemented, an HTTP version, a variant or an extension that the server does not have: it never will. */
const PERMANENT = new Set([501, 505, 506, 510]);

/** A payment, a proxy's login, a request for another server: not about the call. */
const SURROUNDINGS = new Set([402, 407, 421]);

/** Nor is a redirection, such as to a page that says that the upstream is being maintained. */
function isOfSurroundings(status: number): boolean {
  return (status >= 300 && status < 400) || SURROUNDINGS.has(status);
}

function isRetryable(status: number): boolean {
  return TEMPORARY.has(status) || (status >= 500 && !PERMANENT.has(status));
}

export interface UpstreamErrorDetails {
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
  readonly detail?: string | undefined;
  readonly renew?: readonly string[] | undefined;
  readonly isMisdirected?: boolean | undefined;
  readonly doubted?: readonly string[] | undefined;
  readonly acceptedAgoMs?: number | undefined;
  readonly isAwaited?: boolean | undefined;
  readonly cause?: unknown;
  /** Overrides what the status implies. */
  readonly retryable?: boolean | undefined;
}
