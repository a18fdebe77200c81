/**
 * What do the libraries of the JavaScript engine need to know of entities? Their keys, and what their fields require.
 *
 * The libraries leave both out of some selections, and then ask for entities that nothing identifies, or for a field
 * without the facts that it is made from. So an operation selects them wherever it selects an entity.
 */
import { Kind, TypeInfo, isObjectType, parse, visit, visitWithTypeInfo } from "graphql";
import type { DocumentNode, FieldNode, GraphQLObjectType, GraphQLSchema, SelectionNode } from "graphql";
import type { EntityKeys } from "./deferral.ts";
import { argumentOf } from "./directives.ts";
import { responseKey } from "./private-names.ts";
import { TYPENAME } from "./type-names.ts";

/** Of a normalised operation, whose private names are no names of fields. `schema` has what is hidden from clients. */
export function withKeys(document: DocumentNode, schema: GraphQLSchema, keys: EntityKeys): DocumentNode {
  const types = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(types, {
      SelectionSet(node) {
        const parent = types.getParentType();
        const type = isObjectType(parent) ? schema.getType(parent.name) : undefined;
        const key = isObjectType(type) ? keys.get(type.name) : undefined;
        if (!isObjectType(type) || !key) return undefined;
        const selections = [...node.selections];
        const known = new Set(selections.map((one) => (one.kind === Kind.FIELD ? responseKey(one) : undefined)));
        const add = (field: FieldNode): void => {
          if (known.has(field.name.value)) return;
          known.add(field.name.value);
          selections.push(field);
        };
        add(TYPENAME);
        for (const value of key) add({ kind: Kind.FIELD, name: { kind: Kind.NAME, value } });
        // It grows: what a field requires may require others.
        for (const one of selections) if (one.kind === Kind.FIELD) requiredOf(type, one.name.value).forEach(add);
        return { ...node, selections };
      },
    }),
  );
}

function requiredOf(type: GraphQLObjectType, field: string): readonly FieldNode[] {
  return (type.getFields()[field]?.astNode?.directives ?? []).flatMap((directive) => {
    const requires = directive.name.value === "join__field" ? argumentOf(directive, "requires") : undefined;
    return requires === undefined ? [] : selectionsOf(requires).filter((one) => one.kind === Kind.FIELD);
  });
}

function selectionsOf(fieldSet: string): readonly SelectionNode[] {
  const [definition] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : [];
}
