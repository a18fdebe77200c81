/** The facts of a test: none are kept, so that what an upstream says at the moment is what is seen. */
import { pino } from "pino";
import { createFacts } from "../../subgraphs/platform/facts/facts.ts";
import type { Facts, UpstreamFacts } from "../../subgraphs/platform/facts/facts.ts";

/** Keeps nothing. */
export function unkeptFacts(): Facts {
  const facts = createFacts({ now: Date.now, log: pino({ enabled: false }) });
  return {
    of(upstream, account) {
      const { kind } = facts.of(upstream, account);
      return { kind: (options) => kind({ ...options, freshForMs: 0, staleForMs: 0 }) };
    },
  };
}

/** Keeps facts as long as they are fresh, by this clock. */
export function keptFacts(upstream: string, now: () => number): UpstreamFacts {
  const atMost = { [upstream]: { staleForMs: 0 } };
  return createFacts({ now, log: pino({ enabled: false }), atMost }).of(upstream, {});
}
