/** Subgraphs take 4 ms for each call: how many requests a second are answered while most of them wait? */
import { boards } from "../boards.ts";
import { load } from "../load.ts";
import { roundedAll } from "../rounds.ts";
import type { Contestant } from "../rounds.ts";

export const SLOW_MS = 4;
const CONNECTIONS = 64;

export async function slow({ url }: Contestant): Promise<Record<string, number>> {
  await load({ url, connections: CONNECTIONS, durationMs: 2000, ...boards("s0") });
  const { perSecond, p50, p99, wrong } = await load({
    url,
    connections: CONNECTIONS,
    durationMs: 5000,
    ...boards("s1"),
  });
  return roundedAll({ perSecond, p50, p99, wrong });
}
