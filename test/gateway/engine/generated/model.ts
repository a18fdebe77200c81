/**
 * What is a generated federation, before it is printed as the schemas of subgraphs?
 *
 * Types with all their fields, and which subgraph has what of them. Values of fields follow from this alone.
 */
export interface Model {
  readonly seed: number;
  readonly subgraphs: readonly string[];
  readonly enums: readonly EnumModel[];
  readonly inputs: readonly InputModel[];
  readonly objects: ObjectModel[];
  readonly interfaces: InterfaceModel[];
  readonly unions: UnionModel[];
}

export interface EnumModel {
  readonly name: string;
  readonly values: readonly string[];
}

export interface InputModel {
  readonly name: string;
  readonly fields: readonly ArgumentModel[];
  /** A subgraph whose input has one more field, which composition removes. */
  readonly extraIn: string | undefined;
}

export interface ArgumentModel {
  readonly name: string;
  readonly type: string;
  /** As GraphQL. */
  readonly defaultValue: string | undefined;
}

export interface ObjectModel {
  readonly kind: "root" | "entity" | "value";
  readonly name: string;
  /** Those that define it; for an entity, those that resolve it by a key. */
  readonly subgraphs: string[];
  /** Of an entity: its keys in each subgraph, as field sets. */
  readonly keys: Map<string, readonly string[]>;
  /** Of an entity: those that know its key alone, with that key. */
  readonly stubs: Map<string, string>;
  readonly keyFields: readonly KeyField[];
  readonly fields: FieldModel[];
  readonly interfaces: string[];
}

/** What a field of a key says of an entity's number: the number, or one of two parts that identify it together. */
export type KeyRole = "whole" | "number" | "low" | "high" | "nested";

export interface KeyField {
  readonly name: string;
  readonly type: string;
  readonly role: KeyRole;
}

export interface FieldModel {
  readonly name: string;
  readonly type: string;
  readonly args: readonly ArgumentModel[];
  /** Subgraphs that resolve it. */
  readonly owners: readonly string[];
  readonly override: string | undefined;
  readonly requires: Requirement | undefined;
  provides: string | undefined;
  isShareable: boolean;
  readonly isInaccessible: boolean;
  /** Subgraphs that take it from a representation. */
  readonly externalIn: Set<string>;
  /** Subgraphs that resolve it on some paths. */
  readonly providedIn: Set<string>;
}

export interface Requirement {
  readonly fields: string;
}

export interface InterfaceModel {
  readonly name: string;
  readonly subgraphs: readonly string[];
  /** Which subgraphs have which of its fields. */
  readonly fields: FieldModel[];
  readonly implementers: readonly string[];
  /** The key field that all implementers have. */
  readonly key: KeyField | undefined;
  /** The subgraph that sees it as one type of objects, and the fields that it adds. */
  readonly object: { readonly subgraph: string; readonly fields: readonly FieldModel[] } | undefined;
}

export interface UnionModel {
  readonly name: string;
  /** By subgraph. */
  readonly members: ReadonlyMap<string, readonly string[]>;
}

/** The name without lists and non-null. */
export function namedType(type: string): string {
  return type.replaceAll(/[[\]!]/g, "");
}

/** The types of objects that a subgraph may give for a named type; empty for scalars and enums. */
export function possibleTypes(model: Model, subgraph: string, name: string): readonly string[] {
  const union = model.unions.find((one) => one.name === name);
  if (union) return union.members.get(subgraph) ?? [];
  const abstract = model.interfaces.find((one) => one.name === name);
  if (abstract?.subgraphs.includes(subgraph))
    return abstract.implementers.filter((type) => isKnown(model, subgraph, type));
  if (abstract) return abstract.implementers;
  return model.objects.some((one) => one.name === name) ? [name] : [];
}

function isKnown({ objects }: Model, subgraph: string, type: string): boolean {
  return objects.some(({ name, subgraphs, stubs }) => name === type && (subgraphs.includes(subgraph) || stubs.has(subgraph))); // prettier-ignore
}

/** The types of values that fields give to other subgraphs by `@requires`. */
export function requiredTypes({ objects }: Model): ReadonlySet<string> {
  const required = new Set<string>();
  const add = (type: string): void => {
    const object = objects.find(({ kind, name }) => kind === "value" && name === namedType(type));
    if (!object || required.has(object.name)) return;
    required.add(object.name);
    for (const field of object.fields) add(field.type);
  };
  for (const { fields } of objects) for (const { type, externalIn } of fields) if (externalIn.size > 0) add(type);
  return required;
}
