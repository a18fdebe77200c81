/** Under which names do subgraphs return the fields that a client selects? Under names that no client can choose. */
import { print } from "graphql";
import type { FieldNode } from "graphql";

/** Names of fields in responses of subgraphs: equal for fields that GraphQL would merge. */
export interface PrivateNames {
  nameOf(field: FieldNode): string;
  /** Of the fields that identify an entity, by their places in its key. */
  key(index: number): string;
  /** Of the list of entities whose fragment is deferred. */
  readonly entities: string;
  /** undefined for a name that is not private. */
  responseKeyOf(name: string): string | undefined;
}

export function responseKey({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

/** Names begin with `prefix` and a number. */
export function createNames(prefix: string): PrivateNames {
  const byField = new Map<FieldNode, string>();
  const byMeaning = new Map<string, string>();
  const keys = new Map<string, string>();
  return {
    nameOf(field) {
      const known = byField.get(field);
      if (known !== undefined) return known;
      const meaning = meaningOf(field);
      const name = byMeaning.get(meaning) ?? `${prefix}${byMeaning.size}`;
      byMeaning.set(meaning, name);
      byField.set(field, name);
      keys.set(name, responseKey(field));
      return name;
    },
    key: (index) => `${prefix}0k${index}`,
    entities: `${prefix}0e`,
    responseKeyOf: (name) => keys.get(name),
  };
}

/** Equal for two fields of one response key exactly where GraphQL merges them. */
function meaningOf(field: FieldNode): string {
  const given = (field.arguments ?? []).map((argument) => print(argument)).toSorted();
  return JSON.stringify([responseKey(field), field.name.value, ...given]);
}
