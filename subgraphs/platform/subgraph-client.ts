/**
 * How does a mutation get facts of an entity that another subgraph owns?
 *
 * The gateway fetches them for a field, but not for a mutation. So the mutation sends the query that the gateway would
 * send: the same facts, by the same reference. It only reads: where a replica cannot be reached, the next one is asked.
 */
import { z } from "zod";
import { REQUEST_ID } from "./request-id.ts";
import { READ_ANEW } from "./read-anew.ts";
import type { Context } from "./context.ts";
import type { Sign } from "./signing/signature.ts";
import { UpstreamError } from "./upstream-error.ts";
import { createUpstream } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";

export interface SubgraphClient {
  /** null for an unknown entity. Rejects with an UpstreamError that names the subgraph. */
  entity<T>(context: Context, query: EntityQuery<T>): Promise<T | null>;
  close(): Promise<void>;
}

export interface EntityQuery<T> {
  /** Its name in rover.yaml. */
  readonly subgraph: string;
  readonly type: string;
  /** The entity's id in the graph. */
  readonly id: string;
  readonly selection: string;
  readonly entity: z.ZodType<T>;
}

export interface SubgraphClientOptions {
  /** Gives the GraphQL endpoints of a subgraph's replicas; it is called on the first query to it. */
  readonly urlsOf: (subgraph: string) => readonly string[];
  /** Default: queries are not signed. */
  readonly signer?: ((subgraph: string) => Sign) | undefined;
}

/** Where there is one replica, or an address of them all, it is asked so often. */
const ATTEMPTS = 2;

export function createSubgraphClient({ urlsOf, signer }: SubgraphClientOptions): SubgraphClient {
  /** By subgraph. The next one to ask is the first. */
  const replicas = new Map<string, Upstream[]>();

  return {
    async entity({ requestId, readsAnew, caller }, { subgraph, type, id, selection, entity }) {
      const Response = z.object({
        data: z.object({ entities: z.tuple([entity.nullable()]) }).nullish(),
        errors: z.array(z.object({ message: z.string() })).default([]),
      });
      const sign = signer?.(subgraph);
      const { body } = await fromReplica(subgraph, (upstream) =>
        upstream.request({
          method: "POST",
          path: "",
          headers: { [REQUEST_ID]: requestId, ...(readsAnew && { "cache-control": READ_ANEW }) },
          json: {
            query: `query ($representations: [_Any!]!) { entities: _entities(representations: $representations) { ... on ${type} { ${selection} } } }`,
            variables: { representations: [{ __typename: type, id }] },
          },
          sign: sign && ((sent) => sign({ ...sent, caller })),
          reply: Response,
        }),
      );
      const [found = null] = body.data?.entities ?? [];
      const [first] = body.errors;
      // An error beside an entity says why one of its facts is null; the caller decides whether it needs that fact.
      if (found === null && first) throw new UpstreamError(subgraph, "UNEXPECTED", first.message);
      return found;
    },
    close: async () => {
      await Promise.all([...replicas.values()].flat().map((upstream) => upstream.close()));
    },
  };

  async function fromReplica<T>(subgraph: string, ask: (upstream: Upstream) => Promise<T>): Promise<T> {
    const all = replicasOf(subgraph);
    const attempts = Math.max(ATTEMPTS, all.length);
    for (let attempt = 1; ; attempt += 1) {
      const [first] = all;
      if (!first) throw new UpstreamError(subgraph, "UNREACHABLE", "its URL is not known");
      try {
        return await ask(first);
      } catch (error) {
        if (!(error instanceof UpstreamError) || error.failure !== "UNREACHABLE" || attempt >= attempts) throw error;
        // Others that ask meanwhile may have moved it already.
        if (all[0] === first) all.push(...all.splice(0, 1));
      }
    }
  }

  function replicasOf(subgraph: string): Upstream[] {
    let all = replicas.get(subgraph);
    if (!all) {
      all = urlsOf(subgraph).map((baseUrl) => createUpstream({ name: subgraph, baseUrl, isOurs: true }));
      replicas.set(subgraph, all);
    }
    return all;
  }
}
