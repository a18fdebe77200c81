/**
 * Which operations might a client send? Random ones, valid, with names chosen to collide.
 *
 * Aliases are taken from names that a planner, a runtime or JavaScript itself uses; the same field is selected again and
 * again, plainly and through fragments, with literals and with variables, with conditions on both. The file is long
 * because its functions call each other.
 */
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from "graphql";
import type { DocumentNode, GraphQLCompositeType, GraphQLInputType, GraphQLSchema } from "graphql";

/** Of selections: those of lists of lists of objects would be very many. */
const MAX_DEPTH = 7;

export const HOSTILE_NAMES = [
  "id", "facts", "hidden", "__proto__", "constructor", "__typename", "representations", "_entities", "_e0", "s0", "s1", "toString",
  "hasOwnProperty", "_internal_qp_alias_0", "__batch_reps_0", "title", "level", "data", "then", "episodeFacts",
] as const; // prettier-ignore

export type Variables = Readonly<Record<string, unknown>>;

export interface RandomOperation {
  readonly source: string;
  readonly document: DocumentNode;
  /** Of several requests with the document: conditions flipped, arguments given, null and left out. */
  readonly variants: readonly [Variables, ...Variables[]];
}

interface Variable {
  readonly declaration: string;
  readonly name: string;
  readonly mayBeAbsent: boolean;
  readonly mayBeNull: boolean;
  readonly make: () => unknown;
}

/** Values of arguments by their names, so that operations find something. */
export type Values = Readonly<Record<string, readonly unknown[]>>;

/** Generates operations until one is valid. */
export function randomOperation(schema: GraphQLSchema, random: () => number, values: Values): RandomOperation {
  for (;;) {
    const made = generate(schema, random, values);
    const document = parse(made.source);
    if (validate(schema, document).length === 0) return { ...made, document };
  }
}

function generate(schema: GraphQLSchema, random: () => number, values: Values): Omit<RandomOperation, "document"> {
  const chance = (probability: number): boolean => random() < probability;
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const declared: Variable[] = [];
  const fragments: string[] = [];
  const named: { readonly name: string; readonly type: GraphQLCompositeType }[] = [];

  const isMutation = chance(0.15) && schema.getMutationType() != null;
  const root = isMutation ? schema.getMutationType() : schema.getQueryType();
  if (!root) throw new Error("the schema has no root");
  const selection = selectionOf(root, 0);
  const head = declared.length > 0 ? `(${declared.map(({ declaration }) => declaration).join(", ")})` : "";
  const source = [`${isMutation ? "mutation" : "query"} ${head} ${selection}`, ...fragments].join("\n");
  return { source, variants: [variablesOf(0), ...(declared.length > 0 ? [variablesOf(0.3), variablesOf(0.3)] : [])] };

  function variablesOf(unusual: number): Variables {
    const variables: Record<string, unknown> = Object.create(null);
    for (const { name, mayBeAbsent, mayBeNull, make } of declared) {
      if (mayBeAbsent && chance(unusual)) continue;
      variables[name] = mayBeNull && chance(unusual) ? null : make();
    }
    return variables;
  }

  function selectionOf(type: GraphQLCompositeType, depth: number): string {
    const parts: string[] = [];
    for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) parts.push(partOf(type, depth));
    return `{ ${parts.join(" ")} }`;
  }

  function partOf(type: GraphQLCompositeType, depth: number): string {
    if (depth < MAX_DEPTH && chance(0.2)) return fragmentOf(type, depth);
    if (type === root && !isMutation && chance(0.05)) return `__schema${condition()} { queryType { name } }`;
    if (!("getFields" in type) || depth >= MAX_DEPTH || chance(0.08)) return `${alias(0.3)}__typename${condition()}`;
    const fields = Object.values(type.getFields());
    const field = pick(depth > 3 ? leaves(fields) : fields);
    const args = field.args
      .filter(
        ({ type: argument, defaultValue }) => (isNonNullType(argument) && defaultValue === undefined) || chance(0.6),
      )
      .map(
        ({ name, type: argument, defaultValue }) => `${name}: ${valueOf(name, argument, defaultValue !== undefined)}`,
      );
    const below = getNamedType(field.type);
    const selected = isCompositeType(below) ? ` ${selectionOf(below, depth + 1)}` : "";
    return `${alias(0.35)}${field.name}${args.length > 0 ? `(${args.join(", ")})` : ""}${condition()}${selected}`;
  }

  function leaves<Field extends { readonly type: unknown }>(fields: readonly Field[]): readonly Field[] {
    const plain = fields.filter(({ type }) => !isCompositeType(getNamedType(type as GraphQLCompositeType)));
    return plain.length > 0 ? plain : fields;
  }

  function fragmentOf(type: GraphQLCompositeType, depth: number): string {
    const known = named.filter((fragment) => overlaps(fragment.type, type));
    if (known.length > 0 && chance(0.4)) return `...${pick(known).name}${condition()}`;
    const on = pick(
      Object.values(schema.getTypeMap()).filter(
        (one) => isCompositeType(one) && !one.name.startsWith("__") && overlaps(one, type),
      ),
    ) as GraphQLCompositeType;
    if (chance(0.6))
      return `... ${chance(0.2) ? "" : `on ${on.name}`}${condition()} ${selectionOf(chance(0.2) ? type : on, depth + 1)}`;
    const body = selectionOf(on, depth + 1);
    const name = `F${named.length}`;
    named.push({ name, type: on });
    fragments.push(`fragment ${name} on ${on.name} ${body}`);
    return `...${name}${condition()}`;
  }

  function overlaps(left: GraphQLCompositeType, right: GraphQLCompositeType): boolean {
    return possible(left).some((type) => possible(right).includes(type));
  }

  function possible(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    return isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
  }

  function alias(probability: number): string {
    return chance(probability) ? `${pick(HOSTILE_NAMES)}: ` : "";
  }

  function condition(): string {
    if (!chance(0.12)) return "";
    const isSet = (): boolean => chance(0.5);
    const value = chance(0.5)
      ? isSet()
      : chance(0.7)
        ? variable("Boolean!", isSet, false)
        : variable(pick(["Boolean", "Boolean!"]), isSet, false, String(isSet()));
    return ` @${pick(["skip", "include"])}(if: ${value})`;
  }

  function variable(type: string, make: () => unknown, mayBeNull = !type.endsWith("!"), defaultValue?: string): string {
    const name = chance(0.3)
      ? pick(HOSTILE_NAMES.filter((one) => !declared.some((other) => other.name === one)))
      : `v${declared.length}`;
    const declaration = `$${name}: ${type}${defaultValue === undefined ? "" : ` = ${defaultValue}`}`;
    const mayBeAbsent = defaultValue !== undefined || !type.endsWith("!");
    declared.push({ name, declaration, mayBeAbsent, mayBeNull, make });
    return `$${name}`;
  }

  /** A variable may be null where its place has a default, and may have a default itself. */
  function valueOf(name: string, type: GraphQLInputType, hasDefault = false, depth = 0): string {
    const make = (): unknown => plainValue(name, type, depth);
    if (!chance(depth === 0 ? 0.4 : 0.15)) return literal(make(), type);
    const loose = String(type).replace(/!$/, "");
    const defaultValue = chance(0.2) ? constantOf(make(), type) : undefined;
    const isLoose = chance(0.3) && (hasDefault || (defaultValue !== undefined && defaultValue !== "null"));
    return variable(isLoose ? loose : chance(0.15) ? `${loose}!` : String(type), make, undefined, defaultValue);
  }

  function plainValue(name: string, type: GraphQLInputType, depth: number): unknown {
    if (isNonNullType(type)) return plainValue(name, type.ofType, depth);
    if (isListType(type))
      return Array.from({ length: Math.floor(random() * 3) }, () => plainValue(name, type.ofType, depth));
    if (isEnumType(type)) return pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        ({ type: one }) => isNonNullType(one) || (depth < 2 && chance(0.5)),
      );
      return Object.fromEntries(fields.map((field) => [field.name, plainValue(field.name, field.type, depth + 1)]));
    }
    const known = values[name] ?? values[type.name];
    if (known) return pick(known);
    if (type.name === "Int") return Math.floor(random() * 5);
    if (type.name === "Boolean") return chance(0.5);
    if (type.name === "Float") return random() * 10;
    return pick(["", "x", "\u{1F4A9}", '"quoted"', "line\nbreak", "i1"]);
  }

  /** Some of its parts are variables. */
  function literal(value: unknown, type: GraphQLInputType): string {
    return print(value, type, (name, part, inner) => (chance(0.15) ? valueOf(name, inner, false, 1) : part));
  }

  function constantOf(value: unknown, type: GraphQLInputType): string {
    return print(value, type, (_, part) => part);
  }

  function print(
    value: unknown,
    type: GraphQLInputType,
    change: (name: string, part: string, type: GraphQLInputType) => string,
  ): string {
    if (isNonNullType(type)) return print(value, type.ofType, change);
    if (value === null) return "null";
    if (isListType(type)) {
      const items = (value as readonly unknown[]).map((item) =>
        change("", print(item, type.ofType, change), type.ofType),
      );
      return `[${items.join(", ")}]`;
    }
    if (isEnumType(type)) return typeof value === "string" ? value : "null";
    if (isInputObjectType(type)) {
      const fields = type.getFields();
      const parts = Object.entries(value as object).map(([name, part]) => {
        const field = fields[name];
        return `${name}: ${field ? change(name, print(part, field.type, change), field.type) : "null"}`;
      });
      return `{ ${parts.join(", ")} }`;
    }
    return JSON.stringify(value);
  }
}
