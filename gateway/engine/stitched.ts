/** The engine in JavaScript, for platforms without a build of the planner: graphql-tools stitches the subgraphs. */
import { handleFederationSupergraph } from "@graphql-mesh/fusion-runtime";
import { GraphQLError, OperationTypeNode, execute, getOperationAST, parse, print } from "graphql";
import type { Supergraph, RunOperation } from "./engine.ts";
import { withPlainNames } from "./plain-names.ts";
import type { CallSubgraph } from "./run.ts";
import { Failure, failNames, isSlots, place } from "./slots.ts";
import type { SubgraphError } from "./slots.ts";
import { withTypes } from "./type-names.ts";

/** What the libraries hand on from an operation to its calls. */
interface CallContext {
  readonly call: CallSubgraph;
}

export function createStitchedEngine({ sdl, schema: full }: Supergraph): RunOperation {
  const { unifiedGraph: schema } = handleFederationSupergraph({
    unifiedGraph: full,
    getUnifiedGraphSDL: () => sdl,
    async onSubgraphExecute(subgraph, { document, variables = {}, context }) {
      const operationType = getOperationAST(document)?.operation ?? OperationTypeNode.QUERY;
      const fetch = { subgraph, query: print(document), document, operationType, variables: Object.keys(variables) };
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the libraries hand on the context of `execute`
      const { data, errors = [] } = await (context as CallContext).call(fetch, variables);
      return { data, ...(errors.length > 0 && { errors: errors.map(toGraphQLError) }) };
    },
  });
  return async ({ document: source, variables, names }, call) => {
    const { document, restore, restorePath } = withPlainNames(withTypes(parse(source), schema));
    const { data, errors = [] } = await execute({
      schema,
      document,
      variableValues: variables,
      // A context of its own: entities that an earlier field of a mutation read are kept by it.
      contextValue: { call },
    });
    const fault = errors.find(({ extensions }) => extensions["CRITICAL_ERROR"] === true);
    if (fault) throw new Error(`Cannot plan an operation: ${fault.message}`, { cause: fault });
    const slots = isSlots(data) ? restore(data) : {};
    const unplaced = errors.filter((error) => {
      const paths = withIndices(slots, restorePath(error.path ?? []));
      return paths.filter((path) => place(slots, path, causeOf(error))).length === 0;
    });
    if (unplaced.length > 0) {
      failNames(
        slots,
        names,
        new Failure(unplaced.map((error) => ({ error: causeOf(error), path: restorePath(error.path ?? []) }))),
      );
    }
    return { slots, unplaced: unplaced.map(causeOf) };
  };
}

/** Errors of merged types come without the indices of lists: then they are of each item that has nothing there. */
function withIndices(
  value: unknown,
  path: readonly (string | number)[],
  before: readonly (string | number)[] = [],
): readonly (readonly (string | number)[])[] {
  const [key, ...rest] = path;
  if (value === null || value === undefined || value instanceof Failure) return [[...before, ...path]];
  if (key === undefined) return [];
  if (Array.isArray(value) && typeof key === "string") {
    return value.flatMap((item, index) => withIndices(item, path, [...before, index]));
  }
  const next: unknown = Reflect.get(Object(value), key);
  return withIndices(next, rest, [...before, key]);
}

function toGraphQLError({ message, path, extensions }: SubgraphError): GraphQLError {
  return new GraphQLError(message, { path, extensions });
}

function causeOf(error: GraphQLError): GraphQLError {
  return error.originalError instanceof GraphQLError ? error.originalError : error;
}
