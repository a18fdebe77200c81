/** The engine in JavaScript, for platforms without a build of the planner: graphql-tools stitches the subgraphs. */
import { handleFederationSupergraph } from "@graphql-mesh/fusion-runtime";
import { GraphQLError, execute, parse } from "graphql";
import type { NormalisedOperation } from "./normalise.ts";
import { Failure, failNames, isSlots, place } from "./slots.ts";
import type { Result } from "./slots.ts";

export type RunStitched = (operation: NormalisedOperation, context: object) => Promise<Result>;

export function createStitchedEngine(graph: Parameters<typeof handleFederationSupergraph>[0]): RunStitched {
  const { unifiedGraph: schema } = handleFederationSupergraph(graph);
  return async ({ document: source, variables, names }, context) => {
    const { data, errors = [] } = await execute({
      schema,
      document: parse(source),
      variableValues: variables,
      // A context of its own: entities that an earlier field of a mutation read are kept by it.
      contextValue: { ...context },
    });
    const slots = isSlots(data) ? data : {};
    const unplaced = errors.filter((error) => {
      const paths = withIndices(slots, error.path ?? []);
      return paths.filter((path) => place(slots, path, causeOf(error))).length === 0;
    });
    if (unplaced.length > 0) {
      failNames(
        slots,
        names,
        new Failure(unplaced.map((error) => ({ error: causeOf(error), path: error.path ?? [] }))),
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

function causeOf(error: GraphQLError): GraphQLError {
  return error.originalError instanceof GraphQLError ? error.originalError : error;
}
