/**
 * How do servers compare?
 *
 * All are warmed, then loaded in turn for several rounds of one run, because the machine's speed changes. A ratio is the
 * median of the rounds' ratios.
 */
import { load } from "./load.ts";
import type { Load, LoadOptions } from "./load.ts";
import { median } from "../median.ts";
import type { Program } from "./program.ts";

export interface Contestant {
  readonly name: string;
  readonly url: string;
  readonly program: Program;
}

export interface Comparison extends Pick<LoadOptions, "connections"> {
  /** Of what no other round has. */
  readonly requests: (round: string) => Pick<LoadOptions, "request" | "isRight">;
  readonly warmMs: number;
  readonly roundMs: number;
  readonly rounds: number;
  /** Requests a second of the first over those of the second; left out where one was not measured. */
  readonly ratios: Readonly<Record<string, readonly [string, string]>>;
}

export interface Figures {
  readonly measured: Readonly<Record<string, Measured>>;
  readonly ratios: Readonly<Record<string, number>>;
}

/** Medians of the rounds; times in milliseconds, memory in MB. */
export interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMsPerRequest: number;
  readonly peakMemory: number;
  readonly wrong: number;
}

type Round = Load & { readonly cpuMsPerRequest: number };

export async function compare(contestants: readonly Contestant[], comparison: Comparison): Promise<Figures> {
  const rounds = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]));
  for (const one of contestants) await measure(one, comparison, "w", comparison.warmMs);
  for (let round = 0; round < comparison.rounds; round += 1) {
    for (const one of contestants)
      rounds.get(one.name)?.push(await measure(one, comparison, String(round), comparison.roundMs));
  }
  const measured: Record<string, Measured> = {};
  for (const { name, program } of contestants) {
    const { peakMemory } = await program.usage();
    measured[name] = { ...summary(rounds.get(name) ?? []), peakMemory: rounded(peakMemory) };
  }
  const ratios = Object.entries(comparison.ratios).flatMap(([name, [left, right]]) => {
    const [own = [], others = []] = [rounds.get(left), rounds.get(right)];
    const each = own.flatMap(({ perSecond }, round) => {
      const other = others[round];
      return other ? [perSecond / other.perSecond] : [];
    });
    return each.length === 0 ? [] : [[name, rounded(median(each))] as const];
  });
  return { measured, ratios: Object.fromEntries(ratios) };
}

async function measure(
  { url, program }: Contestant,
  { connections, requests }: Comparison,
  round: string,
  durationMs: number,
): Promise<Round> {
  const before = await program.usage();
  const loaded = await load({ url, connections, durationMs, ...requests(round) });
  const { cpuSeconds } = await program.usage();
  return { ...loaded, cpuMsPerRequest: ((cpuSeconds - before.cpuSeconds) * 1000) / loaded.requests };
}

function summary(rounds: readonly Round[]): Omit<Measured, "peakMemory"> {
  const of = (field: "perSecond" | "p50" | "p99" | "cpuMsPerRequest"): number =>
    rounded(median(rounds.map((round) => round[field])));
  return {
    perSecond: of("perSecond"),
    p50: of("p50"),
    p99: of("p99"),
    cpuMsPerRequest: of("cpuMsPerRequest"),
    wrong: rounds.reduce((sum, { wrong }) => sum + wrong, 0),
  };
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export function roundedAll<Figure extends string>(figures: Readonly<Record<Figure, number>>): Record<Figure, number> {
  return Object.fromEntries(Object.entries<number>(figures).map(([name, value]) => [name, rounded(value)])) as Record<
    Figure,
    number
  >;
}
