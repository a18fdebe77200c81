/**
 * How does a mutation get facts of an entity that another subgraph owns?
 *
 * The gateway fetches them for a field, but not for a mutation. So the mutation sends the query that the gateway would
 * send: the same facts, by the same reference.
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
  /** Gives the GraphQL endpoint of a subgraph; it is called on the first query to it. */
  readonly urlOf: (subgraph: string) => string | undefined;
  /** Default: queries are not signed. */
  readonly signer?: ((subgraph: string) => Sign) | undefined;
}

export function createSubgraphClient({ urlOf, signer }: SubgraphClientOptions): SubgraphClient {
  const upstreams = new Map<string, Upstream>();

  return {
    async entity({ requestId, readsAnew, caller }, { subgraph, type, id, selection, entity }) {
      const Response = z.object({
        data: z.object({ entities: z.tuple([entity.nullable()]) }).nullish(),
        errors: z.array(z.object({ message: z.string() })).default([]),
      });
      const sign = signer?.(subgraph);
      const { body } = await upstreamOf(subgraph).request({
        method: "POST",
        path: "",
        headers: { [REQUEST_ID]: requestId, ...(readsAnew && { "cache-control": READ_ANEW }) },
        json: {
          query: `query ($representations: [_Any!]!) { entities: _entities(representations: $representations) { ... on ${type} { ${selection} } } }`,
          variables: { representations: [{ __typename: type, id }] },
        },
        sign: sign && ((sent) => sign({ ...sent, caller })),
        reply: Response,
      });
      const [found = null] = body.data?.entities ?? [];
      const [first] = body.errors;
      // An error beside an entity says why one of its facts is null; the caller decides whether it needs that fact.
      if (found === null && first) throw new UpstreamError(subgraph, "UNEXPECTED", first.message);
      return found;
    },
    close: async () => {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
    },
  };

  function upstreamOf(subgraph: string): Upstream {
    const existing = upstreams.get(subgraph);
    if (existing) return existing;
    const baseUrl = urlOf(subgraph);
    if (baseUrl === undefined) throw new UpstreamError(subgraph, "UNREACHABLE", "its URL is not known");
    const upstream = createUpstream({ name: subgraph, baseUrl });
    upstreams.set(subgraph, upstream);
    return upstream;
  }
}
