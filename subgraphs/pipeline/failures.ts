/**
 * Which code does a failed decision get?
 *
 * The one table of failures: the first row that matches gives code, state and whether a retry may help. A failure that
 * matches no row is a bug: it is logged, and fails that decision alone, so the rest of the batch is still answered.
 */
import { BrokenCircuitError } from "cockatiel";
import type { Logger } from "pino";
import { UpstreamError, comeBackIn } from "../platform/upstream-error.ts";
import { DecisionError } from "./ask.ts";
import type { Ask, DecisionErrorCode } from "./ask.ts";
import { UndecidedError } from "./decision.ts";
import { BatchTimeoutError } from "./service/deadline.ts";
import { QueueFullError, UnwantedError } from "./service/scheduler.ts";
import { FactError } from "./table/fact.ts";

/** For an ask whose model is not declared. */
export function undeclared({ model }: Ask): DecisionError {
  return new DecisionError("DECISION_REJECTED", model, "no such decision is declared", false);
}

/** The result of the work, or the DecisionError for what it throws. */
export function orDecisionError<T>(ask: Ask, log: Logger, work: () => T): T | DecisionError {
  try {
    return work();
  } catch (error) {
    const failure = asDecisionError(error, ask.model);
    if (failure) return failure;
    log.error({ err: error, decision: ask.model }, "unexpected error while deciding");
    return new DecisionError("DECISION_UNAVAILABLE", ask.model, "internal error", false, error);
  }
}

/** Undefined where no row matches. */
function asDecisionError(error: unknown, model: string): DecisionError | undefined {
  for (const matched of FAILURES) {
    const failed = matched(error, model);
    if (failed) return failed;
  }
  return undefined;
}

interface Failure<Kind extends Error> {
  /** Left out: every error of the kind. */
  readonly where?: (error: Kind) => boolean;
  readonly code: DecisionErrorCode;
  readonly state: string | ((error: Kind) => string);
  readonly retryable: boolean | ((error: Kind) => boolean);
}

const message = (error: Error): string => error.message;
const comeBack = (error: UpstreamError): string =>
  `decision service asked for patience, come back in ${comeBackIn(error).retryAfter} s`;
const answered = ({ status }: UpstreamError): string => `decision service answered ${status}`;
const isTimeout = ({ failure }: UpstreamError): boolean => failure === "TIMEOUT";
const isUnexpected = ({ failure }: UpstreamError): boolean => failure === "UNEXPECTED";
const isStatus = ({ failure, status }: UpstreamError): boolean => failure === "STATUS" && status !== undefined;
const asksForPatience = ({ retryable, retryAfterMs }: UpstreamError): boolean =>
  retryable && retryAfterMs !== undefined;
const isAccountRefused = ({ renew }: UpstreamError): boolean => renew !== undefined;
/** Of an evaluation, a 400 is about its facts. Of a token (which has another name), it is about our account. */
const isRejection = (error: UpstreamError): boolean =>
  isStatus(error) && error.upstream === "opentext" && (error.status === 400 || error.status === 422);

const UNDETERMINED = "DECISION_UNDETERMINED";
const UNAVAILABLE = "DECISION_UNAVAILABLE";
const TIMEOUT = "DECISION_TIMEOUT";
const REJECTED = "DECISION_REJECTED";
const LATE = "decision service did not answer in time";

const FAILURES = [
  row(UndecidedError, { code: UNDETERMINED, state: message, retryable: false }),
  row(FactError, { code: REJECTED, state: message, retryable: false }),
  row(QueueFullError, { code: UNAVAILABLE, state: "too many decisions are waiting", retryable: true }),
  row(BrokenCircuitError, {
    code: UNAVAILABLE,
    state: "decision service keeps failing, its circuit is open",
    retryable: true,
  }),
  row(UnwantedError, { code: TIMEOUT, state: "nobody waits for it any more", retryable: true }),
  row(BatchTimeoutError, { code: TIMEOUT, state: LATE, retryable: true }),
  row(UpstreamError, { where: isTimeout, code: TIMEOUT, state: LATE, retryable: true }),
  row(UpstreamError, {
    where: isAccountRefused,
    code: UNAVAILABLE,
    state: "decision service is not available to our account",
    retryable: false,
  }),
  row(UpstreamError, { where: asksForPatience, code: UNAVAILABLE, state: comeBack, retryable: true }),
  row(UpstreamError, { where: isRejection, code: REJECTED, state: answered, retryable: false }),
  row(UpstreamError, { where: isStatus, code: UNAVAILABLE, state: answered, retryable: ({ retryable }) => retryable }),
  row(UpstreamError, {
    where: isUnexpected,
    code: UNAVAILABLE,
    state: "decision service answered unexpectedly",
    retryable: true,
  }),
  row(UpstreamError, { code: UNAVAILABLE, state: "decision service cannot be reached", retryable: true }),
];

function row<Kind extends Error>(kind: abstract new (...args: never[]) => Kind, failure: Failure<Kind>) {
  return (error: unknown, model: string): DecisionError | undefined => {
    if (!(error instanceof kind) || failure.where?.(error) === false) return undefined;
    const { code, state, retryable } = failure;
    return new DecisionError(
      code,
      model,
      typeof state === "string" ? state : state(error),
      typeof retryable === "boolean" ? retryable : retryable(error),
      error,
    );
  };
}
