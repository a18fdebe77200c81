/**
 * How does a mutation get facts of an entity that another subgraph owns?
 *
 * For a field the gateway brings them; for a mutation nobody does. So the other subgraph is asked as the gateway would
 * ask it, for the same facts by the same reference, wherever it runs.
 */
import { z } from "zod";
import { REQUEST_ID } from "./request-id.ts";
import type { Context } from "./context.ts";
import { UpstreamError, createUpstream } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";

export interface SubgraphClient {
  /** null where the other subgraph has no such entity. Rejects with an UpstreamError named after it. */
  entity<T>(context: Context, wanted: EntityQuery<T>): Promise<T | null>;
  close(): Promise<void>;
}

export interface EntityQuery<T> {
  /** As in rover.yaml. */
  readonly subgraph: string;
  readonly type: string;
  /** As clients call it. */
  readonly id: string;
  readonly selection: string;
  readonly entity: z.ZodType<T>;
}

/** `urls` gives the GraphQL endpoint of a subgraph; it is asked for when it is first needed. */
export function createSubgraphClient(urls: (subgraph: string) => string | undefined): SubgraphClient {
  const upstreams = new Map<string, Upstream>();

  return {
    async entity({ requestId }, { subgraph, type, id, selection, entity }) {
      const Answer = z.object({
        data: z.object({ entities: z.tuple([entity.nullable()]) }).nullish(),
        errors: z.array(z.object({ message: z.string() })).default([]),
      });
      const { body } = await upstreamOf(subgraph).request({
        method: "POST",
        path: "",
        headers: { [REQUEST_ID]: requestId },
        json: {
          query: `query ($representations: [_Any!]!) { entities: _entities(representations: $representations) { ... on ${type} { ${selection} } } }`,
          variables: { representations: [{ __typename: type, id }] },
        },
        reply: Answer,
      });
      const [found = null] = body.data?.entities ?? [];
      const [first] = body.errors;
      // Beside an entity, an error says why one of its facts is null: that is for whoever needs the fact.
      if (found === null && first) throw new UpstreamError(subgraph, "UNEXPECTED", first.message);
      return found;
    },
    close: async () => {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
    },
  };

  function upstreamOf(subgraph: string): Upstream {
    const known = upstreams.get(subgraph);
    if (known) return known;
    const baseUrl = urls(subgraph);
    if (baseUrl === undefined) throw new UpstreamError(subgraph, "UNREACHABLE", "nobody said where it is");
    const made = createUpstream({ name: subgraph, baseUrl });
    upstreams.set(subgraph, made);
    return made;
  }
}
