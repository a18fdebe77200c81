/** Fifty users become five hundred, and fifty again: is every answer right, and how long does one wait? */
import { load } from "../load.ts";
import { rounded } from "../rounds.ts";
import type { Contestant } from "../rounds.ts";
import { boards } from "../boards.ts";

const PHASES = [
  { users: 50, durationMs: 2000 },
  { users: 500, durationMs: 4000 },
  { users: 50, durationMs: 2000 },
];

export async function burst({ url }: Contestant): Promise<Record<string, number>> {
  let wrong = 0;
  const figures: Record<string, number> = {};
  for (const [phase, { users, durationMs }] of PHASES.entries()) {
    const loaded = await load({ url, connections: users, durationMs, ...boards(`b${phase}`) });
    wrong += loaded.wrong;
    if (phase === 0) figures["p50Before"] = rounded(loaded.p50);
    else if (phase === 1)
      Object.assign(figures, {
        perSecond: rounded(loaded.perSecond),
        p50: rounded(loaded.p50),
        p99: rounded(loaded.p99),
      });
    else figures["p50After"] = rounded(loaded.p50);
  }
  return { ...figures, wrong };
}
