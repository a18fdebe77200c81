/**
 * What do the subgraphs of the bench have?
 *
 * Campaigns of a seed, whose ids and all else depend on it; their episodes; decisions about both. And chains: entities each
 * of whose steps one subgraph makes from the step before it, which another one has.
 */
import { compose } from "../../../schema/compose.ts";

const LINK = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@requires", "@external"])\n`;

/** If the query names no other number. */
export const CAMPAIGNS = 20;
export const EPISODES = 12;
/** Calls for an entity, one after the other, that the last step of a chain takes. */
export const STEPS = 100;

/** The fields of a chain in the subgraph of the even steps, or of the odd ones. */
function chainFields(parity: 0 | 1): string {
  const fields = Array.from({ length: STEPS + 1 }, (_none, step) => {
    if (step % 2 === parity)
      return step === 0 ? "step0: String" : `step${step}: String @requires(fields: "step${step - 1}")`;
    return step === STEPS ? "" : `step${step}: String @external`;
  });
  return fields.join(" ");
}

export const SCHEMAS = {
  campaigns: `${LINK}
    type Query { campaigns(seed: ID!, first: Int! = ${CAMPAIGNS}): [Campaign!]! campaign(id: ID!): Campaign chain(id: ID!): Chain }
    type Campaign @key(fields: "id") { id: ID! name: String! status: String! budget: Int! episodes: [Episode!]! }
    type Chain @key(fields: "id") { id: ID! ${chainFields(0)} }
    type Episode @key(fields: "id", resolvable: false) { id: ID! }
  `,
  episodes: `${LINK}
    type Episode @key(fields: "id") { id: ID! title: String! durationMs: Int! explicit: Boolean! topics: [String!]! }
  `,
  decisions: `${LINK}
    type Campaign @key(fields: "id") { id: ID! targeting: Verdict }
    type Episode @key(fields: "id") { id: ID! publishing: Verdict }
    type Verdict { verdict: String! score: Int }
    type Chain @key(fields: "id") { id: ID! ${chainFields(1)} }
  `,
} as const;

export type SubgraphName = keyof typeof SCHEMAS;
export const SUBGRAPHS = Object.keys(SCHEMAS) as readonly SubgraphName[];

/** The supergraph over subgraphs at these URLs. */
export function supergraphAt(urls: Readonly<Record<SubgraphName, string>>): string {
  const subgraphs = SUBGRAPHS.map((name) => ({ name, routingUrl: urls[name], file: name }));
  return compose({ subgraphs }, new Map(SUBGRAPHS.map((name) => [name, SCHEMAS[name]])));
}

interface Entity {
  readonly __typename: string;
  readonly id: string;
}

export const campaign = (id: string, index: number) => ({
  __typename: "Campaign",
  id,
  name: `Campaign ${index} of the spring season`,
  status: index % 3 === 0 ? "ACTIVE" : "PAUSED",
  budget: index * 1000,
  episodes: Array.from({ length: EPISODES }, (_none, nth) => ({ __typename: "Episode", id: `${id}-e${nth}` })),
});
export const stepOf = (id: string, step: number): string => `${id} after ${step}`;
/** The resolvers of every other step; a step is null if it was not made from the one before it. */
function stepsOf(parity: 0 | 1): object {
  const made = Array.from({ length: STEPS + 1 }, (_none, step) => [
    `step${step}`,
    (chain: Entity & Readonly<Record<string, string>>) =>
      step === 0 || chain[`step${step - 1}`] === stepOf(chain.id, step - 1) ? stepOf(chain.id, step) : null,
  ]);
  return {
    __resolveReference: (chain: Entity) => chain,
    ...Object.fromEntries(made.filter((_one, step) => step % 2 === parity)),
  };
}
export const verdict = (id: string) => ({ verdict: id.length % 2 === 0 ? "ALLOW" : "DENY", score: id.length });

/** The resolvers of graphql-js of each subgraph; functions of the ids alone. */
export const RESOLVERS = {
  campaigns: {
    Query: {
      campaigns: (_source: unknown, { seed, first }: { readonly seed: string; readonly first: number }) =>
        Array.from({ length: first }, (_none, index) => campaign(`c${seed}-${index}`, index)),
      campaign: (_source: unknown, { id }: { readonly id: string }) => campaign(id, 1),
      chain: (_source: unknown, { id }: { readonly id: string }) => ({ __typename: "Chain", id }),
    },
    Campaign: { __resolveReference: ({ id }: Entity) => campaign(id, 1) },
    Chain: stepsOf(0),
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
    Chain: stepsOf(1),
  },
} as const;
