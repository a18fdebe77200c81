/**
 * What does the Soundtrack sandbox charge for a query?
 *
 * As documented: by the query, whatever it finds. Each account, location, sound zone, track and source that it may return
 * costs a token, and those of a list cost its `first` each, inside every object that has the list. A list without `first`
 * is taken to have a hundred, and a mutation to cost a token for each of its zones: that is not documented.
 */
import {
  Kind,
  TypeInfo,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { DocumentNode, FieldNode, GraphQLNamedType, GraphQLSchema } from "graphql";

type Variables = Readonly<Record<string, unknown>>;

const DEFAULT_FIRST = 100;

/** Of a valid document. */
export function costOf(schema: GraphQLSchema, document: DocumentNode, variables: Variables): number {
  const fragments = new Map<string, number>();
  return document.definitions.reduce(
    (sum, one) => (one.kind === Kind.OPERATION_DEFINITION ? sum + costOfNode(one) : sum),
    0,
  );

  /** A fragment costs what it selects, wherever it is spread. */
  function costOfFragment(name: string): number {
    const known = fragments.get(name);
    if (known !== undefined) return known;
    const definition = document.definitions.find(
      (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name,
    );
    const cost = definition ? costOfNode(definition) : 0;
    fragments.set(name, cost);
    return cost;
  }

  function costOfNode(node: DocumentNode["definitions"][number]): number {
    const types = new TypeInfo(schema);
    const multipliers = [1];
    let cost = 0;
    const multiplier = (): number => multipliers.at(-1) ?? 1;
    visit(
      node,
      visitWithTypeInfo(types, {
        Field: {
          enter(field) {
            const type = getNamedType(types.getType());
            const isList = type?.name.endsWith("Connection") === true;
            multipliers.push(multiplier() * (isList ? firstOf(field, variables) : 1));
            // The nodes of a list are charged with the list.
            const isNode = types.getParentType()?.name.endsWith("Edge") === true;
            if (isList || (isCharged(schema, type) && !isNode)) cost += multiplier();
            if (field.name.value === "soundZoneAssignSource") cost += zonesOf(variables);
          },
          leave: () => void multipliers.pop(),
        },
        FragmentSpread: (spread) => void (cost += multiplier() * costOfFragment(spread.name.value)),
      }),
    );
    return cost;
  }
}

/** Whether it has an id of its own. */
function isCharged(schema: GraphQLSchema, type: GraphQLNamedType | null | undefined): boolean {
  if (!type || !isCompositeType(type)) return false;
  if (isUnionType(type)) return type.getTypes().every((one) => isCharged(schema, one));
  const node = schema.getType("Node");
  return (
    type === node || ((isObjectType(type) || isInterfaceType(type)) && type.getInterfaces().some((one) => one === node))
  );
}

function firstOf({ arguments: given = [] }: FieldNode, variables: Variables): number {
  const first = given.find(({ name }) => name.value === "first")?.value;
  const value =
    first?.kind === Kind.INT ? first.value : first?.kind === Kind.VARIABLE ? variables[first.name.value] : null;
  return value === null || value === undefined ? DEFAULT_FIRST : Math.max(0, Number(value));
}

function zonesOf({ input }: Variables): number {
  const zones: unknown = typeof input === "object" && input !== null && "soundZones" in input ? input.soundZones : [];
  return Array.isArray(zones) ? zones.length : 0;
}
