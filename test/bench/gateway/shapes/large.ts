/** Answers of 8 MB: 3,800 campaigns with 45,600 episodes. How long do they take, and how much memory? */
import { boards } from "../boards.ts";
import { load } from "../load.ts";
import { roundedAll } from "../rounds.ts";
import type { Contestant } from "../rounds.ts";

const CAMPAIGNS = 3800;
const MEGABYTE = 1_000_000;

export async function large({ url, program }: Contestant): Promise<Record<string, number>> {
  const { request, isRight } = boards("l", CAMPAIGNS);
  let megabytes = 0;
  const measured = (text: string, number: number): boolean => {
    megabytes = Math.max(megabytes, text.length / MEGABYTE);
    return isRight(text, number);
  };
  const { requests, wrong, perSecond, p50, p99 } = await load({
    url,
    connections: 2,
    durationMs: 7000,
    request,
    isRight: measured,
  });
  const { peakMemory } = await program.usage();
  return roundedAll({ megabytes, requests, perSecond, p50, p99, peakMemory, wrong });
}
