/**
 * What does a failed attempt mean for its effect?
 *
 * `retry` costs one of its attempts. `wait` costs none: it is too early to repeat a write; nor does `asked`, where the upstream
 * said when to come back, and that is later than the next attempt would be (see asked.ts). `refused` costs none either: our
 * account has to be renewed, or may have to be (see refusals.ts). Nor does `awaited`, but it ends: what the effect is about, or
 * what we wrote ourselves, is not there. A list that lags answers that too, and one server of many, so it is looked for again
 * for some minutes before it is believed. `undecidable` costs an attempt and ends too, also for an effect that is retried
 * without limit: the rules give no answer to these facts, until somebody changes them. `permanent` needs a person.
 *
 * The only place that decides this; an upstream's client says only what it was answered, and a handler which refusals end its
 * effect.
 */
import { GraphQLError } from "graphql";
import { DecisionError } from "../../pipeline/ask.ts";
import { MAX_PATIENCE_MS } from "../../platform/patience.ts";
import { UpstreamError, upstreamErrorIn } from "../../platform/upstream-error.ts";
import { AbsentError, FinalError } from "./effect.ts";
import type { Handler } from "./effect.ts";
import { TooEarlyError } from "./own-writes.ts";

export type Failure =
  | { readonly kind: "retry" | "undecidable" }
  | { readonly kind: "wait" | "asked" | "awaited"; readonly ms: number }
  | Refused
  | { readonly kind: "permanent" };

export interface Refused {
  readonly kind: "refused";
  readonly ms: number;
  /** Whether it may be about the effect instead. */
  readonly isDoubtful: boolean;
  /** Milliseconds since the upstream accepted another write. */
  readonly acceptedAgoMs: number | undefined;
}

/** Between two attempts while our account is refused: soon enough after it was renewed, and no load for the upstream. */
const ACCOUNT_MS = 60_000;
/** Between two looks for what we wrote ourselves, or for evidence about our account. */
const LOOK_MS = 15_000;
/** Of an upstream that says 0, or what is over when it arrives. */
const MIN_PATIENCE_MS = 1000;

/** `isFinal`: of the effect's handler. */
export function failureOf(error: unknown, isFinal: Handler<never>["isFinal"] = ({ final }) => final): Failure {
  const asked = upstreamErrorIn(error);
  const acceptedAgoMs = asked?.acceptedAgoMs;
  if (asked?.renew !== undefined) return { kind: "refused", ms: ACCOUNT_MS, isDoubtful: false, acceptedAgoMs };
  if (asked?.doubted !== undefined) return { kind: "refused", ms: LOOK_MS, isDoubtful: true, acceptedAgoMs };
  if (asked?.retryAfterMs !== undefined && asked.retryable) {
    return { kind: "asked", ms: Math.min(MAX_PATIENCE_MS, Math.max(MIN_PATIENCE_MS, asked.retryAfterMs)) };
  }
  if (error instanceof TooEarlyError) return { kind: "wait", ms: LOOK_MS };
  if (isAbsence(error, isFinal)) return { kind: "awaited", ms: LOOK_MS };
  if (error instanceof DecisionError && UNDECIDABLE_CODES.has(error.code)) return { kind: "undecidable" };
  if (error instanceof FinalError) return { kind: "permanent" };
  if (error instanceof UpstreamError && isFinal(error)) return { kind: "permanent" };
  return { kind: "retry" };
}

/** Whether something is not there: our own word for it, that of the graph, or an upstream's. */
function isAbsence(error: unknown, isFinal: NonNullable<Handler<never>["isFinal"]>): boolean {
  if (error instanceof UpstreamError) return error.isAwaited || (error.status === NOT_FOUND && isFinal(error));
  return error instanceof AbsentError || (error instanceof GraphQLError && ABSENT_CODES.has(error.extensions["code"]));
}
const NOT_FOUND = 404;
/** The input was valid once: what it names is not there any more. */
const ABSENT_CODES: ReadonlySet<unknown> = new Set(["BAD_USER_INPUT", "NOT_FOUND"]);
/** The service answered, or refused the facts: it is not down. */
const UNDECIDABLE_CODES: ReadonlySet<unknown> = new Set(["DECISION_UNDETERMINED", "DECISION_REJECTED"]);
