/**
 * A gateway whose events a test publishes: for tests of what is around them, over one subgraph of effects.
 *
 * An effect exists unless its id ends with `gone`; its `kind` is as long as its id says: `effect_7_1000`. `wait` is answered
 * when the test says so, and so is an effect whose id ends with `slow`.
 */
import { execute, parse } from "graphql";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { pino } from "pino";
import { createGateway } from "../../gateway/gateway.ts";
import type { GatewayOptions } from "../../gateway/gateway.ts";
import { createMemoryTransport } from "../../gateway/transport/memory.ts";
import { compose } from "../../schema/compose.ts";
import { createEventStream } from "../../subgraphs/platform/events.ts";

const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"])
  type Query { effect(id: ID!): Effect wait: String }
  type Subscription { effectChanged: Effect! }
  type Effect @key(fields: "id") { id: ID! kind: String }
`;

export interface LiveGateway {
  readonly url: string;
  /** Tells subscribers of this effect. */
  tell(id: string): void;
  /** Tells that some may have been missed. */
  miss(): void;
  /** How many effects were read. */
  readonly reads: () => number;
  /** How many wait for `slow`. */
  readonly waiting: () => number;
  /** To be resolved by the test. */
  readonly slow: PromiseWithResolvers<void>;
  /** Serves its supergraph anew. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

export async function startLiveGateway(options: Partial<GatewayOptions> = {}, port = 0): Promise<LiveGateway> {
  const events = createEventStream();
  let [reads, waiting] = [0, 0];
  const slow = Promise.withResolvers<void>();
  const wait = async (): Promise<string> => {
    waiting += 1;
    await slow.promise;
    return "at last";
  };
  const schema = buildSubgraphSchema([
    {
      typeDefs: parse(SDL),
      resolvers: {
        Query: {
          wait,
          async effect(_source: unknown, { id }: { readonly id: string }) {
            reads += 1;
            if (id.endsWith("slow")) await wait();
            return id.endsWith("gone")
              ? null
              : { __typename: "Effect", id, kind: "k".repeat(Number(id.split("_")[2] ?? 1)) };
          },
        },
      },
    },
  ]);
  const transport = createMemoryTransport(async ({ query, variables }) =>
    execute({ schema, document: parse(query), variableValues: variables }),
  );
  const supergraph = compose(
    { subgraphs: [{ name: "effects", routingUrl: "http://127.0.0.1:1/effects", file: "effects" }] },
    new Map([["effects", SDL]]),
  );
  const gateway = await createGateway({
    supergraph,
    transports: new Map([["effects", transport]]),
    log: pino({ enabled: false }),
    events,
    ...options,
  });
  return {
    url: await gateway.listen(port),
    tell: (id) => events.publish({ kind: "effectChanged", id }),
    miss: () => events.publish({ kind: "missed" }),
    reads: () => reads,
    waiting: () => waiting,
    slow,
    reload: () => gateway.reload({ supergraph }),
    close: () => gateway.close(),
  };
}
