/**
 * How long does a request wait where the gateway has 70 % of what it can do?
 *
 * Requests come at a fixed rate then, whether or not the ones before them were answered.
 */
import { boards } from "../boards.ts";
import { load, loadAtRate } from "../load.ts";
import { roundedAll } from "../rounds.ts";
import type { Contestant } from "../rounds.ts";

const SHARE = 0.7;
const CONNECTIONS = 16;
/** More than wait at once, unless the gateway falls behind. */
const MAX_CONNECTIONS = 128;

export async function latency({ url }: Contestant): Promise<Record<string, number>> {
  await load({ url, connections: CONNECTIONS, durationMs: 2000, ...boards("m0") });
  const most = await load({ url, connections: CONNECTIONS, durationMs: 3000, ...boards("m1") });
  const rate = most.perSecond * SHARE;
  const options = { url, connections: MAX_CONNECTIONS, durationMs: 5000, ...boards("m2") };
  const { perSecond, p50, p99, wrong } = await loadAtRate(options, rate);
  return roundedAll({ most: most.perSecond, perSecond, p50, p99, p99OverP50: p99 / p50, wrong: wrong + most.wrong });
}
