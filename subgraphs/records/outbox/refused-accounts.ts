/**
 * Which upstreams refuse our account, and who has been told?
 *
 * One line in the log when it begins, however many effects it holds up, and one when it is over: when an effect of a kind
 * that it held up is carried out.
 */
import type { Logger } from "pino";
import type { UpstreamError } from "../../platform/upstream-error.ts";

export interface RefusedAccounts {
  refused(kind: string, error: UpstreamError): void;
  worked(kind: string): void;
}

export function createRefusedAccounts(log: Pick<Logger, "error" | "info">): RefusedAccounts {
  /** Upstream → the kinds of effects that wait. */
  const waiting = new Map<string, Set<string>>();

  return {
    refused(kind, { upstream, message, renew = [] }) {
      const kinds = waiting.get(upstream);
      if (kinds) {
        kinds.add(kind);
        return;
      }
      waiting.set(upstream, new Set([kind]));
      const what = renew.length === 0 ? "our account" : renew.join(" or ");
      log.error(
        { upstream, renew },
        `${upstream} refuses our account: renew ${what}; effects wait until then (${message})`,
      );
    },
    worked(kind) {
      for (const [upstream, kinds] of waiting) {
        if (!kinds.has(kind)) continue;
        waiting.delete(upstream);
        log.info({ upstream }, `${upstream} accepts our account again`);
      }
    },
  };
}
