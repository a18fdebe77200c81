/**
 * How do the libraries of the JavaScript engine get an operation? With the names of its fields.
 *
 * What they add to an operation, such as keys, and what they take out of it goes by those names: aliases make them plan
 * worse, or fail. So the first private name of each field without arguments gives way to the field's own, and comes back
 * in the result. The others stay.
 */
import { Kind, visit } from "graphql";
import type { DocumentNode, FieldNode, SelectionSetNode } from "graphql";
import { responseKey } from "./private-names.ts";
import type { Slots } from "./slots.ts";
import { isSlots } from "./slots.ts";

export interface PlainNames {
  readonly document: DocumentNode;
  /** The result of `document`, with private names. */
  readonly restore: (data: Slots) => Slots;
  readonly restorePath: (path: readonly (string | number)[]) => readonly (string | number)[];
}

/** Of a normalised operation. */
export function withPlainNames(source: DocumentNode): PlainNames {
  const privateNames = new Map<string, string>();
  const document = visit(source, {
    Field(node) {
      const { alias, name, arguments: given } = node;
      // A client's arguments are not those of a field that another one requires.
      if (!alias || (given && given.length > 0)) return undefined;
      if (!privateNames.has(name.value)) privateNames.set(name.value, alias.value);
      return privateNames.get(name.value) === alias.value ? { ...node, alias: undefined } : undefined;
    },
  });
  const privateName = (key: string) => privateNames.get(key) ?? key;
  const [operation] = document.definitions;
  const root = operation?.kind === Kind.OPERATION_DEFINITION ? [operation.selectionSet] : [];

  return {
    document,
    restore: (data) => restoreObject(data, root),
    restorePath: (path) => path.map((key) => (typeof key === "string" ? privateName(key) : key)),
  };

  function restoreObject(value: Slots, selectionSets: readonly SelectionSetNode[]): Slots {
    const fields = fieldsOf(selectionSets);
    const restored: Slots = Object.create(null);
    for (const key of Object.keys(value)) {
      restored[privateName(key)] = restore(value[key], fields.get(key) ?? []);
    }
    return restored;
  }

  /** The value of a leaf may be an object: its keys are no names of fields. */
  function restore(value: unknown, nodes: readonly FieldNode[]): unknown {
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (selectionSets.length === 0) return value;
    if (Array.isArray(value)) return value.map((item) => restore(item, nodes));
    return isSlots(value) ? restoreObject(value, selectionSets) : value;
  }
}

function fieldsOf(selectionSets: readonly SelectionSetNode[]): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  for (const { selections } of selectionSets) collect(selections);
  return fields;

  function collect(selections: SelectionSetNode["selections"]): void {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet.selections);
      if (selection.kind !== Kind.FIELD) continue;
      const key = responseKey(selection);
      const known = fields.get(key);
      if (known) known.push(selection);
      else fields.set(key, [selection]);
    }
  }
}
