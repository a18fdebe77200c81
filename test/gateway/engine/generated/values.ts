/**
 * What is the value of a field of a generated federation?
 *
 * A pure function of the seed, of the object, the field and its arguments: all subgraphs and one schema of all fields say
 * the same. A field that requires others is a function of their values too, so that it differs where one of them does.
 */
import { Kind, parse } from "graphql";
import type { FieldNode, SelectionSetNode } from "graphql";
import type { FieldModel, Model, ObjectModel } from "./model.ts";
import { namedType, possibleTypes } from "./model.ts";

/** An object that a field gives. */
export interface Source {
  readonly __typename: string;
  /** Its type over the supergraph, where a subgraph knows only an interface. */
  readonly type: string;
  /** Equal for the same object. */
  readonly at: string;
  /** Of an entity. */
  readonly number: number | undefined;
  /** Of an entity that a gateway asks for: what it says of it. */
  readonly representation?: Arguments | undefined;
}

export type Arguments = Readonly<Record<string, unknown>>;

/** Entities of a type. */
const POPULATION = 4;

export interface Values {
  /** `required` are the values of the fields that it requires. */
  valueOf(source: Source, field: string, args: Arguments, required: unknown): unknown;
  /** Throws an Error unless exactly one entity is meant. */
  find(representation: Arguments): Source;
  fieldOf(type: string, field: string): FieldModel | undefined;
  isKey(type: string, field: string): boolean;
}

export function createValues(model: Model): Values {
  const fields = new Map<string, FieldModel>();
  const objects = new Map(model.objects.map((object) => [object.name, object]));
  for (const { name, fields: own } of model.objects)
    for (const field of own) fields.set(`${name}.${field.name}`, field);
  for (const { object, implementers } of model.interfaces)
    for (const field of object?.fields ?? [])
      for (const type of implementers) fields.set(`${type}.${field.name}`, field);
  const hash = (text: string): number => hashOf(`${model.seed} ${text}`);

  return { valueOf, find, isKey, fieldOf: (type, field) => fields.get(`${type}.${field}`) };

  function isKey(type: string, field: string): boolean {
    return objects.get(type)?.keyFields.some(({ name }) => name === field) ?? !objects.has(type);
  }

  function valueOf(source: Source, name: string, args: Arguments, required: unknown): unknown {
    const key = keyValue(source, name);
    if (key !== undefined) return key;
    const field = fields.get(`${source.type}.${name}`);
    if (!field) throw new Error(`there is no field ${source.type}.${name}`);
    const [first = [], ...others] = field.owners.map((owner) => possibleTypes(model, owner, namedType(field.type)));
    const possible = first.filter((type) => others.every((types) => types.includes(type)));
    return make(field.type, `${source.at}.${name}${canonical(args)}${canonical(required)}`, possible, 0);
  }

  function make(type: string, at: string, possible: readonly string[], depth: number, isNonNull = false): unknown {
    if (type.endsWith("!")) return make(type.slice(0, -1), at, possible, depth, true);
    if (!isNonNull && hash(`${at}?`) % 7 === 0) return null;
    if (type.startsWith("[")) {
      const length = hash(`${at}#`) % (depth === 0 ? 5 : 3);
      return Array.from({ length }, (_, index) => make(type.slice(1, -1), `${at}.${index}`, possible, depth + 1));
    }
    const number = hash(at);
    const found = model.enums.find(({ name }) => name === type);
    if (found) return found.values[number % found.values.length];
    switch (type) {
      case "Int":
        return (number % 2001) - 1000;
      case "Float":
        return (number % 2001) / 8;
      case "Boolean":
        return number % 2 === 0;
      case "ID":
        return `id${number % 1000}`;
      case "String":
        return ["", "constructor", 'a"b', "__proto__", "\u{1F4A9}", `text ${number}`, `text ${number}`][number % 7];
      case "DateTime":
        return `2026-01-0${1 + (number % 9)}T00:00:00.000Z`;
      case "CountryCode":
        return number % 2 === 0 ? "DE" : "US";
      case "CurrencyCode":
        return number % 2 === 0 ? "EUR" : "USD";
      case "JSON":
        // Its keys are no names of fields.
        return JSON.parse(
          `[null, { "__proto__": ${number}, "s0": { "__typename": "x", "constructor": [] } }]`,
        ) as unknown;
      default: {
        const actual = possible[number % possible.length];
        return actual === undefined ? null : object(actual, at, (number >>> 3) % POPULATION);
      }
    }
  }

  function object(type: string, at: string, number: number): Source {
    if (objects.get(type)?.kind !== "entity") return { __typename: type, type, at, number: undefined };
    return { __typename: type, type, at: `${type}#${number}`, number };
  }

  function keyValue({ type, number = 0, at }: Source, name: string): unknown {
    const entity = objects.get(type);
    if (!entity) {
      // A part of a nested key.
      if (name === "deep") return { __typename: type.replace(/Ref$/, "Deep"), type: type.replace(/Ref$/, "Deep"), at, number }; // prettier-ignore
      return name === "zone" ? number % 2 : `${type} ${number}`;
    }
    const key = entity.keyFields.find((one) => one.name === name);
    switch (key?.role) {
      case "whole":
        return `${type}:${number}`;
      case "number":
        return key.type === "Int!" ? number : `"${number}"`;
      case "low":
        return number % 2;
      case "high":
        return `high ${number >> 1}`;
      case "nested":
        return { __typename: `${type}Ref`, type: `${type}Ref`, at: `${at}.${name}`, number };
      case undefined:
      default:
        return undefined;
    }
  }

  function find(representation: Arguments): Source {
    const { __typename: asked } = representation;
    const abstract = model.interfaces.find(({ name }) => name === asked);
    const types = abstract ? abstract.implementers : [String(asked)];
    const meant = types.flatMap((type) => {
      const entity = objects.get(type);
      if (!entity) return [];
      return Array.from({ length: POPULATION }, (_, number) => object(type, "", number)).filter((one) =>
        matches(entity, one, representation),
      );
    });
    const [one, ...others] = meant;
    if (!one || others.length > 0) throw new Error(`${meant.length} entities are ${JSON.stringify(representation)}`);
    return { ...one, representation };
  }

  function matches(entity: ObjectModel, one: Source, representation: Arguments): boolean {
    return entity.keyFields.every(
      ({ name }) => !Object.hasOwn(representation, name) || isEqual(keyValue(one, name), representation[name]),
    );
  }

  function isEqual(value: unknown, given: unknown): boolean {
    if (typeof given !== "object" || given === null) return value === given;
    return Object.entries(given).every(
      ([name, part]) => name === "__typename" || isEqual(keyValue(value as Source, name), part),
    );
  }
}

/** The values that a field set selects of an object, in its order. `read` gives one of them. */
export function selected(
  set: SelectionSetNode,
  value: unknown,
  read: (object: unknown, field: FieldNode) => unknown,
): unknown {
  if (Array.isArray(value)) return value.map((item) => selected(set, item, read));
  if (value === null || value === undefined) return null;
  return set.selections.flatMap((one) => {
    if (one.kind !== Kind.FIELD) return [];
    const found = read(value, one);
    return [one.selectionSet ? selected(one.selectionSet, found, read) : (found ?? null)];
  });
}

export function fieldSetOf(text: string): SelectionSetNode {
  const [definition] = parse(`{ ${text} }`).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`${text} is no field set`);
  return definition.selectionSet;
}

/** Equal for equal values; "" for undefined. */
export function canonical(value: unknown): string {
  if (value === undefined) return "";
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
