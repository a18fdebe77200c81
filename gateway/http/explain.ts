/**
 * How is it explained what an operation took?
 *
 * By its plan and the calls of subgraphs, which the engine notes, and by the waves of decisions that subgraphs answer with. It is
 * given to callers with a scope: a plan names fields that no client can select.
 */
import type { Scope } from "../../schema/scope.ts";
import { createWaveSum, readWave } from "../../subgraphs/platform/wave.ts";
import type { WaveReport } from "../../subgraphs/platform/wave.ts";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { createExplained } from "../engine/explained.ts";
import type { Explained, Explanation } from "../engine/explained.ts";
import { RequestError } from "./request-error.ts";

/** In `extensions.explain` of a response. */
export type Explain = Explanation & WaveReport;

export interface Explaining {
  readonly engine: Explained;
  /** Told what each subgraph says beside its data. */
  readonly onExtensions: (extensions: unknown) => void;
  /** So far. */
  readonly report: () => Explain;
}

const SCOPE: Scope = "graph:read";

/** Throws a RequestError. */
export function assertMayExplain({ scopes }: Pick<Caller, "scopes">): void {
  if (!scopes.has(SCOPE)) throw notExplained(`the caller needs the scope ${SCOPE}`);
}

export function notExplained(reason: string): RequestError {
  return new RequestError(403, "FORBIDDEN", `Cannot explain: ${reason}`);
}

/** `elapsed`: milliseconds that never decrease. */
export function createExplaining(elapsed: () => number): Explaining {
  const engine = createExplained(elapsed);
  const waves = createWaveSum();
  return {
    engine,
    onExtensions(extensions) {
      const wave = readWave(extensions);
      if (wave) waves.add(wave);
    },
    report: () => ({ ...engine.report(), ...waves.report() }),
  };
}
