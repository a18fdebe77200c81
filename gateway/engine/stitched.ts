/** The engine in JavaScript, for platforms without a build of the planner: graphql-tools stitches the subgraphs. */
import { handleFederationSupergraph } from "@graphql-mesh/fusion-runtime";
import {
  GraphQLError,
  OperationTypeNode,
  TypeInfo,
  buildASTSchema,
  execute,
  getOperationAST,
  parse,
  print,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { DocumentNode, GraphQLSchema } from "graphql";
import { readEntityKeys } from "./deferral.ts";
import type { Supergraph, RunOperation } from "./engine.ts";
import { withKeys } from "./entity-keys.ts";
import { withPlainNames } from "./plain-names.ts";
import type { CallSubgraph } from "./run.ts";
import { Failure, failNames, isSlots, place } from "./slots.ts";
import type { SubgraphError } from "./slots.ts";
import { readRequirements } from "./requirements.ts";
import type { Requirements } from "./requirements.ts";
import { TYPENAME, withTypes } from "./type-names.ts";

/** What the libraries hand on from an operation to its calls. */
interface CallContext {
  readonly call: CallSubgraph;
}

export function createStitchedEngine({ sdl, schema: full }: Supergraph): RunOperation {
  const requirements = readRequirements(full);
  // What clients do not see is selected for the fields that require it.
  const shown = withoutDirective(sdl, "inaccessible");
  const visible = buildASTSchema(shown, { assumeValid: true, assumeValidSDL: true });
  const { unifiedGraph: schema } = handleFederationSupergraph({
    unifiedGraph: visible,
    getUnifiedGraphSDL: () => print(shown),
    async onSubgraphExecute(subgraph, { document: planned, variables = {}, context }) {
      const document = withoutUnmet(planned, variables, subgraph, full, requirements);
      const operationType = getOperationAST(document)?.operation ?? OperationTypeNode.QUERY;
      const fetch = {
        number: undefined,
        subgraph,
        query: print(document),
        document,
        operationType,
        variables: Object.keys(variables),
      };
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the libraries hand on the context of `execute`
      const { data, errors = [] } = await (context as CallContext).call(fetch, variables);
      return { data, ...(errors.length > 0 && { errors: errors.map(toGraphQLError) }) };
    },
  });
  const keys = readEntityKeys(full);
  return async ({ document: source, variables, names }, call) => {
    const { document, restore, restorePath } = withPlainNames(
      withKeys(withTypes(parse(source), schema), visible, keys),
    );
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

function withoutDirective(sdl: string, name: string): DocumentNode {
  return visit(parse(sdl, { noLocation: true }), {
    Directive: (node) => (node.name.value === name ? null : undefined),
  });
}

/**
 * A fetch without the fields whose requirements it does not give: only representations of entities have them. The libraries
 * ask for such fields on the way to an entity too, and merge both answers: one of them is made without the facts.
 */
function withoutUnmet(
  document: DocumentNode,
  { representations }: Readonly<Record<string, unknown>>,
  subgraph: string,
  schema: GraphQLSchema,
  requirements: Requirements,
): DocumentNode {
  const types = new TypeInfo(schema);
  let depth = 0;
  let isEntities = false;
  return visit(
    document,
    visitWithTypeInfo(types, {
      Field: {
        enter({ name }) {
          const required = requirements.of(subgraph, types.getParentType()?.name, name.value);
          if (required.size > 0 && !(depth === 1 && isEntities && areGiven(required))) return null;
          if (depth === 0) isEntities = name.value === "_entities";
          depth += 1;
          return undefined;
        },
        leave() {
          depth -= 1;
        },
      },
      SelectionSet: {
        leave: (node) => (node.selections.length > 0 ? undefined : { ...node, selections: [TYPENAME] }),
      },
    }),
  );

  function areGiven(required: ReadonlySet<string>): boolean {
    const all: readonly unknown[] = Array.isArray(representations) ? representations : [];
    return all.every((one) => [...required].every((name) => isSlots(one) && one[name] !== undefined));
  }
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
