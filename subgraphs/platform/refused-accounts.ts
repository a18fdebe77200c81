/**
 * Who tells the operator that an upstream refuses our account?
 *
 * One line in the log, at level `error`, with the variables to renew: however many reads and effects fail by it, and again
 * after an hour if they still do.
 */
import type { Logger } from "pino";
import { monotonic } from "./clock.ts";
import { upstreamErrorIn } from "./upstream-error.ts";

export interface RefusedAccounts {
  /** Does nothing for an error that another reason caused. */
  readonly tell: (log: Pick<Logger, "error">, error: unknown) => void;
}

const REPEAT_MS = 60 * 60_000;

/** For a process. `now` in milliseconds; default monotonic. */
export function createRefusedAccounts(now: () => number = monotonic): RefusedAccounts {
  /** What was said, and when. */
  const said = new Map<string, number>();

  return {
    tell(log, error) {
      const { upstream, message, renew } = upstreamErrorIn(error) ?? {};
      if (renew === undefined) return;
      const what = renew.length === 0 ? "its credentials" : renew.join(" or ");
      const words = `${upstream} refuses our account: renew ${what}; effects wait until then`;
      if (now() - (said.get(words) ?? -Infinity) < REPEAT_MS) return;
      said.set(words, now());
      log.error({ upstream, renew }, `${words} (${message})`);
    },
  };
}
