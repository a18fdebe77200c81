/**
 * A small federation for tests of the engine: three subgraphs, and one schema that has all their fields.
 *
 * Both resolve every field by the same functions, so that graphql-js over the one schema says what the gateway has to
 * answer. Faults are injected by name: a field that throws, or a subgraph that does not answer. Over 200 lines, because
 * both schemas and their data have to match.
 */
import { buildSubgraphSchema } from "@apollo/subgraph";
import { GraphQLError, buildSchema, execute as executeLocally, getOperationAST, parse, printSchema } from "graphql";
import type { DocumentNode, ExecutionResult, GraphQLSchema } from "graphql";
import { filterInternalFieldsAndTypes } from "@graphql-tools/federation";
import { execute } from "../../../gateway/engine/execute.ts";
import type { ExecutionResponse, PlannedOperation } from "../../../gateway/engine/execute.ts";
import type { Fetch } from "../../../gateway/engine/compile.ts";
import { privatePrefix } from "../../../gateway/engine/engine.ts";
import { createNativeEngine } from "../../../gateway/engine/native.ts";
import { createPrepare } from "../../../gateway/engine/prepare.ts";
import type { SubgraphResponse } from "../../../gateway/engine/run.ts";
import type { Answer } from "./compare.ts";
import { compose } from "../../../schema/compose.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@requires", "@external", "@inaccessible", "@shareable"])\n`;
const SCHEMAS: Readonly<Record<string, string>> = {
  items: `${LINK}
    type Query {
      item(id: ID!): Item
      items(first: Int = 2, kinds: [Kind!]): [Item!]!
      must(id: ID!): Item!
      node(id: ID!): Node
      search(text: String, where: Where): [Result]
      things: [Thing!]!
    }
    type Mutation { setTitle(id: ID!, title: String!): Item! }
    interface Node { id: ID! }
    interface Thing { label: String size(unit: Unit = CM): Float }
    enum Kind { SMALL LARGE }
    enum Unit { CM INCH }
    input Where { kind: Kind, ids: [ID!], nested: Where, limit: Int = 3 }
    type Item implements Node & Thing @key(fields: "id") {
      id: ID! title: String! label: String kind: Kind! tags: [String!]! size(unit: Unit = CM): Float parts: [Part!]! owner: Owner! next: Item
      constructor: String
    }
    type Part { name: String! constructor: String weight: Int item: Item! }
    type Owner @key(fields: "id", resolvable: false) { id: ID! }
    type Note implements Thing { label: String size(unit: Unit = CM): Float text: String! about: Item }
    union Result = Item | Note | Owner
  `,
  owners: `${LINK}
    type Query { owner(id: ID!): Owner }
    type Mutation { rename(ownerId: ID!, name: String!): Owner }
    type Item @key(fields: "id") { id: ID! price: Int! grade(of: ID!): String! hidden: Facts @inaccessible }
    type Facts { title: String level: Int @inaccessible }
    type Owner @key(fields: "id") { id: ID! name: String! items(first: Int): [Item!]! friend: Owner }
  `,
  verdicts: `${LINK}
    type Item @key(fields: "id") {
      id: ID!
      hidden: Facts @external
      verdict: String @requires(fields: "hidden { title level }")
      score(of: ID): Int!
    }
    type Facts { title: String @external level: Int @external }
  `,
};
/** The subgraph that resolves a field; `items` resolves all others. */
const OWNERS: Readonly<Record<string, string>> = {
  "Query.owner": "owners",
  "Mutation.rename": "owners",
  "Item.price": "owners",
  "Item.grade": "owners",
  "Owner.name": "owners",
  "Owner.items": "owners",
  "Owner.friend": "owners",
  "Item.verdict": "verdicts",
  "Item.score": "verdicts",
};
/** Every subgraph resolves the key of its own references: `Item.id`, `Owner.id`. */
const KEYS: ReadonlySet<string> = new Set(["Item.id", "Owner.id"]);

type Row = Record<string, unknown> & { readonly __typename: string };
type Arguments = Readonly<Record<string, unknown>>;

/** A field (`Item.title`) or a subgraph (`owners`). */
export type Fault = string | undefined;

interface World {
  readonly items: Map<string, Row>;
  readonly owners: Map<string, Row>;
}

function createWorld(): World {
  const items = new Map<string, Row>();
  const owners = new Map<string, Row>();
  for (let n = 1; n <= 5; n += 1) {
    items.set(`i${n}`, {
      __typename: "Item",
      id: `i${n}`,
      title: `title ${n}`,
      label: n === 2 ? null : `label ${n}`,
      kind: n % 2 === 0 ? "LARGE" : "SMALL",
      tags: n === 3 ? [] : ["a", "b", `t${n}`],
      cm: n * 2.5,
      parts: Array.from({ length: n % 4 }, (_, index) => `p${index}`),
      ownerId: `o${(n % 3) + 1}`,
      nextId: n < 5 ? `i${n + 1}` : null,
      constructor: n === 4 ? null : `built ${n}`,
      price: n * 100,
      facts: n === 5 ? null : { title: `fact ${n}`, level: n },
    });
  }
  for (let n = 1; n <= 3; n += 1) {
    owners.set(`o${n}`, { __typename: "Owner", id: `o${n}`, name: `owner ${n}`, friendId: n < 3 ? `o${n + 1}` : null });
  }
  return { items, owners };
}

function field(type: string, name: string, source: Row, args: Arguments, world: World): unknown {
  const item = (id: unknown) => world.items.get(String(id)) ?? null;
  const owner = (id: unknown) => world.owners.get(String(id)) ?? null;
  switch (`${type}.${name}`) {
    case "Query.item":
    case "Query.must":
      return item(args["id"]);
    case "Query.owner":
      return owner(args["id"]);
    case "Query.node":
      return item(args["id"]);
    case "Query.items": {
      const kinds = args["kinds"] as readonly string[] | undefined;
      const all = [...world.items.values()].filter(({ kind }) => !kinds || kinds.includes(String(kind)));
      return all.slice(0, Number(args["first"] ?? 2));
    }
    case "Query.things":
      return [item("i1"), note("n1", "i2"), item("i2"), note("n2", null)];
    case "Query.search": {
      const where = args["where"] as Arguments | undefined;
      const found = [item("i1"), owner("o1"), note("n1", "i2"), null, owner("o2"), item("i3")];
      return found.slice(0, where ? Number(where["limit"] ?? 1) : 6);
    }
    case "Mutation.setTitle": {
      const changed = item(args["id"]);
      if (changed) changed["title"] = args["title"];
      return changed;
    }
    case "Mutation.rename": {
      const renamed = owner(args["ownerId"]);
      if (renamed) renamed["name"] = args["name"];
      return renamed;
    }
    case "Item.size":
    case "Note.size":
      return Number(source["cm"]) / (args["unit"] === "INCH" ? 2.5 : 1);
    case "Item.parts":
      return (source["parts"] as readonly string[]).map((part, index) => ({
        __typename: "Part",
        name: part,
        weight: index === 0 ? null : index,
        constructor: `c${index}`,
        itemId: source["nextId"] ?? "i1",
      }));
    case "Part.item":
      return item(source["itemId"]);
    case "Item.owner":
      return owner(source["ownerId"]);
    case "Item.next":
      return item(source["nextId"]);
    case "Item.grade":
      return `${String(source["id"])} by ${String(args["of"])}`;
    case "Item.hidden":
      return source["facts"];
    case "Item.verdict": {
      const facts = source["facts"] as Arguments | null;
      return facts ? `${String(facts["title"])}/${String(facts["level"])}` : "no facts";
    }
    case "Item.score":
      return String(source["id"]).length + (typeof args["of"] === "string" ? args["of"].length : 0);
    case "Owner.items":
      return [...world.items.values()]
        .filter(({ ownerId }) => ownerId === source["id"])
        .slice(0, Number(args["first"] ?? 9));
    case "Owner.friend":
      return owner(source["friendId"]);
    case "Note.about":
      return item(source["aboutId"]);
    default:
      return source[name];
  }
}

function note(text: string, aboutId: string | null): Row {
  return { __typename: "Note", text, aboutId, label: `note ${text}`, cm: 5 };
}

function fails(type: string, name: string, fault: Fault): boolean {
  const coordinate = `${type}.${name}`;
  if (fault === undefined || KEYS.has(coordinate)) return false;
  if (fault === coordinate || fault === (OWNERS[coordinate] ?? "items")) return true;
  // It needs the hidden facts, which `owners` resolves.
  return coordinate === "Item.verdict" && (fault === "owners" || fault === "Item.hidden" || fault === "Facts.level");
}

function resolverOf(type: string, name: string, world: () => World, fault: () => Fault) {
  return (source: unknown, args: Arguments): unknown => {
    if (fails(type, name, fault()) && fault() !== (OWNERS[`${type}.${name}`] ?? "items"))
      throw new GraphQLError(`fault ${type}.${name}`);
    return field(type, name, (source ?? {}) as Row, args, world());
  };
}

export interface TestFederation {
  readonly publicSchema: GraphQLSchema;
  gateway(document: DocumentNode, variables: Arguments, fault?: Fault): Promise<Answer>;
  oracle(document: DocumentNode, variables: Arguments, fault?: Fault): Promise<Answer>;
  /** Calls since the last one to `gateway` began. */
  readonly calls: readonly { readonly subgraph: string; readonly variables: Arguments }[];
}

export function createFederation(): TestFederation {
  const names = Object.keys(SCHEMAS);
  const federation = {
    subgraphs: names.map((name) => ({ name, routingUrl: `http://${name}`, file: `${name}.graphql` })),
  };
  const supergraph = compose(federation, new Map(names.map((name) => [`${name}.graphql`, SCHEMAS[name] ?? ""])));
  let world = createWorld();
  let fault: Fault;
  const subgraphs = new Map(
    names.map((name) => [
      name,
      subgraphSchema(
        SCHEMAS[name] ?? "",
        () => world,
        () => fault,
      ),
    ]),
  );
  const fullSchema = buildSchema(supergraph, { assumeValid: true, assumeValidSDL: true });
  const publicSchema = buildSchema(printSchema(filterInternalFieldsAndTypes(fullSchema)));
  const native = createNativeEngine({ sdl: supergraph, schema: fullSchema });
  const prepare = createPrepare({
    schema: publicSchema,
    prefix: privatePrefix(fullSchema),
    keys: new Map(),
    scopes: new Map(),
  });
  const oracleSchema = buildSchema(printSchema(publicSchema));
  for (const type of Object.values(oracleSchema.getTypeMap())) {
    if (!("getFields" in type) || type.name.startsWith("__") || "parseValue" in type) continue;
    for (const one of Object.values(type.getFields())) {
      if (!("args" in one)) continue;
      one.resolve = (source: unknown, args: Arguments) => {
        if (fails(type.name, one.name, fault)) throw new GraphQLError(`fault ${type.name}.${one.name}`);
        return field(type.name, one.name, (source ?? {}) as Row, args, world);
      };
    }
  }
  const calls: { subgraph: string; variables: Arguments }[] = [];

  return {
    publicSchema,
    calls,
    async gateway(document, variables, injected) {
      [world, fault] = [createWorld(), injected];
      calls.length = 0;
      const operation = getOperationAST(document);
      if (!operation) throw new Error("no operation");
      const run = async (one: PlannedOperation) => (await native)(one, call);
      const options = {
        schema: publicSchema,
        prepare,
        run,
        runDeferred: run,
        keys: new Map(),
        hideSuggestions: false,
        isDeferring: false,
      };
      return toAnswer((await execute({ document, operation, variables, scopes: new Set() }, options)).response);

      async function call({ subgraph, document: asked }: Fetch, values: Arguments): Promise<SubgraphResponse> {
        const sent = JSON.parse(JSON.stringify(values)) as Arguments;
        calls.push({ subgraph, variables: sent });
        if (subgraph === fault) return { errors: [{ message: `Cannot ask ${subgraph}` }] };
        const schema = subgraphs.get(subgraph);
        if (!schema) throw new Error(`no subgraph ${subgraph}`);
        const result = await executeLocally({ schema, document: asked, variableValues: sent });
        return JSON.parse(JSON.stringify(result)) as SubgraphResponse;
      }
    },
    async oracle(document, variables, injected) {
      [world, fault] = [createWorld(), injected];
      return toAnswer(await executeLocally({ schema: oracleSchema, document, variableValues: variables }));
    },
  };
}

function subgraphSchema(sdl: string, world: () => World, fault: () => Fault): GraphQLSchema {
  const schema = buildSubgraphSchema(parse(sdl));
  for (const type of Object.values(schema.getTypeMap())) {
    if (!("getFields" in type) || type.name.startsWith("_") || "parseValue" in type) continue;
    for (const one of Object.values(type.getFields())) {
      if (!("args" in one) || one.name.startsWith("_")) continue;
      one.resolve = resolverOf(type.name, one.name, world, fault);
    }
    if ("isTypeOf" in type && (type.name === "Item" || type.name === "Owner")) {
      const rows = (): Map<string, Row> => (type.name === "Item" ? world().items : world().owners);
      type.extensions = {
        ...type.extensions,
        apollo: {
          subgraph: {
            resolveReference: ({ id, hidden }: { readonly id: string; readonly hidden?: unknown }) => {
              const row = rows().get(id);
              // This subgraph knows only the facts in the representation.
              return row && sdl.includes("@requires(") ? { ...row, facts: hidden ?? null } : row;
            },
          },
        },
      };
    }
  }
  return schema;
}

function toAnswer({ data, errors = [] }: ExecutionResult | ExecutionResponse): Answer {
  return {
    data: data === undefined ? undefined : (JSON.parse(JSON.stringify(data)) as unknown),
    paths: errors.map(({ path }) => (path ?? ["<none>"]).join(".")).toSorted(),
    errors: errors.map(({ message, path }) => `${(path ?? []).join(".")}: ${message}`),
  };
}
