/**
 * What does a failed attempt mean for its effect?
 *
 * `retry` costs one of its attempts. `wait` costs none: our account has to be renewed, or the upstream said when to come
 * back. `permanent` needs a person. The only place that decides this; an upstream's client says only what it was answered,
 * and a handler which refusals end its effect.
 */
import { GraphQLError } from "graphql";
import { MAX_PATIENCE_MS } from "../../platform/patience.ts";
import { UpstreamError, upstreamErrorIn } from "../../platform/upstream-error.ts";
import { FinalError } from "./effect.ts";
import type { Handler } from "./effect.ts";

export type Failure =
  | { readonly kind: "retry" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "permanent" };

/** Between two attempts while our account is refused: soon enough after it was renewed, and no load for the upstream. */
const ACCOUNT_MS = 60_000;
/** Of an upstream that says 0, or what is over when it arrives. */
const MIN_PATIENCE_MS = 1000;

/** `isFinal`: of the effect's handler. */
export function failureOf(error: unknown, isFinal: Handler<never>["isFinal"] = ({ final }) => final): Failure {
  const asked = upstreamErrorIn(error);
  if (asked?.renew !== undefined) return { kind: "wait", ms: ACCOUNT_MS };
  if (asked?.retryAfterMs !== undefined && asked.retryable) {
    return { kind: "wait", ms: Math.min(MAX_PATIENCE_MS, Math.max(MIN_PATIENCE_MS, asked.retryAfterMs)) };
  }
  if (error instanceof GraphQLError && PERMANENT_CODES.has(error.extensions["code"])) return { kind: "permanent" };
  if (error instanceof FinalError) return { kind: "permanent" };
  if (error instanceof UpstreamError && isFinal(error)) return { kind: "permanent" };
  return { kind: "retry" };
}

/** Errors in the input or of missing subjects do not go away. */
const PERMANENT_CODES: ReadonlySet<unknown> = new Set(["BAD_USER_INPUT", "NOT_FOUND"]);
