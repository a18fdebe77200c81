/**
 * What do all gateways of the bench answer?
 *
 * Three subgraphs and one query over them: 20 campaigns with 12 episodes each, 260 entities, about 30 KB. Every id depends
 * on the seed in the query's variables, so that no request equals another.
 */
import { compose } from "../../../schema/compose.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"])\n`;

export const SCHEMAS = {
  campaigns: `${LINK}
    type Query { campaigns(seed: ID!): [Campaign!]! campaign(id: ID!): Campaign }
    type Campaign @key(fields: "id") { id: ID! name: String! status: String! budget: Int! episodes: [Episode!]! next: Campaign }
    type Episode @key(fields: "id", resolvable: false) { id: ID! }
  `,
  episodes: `${LINK}
    type Episode @key(fields: "id") { id: ID! title: String! durationMs: Int! explicit: Boolean! topics: [String!]! }
  `,
  decisions: `${LINK}
    type Campaign @key(fields: "id") { id: ID! targeting: Verdict }
    type Episode @key(fields: "id") { id: ID! publishing: Verdict }
    type Verdict { verdict: String! score: Int }
  `,
} as const;

export type SubgraphName = keyof typeof SCHEMAS;
export const SUBGRAPHS = Object.keys(SCHEMAS) as readonly SubgraphName[];

export const QUERY = `query Board($seed: ID!) {
  campaigns(seed: $seed) {
    id name status budget
    targeting { verdict score }
    episodes { id title durationMs explicit publishing { verdict score } }
  }
}`;

/** The supergraph over subgraphs at these URLs. */
export function supergraphAt(urls: Readonly<Record<SubgraphName, string>>): string {
  const subgraphs = SUBGRAPHS.map((name) => ({ name, routingUrl: urls[name], file: name }));
  return compose({ subgraphs }, new Map(SUBGRAPHS.map((name) => [name, SCHEMAS[name]])));
}

const CAMPAIGNS = 20;
const EPISODES = 12;

interface Entity {
  readonly __typename: string;
  readonly id: string;
}

const campaign = (id: string, index: number) => ({
  __typename: "Campaign",
  id,
  name: `Campaign ${index} of the spring season`,
  status: index % 3 === 0 ? "ACTIVE" : "PAUSED",
  budget: index * 1000,
  episodes: Array.from({ length: EPISODES }, (_none, nth) => ({ __typename: "Episode", id: `${id}-e${nth}` })),
});
const verdict = (id: string) => ({ verdict: id.length % 2 === 0 ? "ALLOW" : "DENY", score: id.length });

/** The resolvers of graphql-js of each subgraph; functions of the ids alone. */
export const RESOLVERS = {
  campaigns: {
    Query: {
      campaigns: (_source: unknown, { seed }: { readonly seed: string }) =>
        Array.from({ length: CAMPAIGNS }, (_none, index) => campaign(`c${seed}-${index}`, index)),
      campaign: (_source: unknown, { id }: { readonly id: string }) => campaign(id, 1),
    },
    Campaign: {
      __resolveReference: ({ id }: Entity) => campaign(id, 1),
      next: ({ id }: Entity) => campaign(`${id}n`, 1),
    },
  },
  episodes: {
    Episode: {
      __resolveReference: ({ id }: Entity) => ({
        __typename: "Episode",
        id,
        title: `Episode ${id} and what came of it`,
        durationMs: id.length * 60_000,
        explicit: id.length % 2 === 0,
        topics: ["news", "music"],
      }),
    },
  },
  decisions: {
    Campaign: { __resolveReference: ({ id }: Entity) => ({ __typename: "Campaign", id, targeting: verdict(id) }) },
    Episode: { __resolveReference: ({ id }: Entity) => ({ __typename: "Episode", id, publishing: verdict(id) }) },
  },
} as const;

/** What the query has to answer. */
export function expected(seed: string): object {
  const campaigns = RESOLVERS.campaigns.Query.campaigns(undefined, { seed });
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
