/**
 * What became of the decisions that a request asked for?
 *
 * Counted by model, where the request asks to be explained; otherwise there is no wave, and nothing is counted. Every ask ends in
 * exactly one way, so that the ways add up to what was asked. Subgraphs answer with their waves, and a gateway adds them up.
 */
import { z } from "zod";

/** How an ask was answered: the first that applies. */
export const WAYS = ["stale", "equivalent", "joined", "cached", "local", "called"] as const;

export type Way = (typeof WAYS)[number];

const count = z.int().nonnegative();
const ModelWave = z.object({
  model: z.string(),
  /** By fields: the sum of all ways, and of what failed. */
  asked: count,
  /** By an outcome past its time, while the service fails. */
  stale: count,
  /** By an evaluation of other facts that the rules cannot tell apart. */
  equivalent: count,
  /** By the answer to the same facts, for which the request, or another one at the same time, has asked already. */
  joined: count,
  /** By an outcome that was kept. */
  cached: count,
  /** By the table in the process. */
  local: count,
  /** By an evaluation of the service that was made for it. */
  called: count,
  /** With an error in place of a decision. */
  failed: count,
  /** All that fields ask for in one tick is one. */
  batches: count,
  /** Sent to the service, retries included. One that carries evaluations of several models counts for each. */
  calls: count,
  /** Milliseconds that the slowest batch took. */
  ms: z.number().nonnegative(),
});
const WaveReport = z.object({
  decisions: z.array(ModelWave),
  /** All that were sent to the service, each once. */
  openTextCalls: count,
});

export type ModelWave = Readonly<z.infer<typeof ModelWave>>;
export interface WaveReport {
  /** By the keys of models. */
  readonly decisions: readonly ModelWave[];
  readonly openTextCalls: number;
}

export interface Wave {
  answered(model: string, way: Way): void;
  failed(model: string): void;
  /** A batch with asks of these models took so many milliseconds. */
  batched(models: ReadonlySet<string>, ms: number): void;
  /** A call was sent with evaluations of these models. */
  called(models: ReadonlySet<string>): void;
  /** An ask waits for a question that another one has opened, until it opens one itself. */
  joins(ask: object): void;
  opens(ask: object): void;
  hasJoined(ask: object): boolean;
  report(): WaveReport;
}

type Counted = { -readonly [name in keyof ModelWave]: ModelWave[name] };

export function createWave(): Wave {
  const joined = new WeakSet<object>();
  const sum = createWaveSum();
  return {
    answered(model, way) {
      const counted = sum.of(model);
      counted.asked += 1;
      counted[way] += 1;
    },
    failed(model) {
      const counted = sum.of(model);
      counted.asked += 1;
      counted.failed += 1;
    },
    batched(models, ms) {
      for (const model of models) {
        const counted = sum.of(model);
        counted.batches += 1;
        counted.ms = Math.max(counted.ms, Math.round(ms * 1000) / 1000);
      }
    },
    called(models) {
      sum.add({ decisions: [], openTextCalls: 1 });
      for (const model of models) sum.of(model).calls += 1;
    },
    joins: (ask) => void joined.add(ask),
    opens: (ask) => void joined.delete(ask),
    hasJoined: (ask) => joined.has(ask),
    report: sum.report,
  };
}

export interface WaveSum {
  readonly add: (report: WaveReport) => void;
  readonly report: () => WaveReport;
}

/** Of several waves. */
export function createWaveSum(): WaveSum & { readonly of: (model: string) => Counted } {
  const byModel = new Map<string, Counted>();
  let openTextCalls = 0;
  return {
    of,
    add(report) {
      openTextCalls += report.openTextCalls;
      for (const { model, ms, ...counts } of report.decisions) {
        const counted = of(model);
        counted.ms = Math.max(counted.ms, ms);
        for (const name of COUNTS) counted[name] += counts[name];
      }
    },
    report: () => ({
      decisions: [...byModel.values()].toSorted((one, other) => (one.model < other.model ? -1 : 1)),
      openTextCalls,
    }),
  };

  function of(model: string): Counted {
    let counted = byModel.get(model);
    if (!counted) byModel.set(model, (counted = { model, ...NOTHING }));
    return counted;
  }
}

const COUNTS = ["asked", ...WAYS, "failed", "batches", "calls"] as const;
const NOTHING = {
  asked: 0,
  stale: 0,
  equivalent: 0,
  joined: 0,
  cached: 0,
  local: 0,
  called: 0,
  failed: 0,
  batches: 0,
  calls: 0,
  ms: 0,
};

/** Of the extensions of a subgraph's response; undefined where it has none that can be read. */
export function readWave(extensions: unknown): WaveReport | undefined {
  return z.object({ explain: WaveReport }).safeParse(extensions).data?.explain;
}

/** What a response says beside its data: nothing where the request has no wave. */
export function explained(wave: Wave | undefined): { readonly extensions?: { readonly explain: WaveReport } } {
  return wave ? { extensions: { explain: wave.report() } } : {};
}
