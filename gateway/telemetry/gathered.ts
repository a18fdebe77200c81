/**
 * How are the metrics of several gateway processes one?
 *
 * What they have counted is added up. A process that does not answer in time counts as it did before, and one that has ended
 * stays counted: a sum that went down would look as if all of them had started anew. What is in flight ends with its process.
 */
import { AggregatorRegistry } from "prom-client";

/** What a process has counted, as plain values: see `countedBy`. */
export type Counted = readonly object[];

export interface Gathered<Source extends object> {
  /** All that this source has counted so far. */
  counted(source: Source, counted: Counted): void;
  ended(source: Source): void;
  /** In the Prometheus text format. */
  text(): Promise<string>;
}

export function createGathered<Source extends object>(): Gathered<Source> {
  const last = new Map<Source, Counted>();
  let before: Promise<Counted> = Promise.resolve([]);
  return {
    counted: (source, counted) => void last.set(source, counted),
    ended(source) {
      const kept = (last.get(source) ?? []).filter((metric) => !("type" in metric && metric.type === "gauge"));
      last.delete(source);
      before = before.then((sum) => sumOf([sum, kept]).getMetricsAsJSON());
    },
    text: async () => sumOf([await before, ...last.values()]).metrics(),
  };
}

function sumOf(all: readonly Counted[]): ReturnType<typeof AggregatorRegistry.aggregate> {
  return AggregatorRegistry.aggregate(all.map((counted) => [...counted]));
}
