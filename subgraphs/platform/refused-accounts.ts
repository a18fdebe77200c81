/**
 * Who tells the operator that an upstream refuses our account?
 *
 * One line in the log, at level `error`, with the variables to renew or to check: however many reads and effects fail by it, and again
 * after an hour if they still do.
 */
import type { Logger } from "pino";
import { monotonic } from "./clock.ts";
import { upstreamErrorIn } from "./upstream-error.ts";
import type { UpstreamError } from "./upstream-error.ts";

export interface RefusedAccounts {
  /**
   * Does nothing for an error that another reason caused; nor for a refusal that may be about the call, unless others are
   * refused as well. Default false.
   */
  readonly tell: (log: Pick<Logger, "error">, error: unknown, areOthersRefused?: boolean) => void;
}

const REPEAT_MS = 60 * 60_000;

/** For a process. `now` in milliseconds; default monotonic. */
export function createRefusedAccounts(now: () => number = monotonic): RefusedAccounts {
  /** What was said, and when. */
  const said = new Map<string, number>();

  return {
    tell(log, error, areOthersRefused = false) {
      const refusal = upstreamErrorIn(error);
      const advice = refusal && adviceAfter(refusal);
      if (!refusal || advice === undefined || (refusal.renew === undefined && !areOthersRefused)) return;
      const { upstream, message, renew = refusal.doubted } = refusal;
      const words = `${upstream} ${problemOf(refusal)}: ${advice}; calls fail and effects wait until then`;
      if (now() - (said.get(words) ?? -Infinity) < REPEAT_MS) return;
      said.set(words, now());
      log.error({ upstream, renew }, `${words} (${message})`);
    },
  };
}

/** What an operator has to do; undefined where our account is not the reason. */
export function adviceAfter({ renew, isMisdirected, doubted }: UpstreamError): string | undefined {
  if (renew === undefined) return doubted && `renew ${named(doubted)}, with the right to write`;
  return `${isMisdirected ? "check" : "renew"} ${named(renew)}`;
}

function problemOf({ renew, isMisdirected }: UpstreamError): string {
  if (renew === undefined) return "refuses each write of our account";
  return isMisdirected ? "does not know our account" : "refuses our account";
}

function named(variables: readonly string[]): string {
  return variables.length === 0 ? "its credentials" : variables.join(" or ");
}
