/**
 * How does a list of resolvers become a subgraph?
 *
 * type-graphql declares the types, their printed SDL becomes a federated schema, and Apollo Server serves it. All subgraphs
 * share these steps and differ in their `SubgraphDefinition`. A subgraph does not listen before `listen`.
 */
import { ApolloServer } from "@apollo/server";
import type { ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { buildSubgraphSchema } from "@apollo/subgraph";
import type { GraphQLResolverMap } from "@apollo/subgraph";
import fastifyApollo, { fastifyApolloDrainPlugin } from "@as-integrations/fastify";
import { printSchemaWithDirectives } from "@graphql-tools/utils";
import { defaultFieldResolver, isObjectType, parse } from "graphql";
import type { GraphQLArgument, GraphQLSchema } from "graphql";
import type { GatewayInterface } from "@apollo/server-gateway-interface";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { buildSchema, createResolversMap } from "type-graphql";
import type { NonEmptyArray, PubSub } from "type-graphql";
import { DEMAND_DEFINITION, DEMAND_LINK } from "../../schema/demand.ts";
import { draining } from "../platform/drain.ts";
import { createGraphQLServer } from "../platform/http-errors.ts";
import { ALWAYS_READY } from "../platform/readiness.ts";
import type { Readiness } from "../platform/readiness.ts";
import type { RefusedAccounts } from "../platform/refused-accounts.ts";
import { contextOf } from "../platform/context.ts";
import { NO_TRACING } from "../platform/tracing/tracing.ts";
import type { Tracing } from "../platform/tracing/tracing.ts";
import type { Context } from "../platform/context.ts";
import { explained } from "../platform/wave.ts";
import { createSignatureGuard } from "../platform/signing/guard.ts";
import type { SignatureOptions } from "../platform/signing/guard.ts";
import { serveProbes } from "./probes.ts";
import { requireSignatures } from "./signed.ts";
import { declareAccess } from "./access.ts";
import { resolveOneByOne } from "./entities.ts";
import { createExecuteCompiled } from "./compiled.ts";
import { createLocalExecutor } from "./local-executor.ts";
import { traced } from "./traced.ts";
import type { ExecuteCompiled } from "./compiled.ts";
import type { ExecuteLocally } from "./local-executor.ts";
import { answerDryRuns } from "./dry-runs.ts";
import { createLogErrors, presentError, useLogErrors } from "./errors.ts";
import { validateInput } from "./validation.ts";

export interface SubgraphDefinition<Services> {
  /** Its name in rover.yaml. */
  readonly name: string;
  /** Each class is constructed once, with the services of its subgraph. */
  readonly resolvers: NonEmptyArray<new (services: Services) => object>;
  /** Entities of other subgraphs that this one adds fields to: they are not reachable from its queries. */
  readonly extended?: readonly (new () => object)[];
  /** One for each entity that other subgraphs can refer to. */
  readonly references: Readonly<Record<string, Reference<Services>>>;
  /**
   * By type: the fields whose values come from facts of upstreams alone, and may be kept by clients while these are fresh.
   * Default: none. Never what is personal, ours, or decided.
   */
  readonly facts?: Readonly<Record<string, readonly string[]>>;
}

/** Resolves another subgraph's reference to the entity; null if it does not exist. */
export type Reference<Services> = (
  services: Services,
  representation: Readonly<Record<string, unknown>>,
  context: Context,
) => object | null | Promise<object | null>;

export interface Subgraph {
  readonly name: string;
  readonly schema: GraphQLSchema;
  /** For a gateway in the same process. */
  readonly execute: ExecuteLocally;
  /** Starts to listen and gives the URL of the GraphQL endpoint. Default: on 127.0.0.1. */
  listen(port?: number, host?: string): Promise<string>;
  /** From now on every answer ends its connection, so that clients leave. */
  leave(): void;
  /** Answers the requests in flight, then stops. */
  close(): Promise<void>;
}

export interface SubgraphOptions {
  readonly log: Logger;
  /** Names that its gateways call it by, besides `localhost` and addresses. Default: none. */
  readonly allowedHosts?: readonly string[];
  /** Served at `/metrics`: the metrics of the process, the same on each of its subgraphs. */
  readonly metrics?: Pick<Registry, "metrics" | "contentType">;
  /** What `/ready` answers. Default: that it is. */
  readonly readiness?: Readiness;
  /** By which its gateways sign their requests. Default: it answers to everybody. */
  readonly signatures?: SignatureOptions | undefined;
  /** Of the process. Default: its own. */
  readonly accounts?: RefusedAccounts;
  /** Default: none. */
  readonly tracing?: Tracing | undefined;
  /** Milliseconds since the epoch. Default: the system's. */
  readonly now?: (() => number) | undefined;
}

type Declaration<Services> = Pick<SubgraphDefinition<Services>, "resolvers" | "extended">;

/** The federation directives that the printed SDL may use. */
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@provides", "@shareable", "@inaccessible", "@override", "@tag", "@authenticated", "@requiresScopes", "@composeDirective", "@cost", "@listSize"]) ${DEMAND_LINK}`;

export async function createSubgraph<Services>(
  definition: SubgraphDefinition<Services>,
  services: Services,
  options: SubgraphOptions,
): Promise<Subgraph> {
  const { log, metrics, allowedHosts = [], signatures, readiness = ALWAYS_READY, accounts, now = Date.now } = options;
  const { tracing = NO_TRACING } = options;
  const { name } = definition;
  const schema = await federatedSchema(definition, services);
  const facts = new Map(Object.entries(definition.facts ?? {}).map(([type, fields]) => [type, new Set(fields)]));
  const isFact = (type: string, field: string): boolean => facts.get(type)?.has(field) === true;
  const execute = traced(name, createExecuteCompiled(schema, isFact));
  const subgraphLog = log.child({ subgraph: name });
  const guard = signatures && createSignatureGuard({ ...signatures, subgraph: name, now });
  const app = createGraphQLServer(subgraphLog, {
    allowedHosts,
    problemOfBody: ({ headers }, body) => (guard?.hasSigned(headers, body) === false ? OTHER_BODY : undefined),
  });
  const callerOf = guard && requireSignatures(app, guard, subgraphLog);
  const drain = draining(app.server);
  const logErrors = createLogErrors(accounts);
  const apollo = new ApolloServer<Context>({
    gateway: executedBy(schema, execute),
    csrfPrevention: true,
    introspection: true,
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    logger: subgraphLog,
    formatError: presentError,
    plugins: [
      useLogErrors(logErrors),
      useMaxAge(now),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      fastifyApolloDrainPlugin(app),
    ],
  });
  await apollo.start();
  await app.register(fastifyApollo(apollo), {
    context: contextOf(subgraphLog, (request) => callerOf?.(request), tracing),
  });
  serveProbes(app, { about: { subgraph: name }, readiness, metrics });

  return {
    name,
    schema,
    execute: createLocalExecutor({ schema, execute, log: subgraphLog, logErrors, now }),
    listen: async (port = 0, host = "127.0.0.1") => `${await app.listen({ host, port })}/graphql`,
    leave: () => drain.begin(),
    close: async () => {
      await drain.end(() => app.close());
      await apollo.stop();
    },
  };
}

const OTHER_BODY = "its body is not the one that was signed";

/** Says in the header of a response for how long it is fresh. */
function useMaxAge(now: () => number): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      async willSendResponse({ response: { http, body }, contextValue: { used } }) {
        const maxAge = body.kind === "single" && !body.singleResult.errors ? used.maxAge(now()) : undefined;
        http.headers.set("cache-control", maxAge === undefined ? "no-store" : `max-age=${maxAge}`);
      },
    }),
  };
}

/** Apollo Server takes another way to execute only from what it calls a gateway. */
function executedBy(schema: GraphQLSchema, execute: ExecuteCompiled): GatewayInterface {
  return {
    load: async () => ({
      executor: async ({ document, queryHash, operationName, request, context }) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the interface does not know the server's type
        const own = context as Context;
        const { data, errors } = await execute({
          key: queryHash,
          document: () => document,
          operationName: operationName ?? undefined,
          variables: request.variables ?? {},
          context: own,
        });
        const failed = errors && errors.length > 0 ? { errors } : {};
        return { data: data ?? null, ...failed, ...explained(own.wave) };
      },
    }),
    onSchemaLoadOrUpdate(update) {
      update({ apiSchema: schema, coreSupergraphSdl: "" });
      return () => {};
    },
    stop: async () => {},
  };
}

/** The subgraph's SDL, as it is committed and composed. */
export async function printSubgraph(definition: Declaration<never>): Promise<string> {
  return sdlOf(await declaredSchema(definition));
}

async function federatedSchema<Services>(
  definition: SubgraphDefinition<Services>,
  services: Services,
): Promise<GraphQLSchema> {
  const declared = await declaredSchema(definition, services);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- two declarations of graphql-tools' resolver map
  const resolvers = createResolversMap(declared) as GraphQLResolverMap<Context>;
  const references = Object.entries(definition.references).map(([type, resolve]) => [
    type,
    {
      // oxlint-disable-next-line typescript/no-misused-spread -- an entity's resolvers are a plain map of fields
      ...resolvers[type],
      __resolveReference: (representation: Readonly<Record<string, unknown>>, context: Context) =>
        resolve(services, representation, context),
    },
  ]);
  const schema = buildSubgraphSchema([
    { typeDefs: parse(sdlOf(declared)), resolvers: { ...resolvers, ...Object.fromEntries(references) } },
  ]);
  callLazyFields(schema, declared);
  answerDryRuns(schema, declared);
  return resolveOneByOne(schema, Object.keys(definition.references));
}

/** Compiled documents read values as they are; only resolvers call functions. */
function callLazyFields(schema: GraphQLSchema, declared: GraphQLSchema): void {
  for (const type of Object.values(declared.getTypeMap())) {
    const served = schema.getType(type.name);
    if (!isObjectType(type) || !isObjectType(served)) continue;
    for (const { name, extensions } of Object.values(type.getFields())) {
      const field = served.getFields()[name];
      if (field && "lazy" in extensions) field.resolve = defaultFieldResolver;
    }
  }
}

/** Resolvers are constructed on first use, so printing a schema needs no services. */
async function declaredSchema<Services>(
  { resolvers, extended = [] }: Declaration<Services>,
  services?: Services,
): Promise<GraphQLSchema> {
  const constructed = new Map<unknown, object>();
  const schema = await buildSchema({
    resolvers,
    orphanedTypes: [...extended],
    skipCheck: true,
    validate: true,
    validateFn: validateInput,
    pubSub: NOTHING_PUBLISHED,
    container: {
      get: (resolver) => {
        const existing = constructed.get(resolver);
        if (existing) return existing;
        const created = new resolver(services);
        constructed.set(resolver, created);
        return created;
      },
    },
  });
  sortArguments(schema);
  return declareAccess(schema);
}

/** By their names: type-graphql gives them in another order each time that a process declares the schema. */
function sortArguments(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const { args } of Object.values(type.getFields())) {
      const sorted = args.toSorted((one, other) => (one.name < other.name ? -1 : 1));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- graphql-js reads the list each time
      (args as GraphQLArgument[]).splice(0, args.length, ...sorted);
    }
  }
}

/** The gateway tells events: no subgraph has any. */
const NOTHING_PUBLISHED: PubSub = {
  publish: () => {},
  subscribe: () => {
    throw new Error("a subgraph has no events");
  },
};

function sdlOf(schema: GraphQLSchema): string {
  const printed = printSchemaWithDirectives(schema).replace(/^schema \{[^}]*\}\s*/m, "");
  return `${LINK}\n\n${DEMAND_DEFINITION}\n\n${printed.trim()}\n`;
}
