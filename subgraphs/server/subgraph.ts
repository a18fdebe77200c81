/**
 * How does a list of resolvers become a subgraph?
 *
 * type-graphql declares the types, their SDL is printed and made federated, and Apollo Server answers it. The same few
 * steps for every subgraph; what differs is a `SubgraphDefinition`. Nothing listens until it is told to.
 */
import { ApolloServer } from "@apollo/server";
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { GraphQLResolverMap } from "@apollo/subgraph";
import fastifyApollo, { fastifyApolloDrainPlugin } from "@as-integrations/fastify";
import { printSchemaWithDirectives } from "@graphql-tools/utils";
import fastify from "fastify";
import { parse } from "graphql";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { buildSchema, createResolversMap } from "type-graphql";
import type { NonEmptyArray } from "type-graphql";
import { draining } from "../platform/drain.ts";
import { contextOf } from "../platform/context.ts";
import type { Context } from "../platform/context.ts";
import { resolveOneByOne } from "./entities.ts";
import { logErrors, presentError } from "./errors.ts";
import { validateInput } from "./validation.ts";

export interface SubgraphDefinition<Services> {
  /** As in rover.yaml. */
  readonly name: string;
  /** Each is constructed once, with the services of its subgraph. */
  readonly resolvers: NonEmptyArray<new (services: Services) => object>;
  /** Entities of other subgraphs that this one adds fields to: no query of its own leads to them. */
  readonly extended?: readonly (new () => object)[];
  /** One for each entity that other subgraphs may refer to. */
  readonly references: Readonly<Record<string, Reference<Services>>>;
}

/** From what another subgraph knows of an entity to the entity; null where there is none. */
export type Reference<Services> = (
  services: Services,
  representation: Readonly<Record<string, unknown>>,
  context: Context,
) => object | null | Promise<object | null>;

export interface Subgraph {
  readonly name: string;
  readonly schema: GraphQLSchema;
  /** Starts listening on 127.0.0.1 and gives the URL of the GraphQL endpoint. */
  listen(port?: number): Promise<string>;
  /** Answers what is under way, then stops. */
  close(): Promise<void>;
}

export interface SubgraphOptions {
  readonly log: Logger;
  /** Answered at `/metrics`: those of the process, the same on each of its subgraphs. */
  readonly metrics?: Pick<Registry, "metrics" | "contentType">;
}

type Declaration<Services> = Pick<SubgraphDefinition<Services>, "resolvers" | "extended">;

/** What federation directives the printed SDL may use. */
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@provides", "@shareable", "@inaccessible", "@override", "@tag"])`;

export async function createSubgraph<Services>(
  definition: SubgraphDefinition<Services>,
  services: Services,
  { log, metrics }: SubgraphOptions,
): Promise<Subgraph> {
  const { name } = definition;
  const schema = await federatedSchema(definition, services);
  const app = fastify({ bodyLimit: 8 * 1024 * 1024 });
  const letGo = draining(app.server);
  const subgraphLog = log.child({ subgraph: name });
  const apollo = new ApolloServer<Context>({
    schema,
    csrfPrevention: true,
    introspection: true,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    logger: subgraphLog,
    formatError: presentError,
    plugins: [
      logErrors(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      fastifyApolloDrainPlugin(app),
    ],
  });
  await apollo.start();
  await app.register(fastifyApollo(apollo), { context: contextOf(subgraphLog) });
  app.get("/health", () => ({ status: "ok", subgraph: name }));
  if (metrics)
    app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));

  return {
    name,
    schema,
    listen: async (port = 0) => `${await app.listen({ host: "127.0.0.1", port })}/graphql`,
    close: async () => {
      const closed = app.close();
      letGo();
      await closed;
      await apollo.stop();
    },
  };
}

/** The subgraph's schema as reviewers and composers read it. */
export async function printSubgraph(definition: Declaration<never>): Promise<string> {
  return sdlOf(await declaredSchema(definition));
}

async function federatedSchema<Services>(
  definition: SubgraphDefinition<Services>,
  services: Services,
): Promise<GraphQLSchema> {
  const declared = await declaredSchema(definition, services);
  // Both are the resolver map of graphql-tools, spelt twice.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const resolvers = createResolversMap(declared) as GraphQLResolverMap<Context>;
  const references = Object.entries(definition.references).map(([type, resolve]) => [
    type,
    {
      // An entity is an object type, so this is a plain map of fields.
      // oxlint-disable-next-line typescript/no-misused-spread
      ...resolvers[type],
      __resolveReference: (representation: Readonly<Record<string, unknown>>, context: Context) =>
        resolve(services, representation, context),
    },
  ]);
  const schema = buildSubgraphSchema([
    { typeDefs: parse(sdlOf(declared)), resolvers: { ...resolvers, ...Object.fromEntries(references) } },
  ]);
  return resolveOneByOne(schema, Object.keys(definition.references));
}

/** Resolvers are constructed when they are first needed: printing a schema needs none, hence no services either. */
function declaredSchema<Services>(
  { resolvers, extended = [] }: Declaration<Services>,
  services?: Services,
): Promise<GraphQLSchema> {
  const constructed = new Map<unknown, object>();
  return buildSchema({
    resolvers,
    orphanedTypes: [...extended],
    skipCheck: true,
    validate: true,
    validateFn: validateInput,
    container: {
      get: (resolver) => {
        const known = constructed.get(resolver);
        if (known) return known;
        const made = new resolver(services);
        constructed.set(resolver, made);
        return made;
      },
    },
  });
}

function sdlOf(schema: GraphQLSchema): string {
  const printed = printSchemaWithDirectives(schema).replace(/^schema \{[^}]*\}\s*/m, "");
  return `${LINK}\n\n${printed.trim()}\n`;
}
