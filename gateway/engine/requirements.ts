/** Which fields does a subgraph need of an entity to resolve one of its own? By the supergraph's `requires`. */
import { Kind, isEnumType, isInterfaceType, isObjectType, parse } from "graphql";
import type { GraphQLSchema } from "graphql";
import { argumentOf } from "./directives.ts";

export interface Requirements {
  /** Names of fields of the same type; empty for a field that needs the entity's key alone. */
  of(subgraph: string, type: string | undefined, field: string): ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** From a supergraph whose types have their AST nodes. */
export function readRequirements(schema: GraphQLSchema): Requirements {
  const graphs = graphNames(schema);
  const required = new Map<string, ReadonlySet<string>>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      for (const directive of field.astNode?.directives ?? []) {
        const [graph, requires] = [argumentOf(directive, "graph"), argumentOf(directive, "requires")];
        if (directive.name.value !== "join__field" || graph === undefined || requires === undefined) continue;
        required.set(`${graphs.get(graph) ?? graph} ${type.name}.${field.name}`, namesIn(requires));
      }
    }
  }
  return { of: (subgraph, type, field) => required.get(`${subgraph} ${type ?? ""}.${field}`) ?? NONE };
}

/** Of subgraphs, by their values of `join__Graph`. */
function graphNames(schema: GraphQLSchema): ReadonlyMap<string, string> {
  const graphs = schema.getType("join__Graph");
  if (!isEnumType(graphs)) return new Map();
  return new Map(
    graphs.getValues().map(({ name, astNode }) => {
      const directive = astNode?.directives?.find((one) => one.name.value === "join__graph");
      return [name, (directive && argumentOf(directive, "name")) ?? name];
    }),
  );
}

function namesIn(fieldSet: string): ReadonlySet<string> {
  const [definition] = parse(`{ ${fieldSet} }`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return NONE;
  return new Set(
    definition.selectionSet.selections.flatMap((one) => (one.kind === Kind.FIELD ? [one.name.value] : [])),
  );
}
