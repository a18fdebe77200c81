/**
 * What do the gateways do under other loads than a steady one?
 *
 * Each shape runs against a gateway that has just been started: Decibel, and Hive Router or, without it, Hive Gateway
 * with its planner in Rust.
 */
import { findHiveRouter } from "./native.ts";
import { rounded } from "./rounds.ts";
import type { Contestant } from "./rounds.ts";
import { hasPeers, setUp } from "./setup.ts";
import type { GatewayName } from "./setup.ts";
import { burst } from "./shapes/burst.ts";
import { chain } from "./shapes/chain.ts";
import { large } from "./shapes/large.ts";
import { latency } from "./shapes/latency.ts";
import { operations } from "./shapes/operations.ts";
import { SLOW_MS, slow } from "./shapes/slow.ts";

/** By gateway; times in milliseconds, memory in MB. */
export type ShapeFigures = Readonly<Record<string, Readonly<Record<string, number>>>>;

interface Shape {
  readonly delayMs?: number;
  readonly measure: (gateway: Contestant) => Promise<Record<string, number>>;
}

export const SHAPES = {
  burst: { measure: burst },
  slow: { measure: slow, delayMs: SLOW_MS },
  large: { measure: large },
  operations: { measure: operations },
  chain: { measure: chain },
  latency: { measure: latency },
} as const satisfies Record<string, Shape>;

export async function measureShape({ measure, delayMs }: Shape): Promise<ShapeFigures> {
  const figures: Record<string, Record<string, number>> = {};
  const names = gateways();
  for (const name of names) {
    const setup = await setUp(delayMs);
    try {
      figures[name] = await measure(await setup.start(name));
    } finally {
      await setup.stop();
    }
  }
  const [own, peer] = names.map((name) => figures[name]);
  return own && peer ? { ...figures, ratio: ratioOf(own, peer) } : figures;
}

/** Decibel's figures over the other's, without the counts. */
function ratioOf(
  own: Readonly<Record<string, number>>,
  peer: Readonly<Record<string, number>>,
): Record<string, number> {
  const { wrong: _wrong, requests: _requests, megabytes: _megabytes, ...compared } = own;
  return Object.fromEntries(
    Object.entries(compared).map(([figure, value]) => [figure, rounded(value / (peer[figure] ?? NaN))]),
  );
}

function gateways(): readonly GatewayName[] {
  if ("file" in findHiveRouter()) return ["decibel", "hiveRouter"];
  return hasPeers() ? ["decibel", "hiveRust"] : ["decibel"];
}
