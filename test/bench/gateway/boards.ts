/**
 * What do the gateways of the bench answer?
 *
 * A board: campaigns with 12 episodes each and the decisions about all of them. Twenty campaigns make 260 entities in
 * 30 KB. No two requests have the same seed, so that none equals another.
 */
import { isDeepStrictEqual } from "node:util";
import type { LoadOptions } from "./load.ts";
import { CAMPAIGNS, EPISODES, RESOLVERS, verdict } from "./world.ts";

type Requests = Pick<LoadOptions, "request" | "isRight">;

/** Each of these many answers is checked as a whole, the others by what they contain. */
const CHECK_EVERY = 25;

/** In a round of letters and digits that no other has. */
export function boards(round: string, campaigns = CAMPAIGNS): Requests {
  const query = queryOf(campaigns);
  const last = `-${campaigns - 1}-e${EPISODES - 1}"`;
  return {
    request: (number) => ({ query, operationName: "Board", variables: { seed: seedOf(number, round) } }),
    isRight(text, number) {
      if (number % CHECK_EVERY !== 1) return text.includes(last) && !text.includes('"errors"');
      return isDeepStrictEqual(JSON.parse(text), { data: expected(seedOf(number, round), campaigns) });
    },
  };
}

/** All of one length, so that all answers are. */
function seedOf(number: number, round: string): string {
  return `${round}${String(number).padStart(7, "0")}`;
}

function queryOf(campaigns: number): string {
  const first = campaigns === CAMPAIGNS ? "" : `, first: ${campaigns}`;
  return `query Board($seed: ID!) {
  campaigns(seed: $seed${first}) {
    id name status budget
    targeting { verdict score }
    episodes { id title durationMs explicit publishing { verdict score } }
  }
}`;
}

function expected(seed: string, first: number): object {
  const campaigns = RESOLVERS.campaigns.Query.campaigns(undefined, { seed, first });
  return {
    campaigns: campaigns.map(({ id, name, status, budget, episodes }) => ({
      id,
      name,
      status,
      budget,
      targeting: verdict(id),
      episodes: episodes.map((episode) => {
        const { title, durationMs, explicit } = RESOLVERS.episodes.Episode.__resolveReference(episode);
        return { id: episode.id, title, durationMs, explicit, publishing: verdict(episode.id) };
      }),
    })),
  };
}
