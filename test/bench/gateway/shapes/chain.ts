/** A chain of a hundred calls for one entity, each of which needs what the one before it gave: how long is a call? */
import { load } from "../load.ts";
import { roundedAll } from "../rounds.ts";
import type { Contestant } from "../rounds.ts";
import { STEPS, stepOf } from "../world.ts";

const QUERY = `query Chain($id: ID!) { chain(id: $id) { step${STEPS} } }`;

export async function chain({ url }: Contestant): Promise<Record<string, number>> {
  const idOf = (number: number): string => `chain${number}`;
  const { requests, perSecond, p50, p99, wrong } = await load({
    url,
    connections: 4,
    durationMs: 5000,
    request: (number) => ({ query: QUERY, operationName: "Chain", variables: { id: idOf(number) } }),
    isRight: (text, number) =>
      text === JSON.stringify({ data: { chain: { [`step${STEPS}`]: stepOf(idOf(number), STEPS) } } }),
  });
  return roundedAll({ requests, perSecond, p50, p99, msPerCall: p50 / STEPS, wrong });
}
