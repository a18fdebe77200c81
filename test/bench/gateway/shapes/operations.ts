/**
 * Ten thousand distinct operations, each sent once: how many a second, and is the memory for them bounded?
 *
 * The heap is that after a collection; another program's is not known, so what the system has given it is compared.
 */
import { isDeepStrictEqual } from "node:util";
import { load } from "../load.ts";
import { roundedAll } from "../rounds.ts";
import type { Contestant } from "../rounds.ts";
import { RESOLVERS, campaign, verdict } from "../world.ts";

const HALF = 5000;
/** Of a half, at most: on a machine that does nothing else it takes a third of that. */
const MAX_MS = 30_000;
const CAMPAIGN = ["name", "status", "budget"] as const;
const EPISODE = ["title", "durationMs", "explicit", "topics"] as const;
const VERDICT = ["verdict", "score"] as const;

export async function operations({ name, url, program }: Contestant): Promise<Record<string, number>> {
  const heap = async (): Promise<number> =>
    name === "decibel" ? Number(await program.tell("heap")) / 1e6 : (await program.usage()).memory;
  const half = async (first: number) =>
    load(
      {
        url,
        connections: 8,
        durationMs: MAX_MS,
        request: (number) => ({ query: operationOf(first + number), variables: { seed: `o${number}` } }),
        isRight: (text, number) =>
          isDeepStrictEqual(JSON.parse(text), { data: expectedOf(first + number, `o${number}`) }),
      },
      HALF,
    );
  const before = await heap();
  const one = await half(0);
  const after5000 = await heap();
  const two = await half(HALF);
  const after10000 = await heap();
  return roundedAll({
    requests: one.requests + two.requests,
    perSecond: (one.perSecond + two.perSecond) / 2,
    p50: two.p50,
    p99: two.p99,
    before,
    after5000,
    after10000,
    growth: after10000 / after5000,
    wrong: one.wrong + two.wrong,
  });
}

/** Of some names, by the bits of a number from one on. */
function chosen<Name extends string>(names: readonly Name[], number: number, from: number): readonly Name[] {
  return names.filter((_name, index) => (number >> (from + index)) % 2 === 1);
}

/** Which fields an operation selects: no two numbers below 2 to the 14th give the same. */
function fieldsOf(number: number) {
  return {
    campaign: chosen(CAMPAIGN, number, 0),
    targeting: chosen(VERDICT, number, 3),
    episode: chosen(EPISODE, number, 5),
    publishing: chosen(VERDICT, number, 9),
    other: chosen(CAMPAIGN, number, 11),
  };
}

function operationOf(number: number): string {
  const { campaign: own, targeting, episode, publishing, other } = fieldsOf(number);
  const of = (field: string, names: readonly string[]): string =>
    names.length > 0 ? `${field} { ${names.join(" ")} }` : "";
  return `query Some($seed: ID!) {
    campaigns(seed: $seed, first: 1) {
      id ${own.join(" ")} ${of("targeting", targeting)}
      episodes { id ${episode.join(" ")} ${of("publishing", publishing)} }
    }
    campaign(id: $seed) { id ${other.join(" ")} }
  }`;
}

function expectedOf(number: number, seed: string): object {
  const { campaign: own, targeting, episode, publishing, other } = fieldsOf(number);
  const pick = (value: object, names: readonly string[]): object =>
    Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
  const decided = (field: string, id: string, names: readonly string[]): object =>
    names.length > 0 ? { [field]: pick(verdict(id), names) } : {};
  const found = campaign(`c${seed}-0`, 0);
  return {
    campaigns: [
      {
        ...pick(found, ["id", ...own]),
        ...decided("targeting", found.id, targeting),
        episodes: found.episodes.map((one) =>
          Object.assign(
            pick(RESOLVERS.episodes.Episode.__resolveReference(one), ["id", ...episode]),
            decided("publishing", one.id, publishing),
          ),
        ),
      },
    ],
    campaign: pick(campaign(seed, 1), ["id", ...other]),
  };
}
