/**
 * A gateway over two small subgraphs, for tests of what is around the engine: HTTP, transports, cancellation.
 *
 * The subgraphs are executed by graphql-js. `titles` owns books; `prices` adds a price to them.
 */
import { buildSubgraphSchema } from "@apollo/subgraph";
import { GraphQLError, execute, parse } from "graphql";
import { pino } from "pino";
import { createGateway } from "../../gateway/gateway.ts";
import type { GatewayOptions } from "../../gateway/gateway.ts";
import { createMemoryTransport } from "../../gateway/transport/memory.ts";
import type { SubgraphRequest, Transport } from "../../gateway/transport/transport.ts";
import { compose } from "../../schema/compose.ts";
import type { LogLine } from "./decibel.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"])\n`;
const SCHEMAS = {
  titles: `${LINK}
    type Query { book(id: ID!): Book echo(text: String, country: CountryCode, at: DateTime): String slow: String bug: String }
    type Mutation { wait: String rename(id: ID!, title: String!): Book }
    type Book @key(fields: "id") { id: ID! title: String }
    scalar CountryCode
    scalar DateTime
  `,
  prices: `${LINK}
    type Book @key(fields: "id") { id: ID! price: Int }
  `,
} as const;

export interface SmallGateway {
  readonly url: string;
  readonly logged: readonly LogLine[];
  /** The requests to subgraphs, in order. */
  readonly requests: readonly SubgraphRequest[];
  /** What `Query.slow` and `Mutation.wait` wait for. */
  readonly slow: PromiseWithResolvers<string>;
  readonly titles: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

export function smallSupergraph(): string {
  const names = Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[];
  return compose(
    { subgraphs: names.map((name) => ({ name, routingUrl: `http://127.0.0.1:1/${name}`, file: name })) },
    new Map(names.map((name) => [name, SCHEMAS[name]])),
  );
}

export async function startSmallGateway(options: Partial<GatewayOptions> = {}): Promise<SmallGateway> {
  const logged: LogLine[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => logged.push(JSON.parse(line) as LogLine) });
  const requests: SubgraphRequest[] = [];
  const slow = Promise.withResolvers<string>();
  const titles = new Map([["b1", "Dune"]]);
  const book = (id: string) => ({ __typename: "Book", id, title: titles.get(id) ?? null });
  const schemas = {
    titles: buildSubgraphSchema([
      {
        typeDefs: parse(SCHEMAS.titles),
        resolvers: {
          Query: {
            book: (_source: unknown, { id }: { readonly id: string }) => (titles.has(id) ? book(id) : null),
            echo: (_source: unknown, { text }: { readonly text?: string }) => text ?? null,
            slow: () => slow.promise,
            bug: () => {
              throw new GraphQLError("planted", { extensions: { code: "PLANTED" } });
            },
          },
          Mutation: {
            wait: () => slow.promise,
            rename(_source: unknown, { id, title }: { readonly id: string; readonly title: string }) {
              titles.set(id, title);
              return book(id);
            },
          },
          Book: { __resolveReference: ({ id }: { readonly id: string }) => book(id) },
        },
      },
    ]),
    prices: buildSubgraphSchema([
      {
        typeDefs: parse(SCHEMAS.prices),
        resolvers: { Book: { __resolveReference: ({ id }: { readonly id: string }) => ({ id, price: id.length }) } },
      },
    ]),
  };
  const transports = new Map(
    Object.entries(schemas).map(([name, schema]): [string, Transport] => {
      const memory = createMemoryTransport(async ({ query, variables }) =>
        execute({ schema, document: parse(query), variableValues: variables }),
      );
      return [
        name,
        {
          ...memory,
          send(request) {
            requests.push(request);
            return memory.send(request);
          },
        },
      ];
    }),
  );
  const gateway = await createGateway({ supergraph: smallSupergraph(), transports, log, ...options });
  return { url: await gateway.listen(), logged, requests, slow, titles, close: () => gateway.close() };
}
