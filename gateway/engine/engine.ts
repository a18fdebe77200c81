/**
 * Which engine plans and executes a query over the supergraph?
 *
 * The one with the planner written in Rust on a platform that has a build of it; elsewhere (musl, Windows) the one in
 * JavaScript. Both get the same normalised operations, and their results are completed alike.
 */
import { filterInternalFieldsAndTypes } from "@graphql-tools/federation";
import {
  DirectiveLocation,
  GraphQLSchema,
  buildASTSchema,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedDirective,
  parse,
  valueFromASTUntyped,
} from "graphql";
import type { Logger } from "pino";
import { readFieldScopes } from "../../schema/field-scopes.ts";
import type { FieldScopes } from "../../schema/field-scopes.ts";
import * as scalars from "../../schema/scalars.ts";
import { argumentOf } from "./directives.ts";
import { DEFER, readEntityKeys, withDeferredEntities, withEntities } from "./deferral.ts";
import { execute } from "./execute.ts";
import type { ClientRequest, DeferredResponse, ExecutionOptions, PlannedOperation } from "./execute.ts";
import type { Explained, ExplainedRun } from "./explained.ts";
import type { PlannerOptions } from "./planner.ts";
import { createPrepare } from "./prepare.ts";
import type { CallSubgraph } from "./run.ts";
import type { Result } from "./slots.ts";

export interface Engine {
  readonly name: "rust" | "javascript";
  /** Rejects for a supergraph that it cannot plan. */
  readonly create: (supergraph: Supergraph) => RunOperation | Promise<RunOperation>;
}

export interface Supergraph {
  readonly sdl: string;
  /** Of the SDL, with what is hidden from clients; its types have their AST nodes. */
  readonly schema: GraphQLSchema;
}

/** Rejects for a fault of the gateway, or when `call` rejects; what fails in a subgraph is a failure in the slots. */
export type RunOperation = (
  operation: PlannedOperation,
  call: CallSubgraph,
  planned?: ExplainedRun["planned"],
) => Promise<Result>;

export interface Executor {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /** Its errors suggest no names that are like a name which does not exist. */
  readonly hideSuggestions: boolean;
  readonly scopes: FieldScopes;
  /** Rejects with a GraphQLError of code LIMIT_EXCEEDED, and for a fault of the gateway. */
  execute(
    request: ClientRequest,
    options: { call: CallSubgraph; isDeferring?: boolean; explained?: Explained | undefined } & Pick<
      ExecutionOptions,
      "admit"
    >,
  ): Promise<DeferredResponse>;
}

/** `planned` is told how each plan was known. */
export async function chooseEngine(log: Logger, planned?: PlannerOptions["planned"]): Promise<Engine> {
  try {
    const { createNativeEngine, startPlanners } = await import("./native.ts");
    await startPlanners();
    return { name: "rust", create: (supergraph) => createNativeEngine(supergraph, log, planned) };
  } catch (error) {
    log.warn({ err: error }, "no native query planner: using the one in JavaScript");
    return javaScriptEngine();
  }
}

export function javaScriptEngine(): Engine {
  return {
    name: "javascript",
    // The libraries take as much memory as the rest of the gateway: only this engine needs them.
    create: async (supergraph) => (await import("./stitched.ts")).createStitchedEngine(supergraph),
  };
}

export async function createExecutor(
  engine: Engine,
  sdl: string,
  { hideSuggestions = false }: Partial<Pick<Executor, "hideSuggestions">> = {},
): Promise<Executor> {
  const full = readSchema(sdl);
  const schema = publicSchemaOf(full);
  const keys = readEntityKeys(full);
  const scopes = readFieldScopes(full);
  const prepare = createPrepare({ schema, prefix: privatePrefix(full), keys, scopes });
  const run = await engine.create({ sdl, schema: full });
  let deferring: Promise<RunOperation> | undefined;
  return {
    schema,
    hideSuggestions,
    scopes,
    execute: (request, { call, isDeferring = false, admit, explained }) =>
      execute(request, {
        schema,
        prepare,
        keys,
        hideSuggestions,
        isDeferring,
        admit,
        explained,
        run: (operation, part) => run(operation, part ? part.calls(call) : call, part?.planned),
        async runDeferred(operation, entities, part) {
          const calling = part ? part.calls(call) : call;
          if (!entities) return run(operation, calling, part?.planned);
          // Made when the first client defers: it takes as much memory as the one for all other operations.
          deferring ??= createDeferring();
          return (await deferring)(operation, withEntities(calling, entities), part?.planned);
        },
      }),
  };

  async function createDeferring(): Promise<RunOperation> {
    const deferred = withDeferredEntities(sdl, keys);
    return engine.create({ sdl: deferred, schema: readSchema(deferred) });
  }
}

/** What clients see of a supergraph. */
export function readPublicSchema(sdl: string): GraphQLSchema {
  return publicSchemaOf(readSchema(sdl));
}

function publicSchemaOf(full: GraphQLSchema): GraphQLSchema {
  return withDefer(withScalars(filterInternalFieldsAndTypes(withoutFeatures(full))));
}

function readSchema(sdl: string): GraphQLSchema {
  return buildASTSchema(parse(sdl, { noLocation: true }), { assumeValid: true, assumeValidSDL: true });
}

/** Without the directives, and their types, that the supergraph links for gateways: clients cannot use them. */
function withoutFeatures(schema: GraphQLSchema): GraphQLSchema {
  const features = (schema.astNode?.directives ?? []).flatMap((one) => {
    const [, name] = /([^/]+)\/v[\d.]+$/.exec(argumentOf(one, "url") ?? "") ?? [];
    return name === undefined ? [] : [name];
  });
  const isLinked = ({ name }: { readonly name: string }): boolean =>
    features.some((feature) => name === feature || name.startsWith(`${feature}__`));
  const { directives, types, ...config } = schema.toConfig();
  return new GraphQLSchema({
    ...config,
    directives: directives.filter((one) => !isLinked(one)),
    types: types.filter((one) => !isLinked(one)),
    assumeValid: true,
  });
}

/** The directives that clients may use, and those that every schema has; what subgraphs declare beside fields is not theirs. */
function withDefer(schema: GraphQLSchema): GraphQLSchema {
  const config = schema.toConfig();
  const known = config.directives.filter(
    (one) => isSpecifiedDirective(one) || one.locations.some((location) => EXECUTABLE.has(location)),
  );
  return new GraphQLSchema({ ...config, directives: [...known, DEFER], assumeValid: true });
}

const EXECUTABLE: ReadonlySet<DirectiveLocation> = new Set([
  DirectiveLocation.QUERY,
  DirectiveLocation.MUTATION,
  DirectiveLocation.FIELD,
  DirectiveLocation.FRAGMENT_DEFINITION,
  DirectiveLocation.FRAGMENT_SPREAD,
  DirectiveLocation.INLINE_FRAGMENT,
  DirectiveLocation.VARIABLE_DEFINITION,
]);

/** Clients' values are checked as the subgraphs check them, and handed on as they are. */
function withScalars(schema: GraphQLSchema): GraphQLSchema {
  for (const { name, parseValue, parseLiteral } of Object.values(scalars)) {
    const type = schema.getType(name);
    if (!isScalarType(type)) continue;
    type.parseValue = (value) => {
      parseValue(value);
      return value;
    };
    type.parseLiteral = (node, variables) => {
      parseLiteral(node, variables);
      return valueFromASTUntyped(node, variables);
    };
  }
  return schema;
}

/** Begins no name of a field in the schema. */
export function privatePrefix(schema: GraphQLSchema): string {
  const names = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) ? Object.keys(type.getFields()) : [],
  );
  let prefix = "s";
  while (names.some((name) => new RegExp(`^${prefix}\\d`).test(name))) prefix = `s${prefix}`;
  return prefix;
}
