/**
 * Can this process do all that clients may ask of it?
 *
 * `/ready` says so, or why not, within a bounded time. Probes that come meanwhile share one check: they may be many, and
 * what they check is in trouble when they are.
 */
import type { Logger } from "pino";
import { UpstreamError } from "./upstream-error.ts";

/** Gives the reason why not; undefined if it can. Never rejects. */
export type Readiness = () => Promise<string | undefined>;

const DEADLINE_MS = 3000;

/** Where `check` rejects with an UpstreamError of what cannot be reached, that is the reason. */
export function createReadiness(
  check: () => Promise<void>,
  log: Pick<Logger, "warn">,
  deadlineMs: number = DEADLINE_MS,
): Readiness {
  let current: Promise<string | undefined> | undefined;
  return () => {
    current ??= reason().finally(() => (current = undefined));
    return current;
  };

  async function reason(): Promise<string | undefined> {
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve(`no answer within ${deadlineMs} ms`), deadlineMs);
    const checked = check().then(() => undefined, shown);
    return Promise.race([checked, late.promise]).finally(() => clearTimeout(timer));
  }

  /** Anybody may ask for it: an unexpected error has texts of its own, such as of a statement. */
  function shown(error: unknown): string {
    if (error instanceof UpstreamError && error.failure === "UNREACHABLE") return error.message;
    log.warn({ err: error }, "unexpected error while checking readiness");
    return "it cannot be checked; the log has the reason";
  }
}

export const ALWAYS_READY: Readiness = async () => undefined;

/** For clients who may only know that it is not. */
export function withoutReason(readiness: Readiness): Readiness {
  return async () => ((await readiness()) === undefined ? undefined : "not everything that is needed can be reached");
}
