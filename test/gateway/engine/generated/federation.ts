/**
 * A federation whose values are generated, its gateway, and one schema of all its fields that says what the gateway has to
 * answer.
 *
 * A fault of a field is one of that field in the one schema. A fault of a subgraph is found there by what the gateway no
 * longer resolves: each field of an object that a healthy subgraph resolved at the root of a fetch and that none resolves
 * now has failed. Where one field of one object was asked for several times and only some of them failed, the one schema
 * cannot say which, and there is no answer to compare with. The file is long because both share what the values are.
 */
import { GraphQLError, buildASTSchema, buildSchema, execute, getArgumentValues, getNamedType, getOperationAST, isLeafType, isObjectType, parse, printSchema } from "graphql"; // prettier-ignore
import type { DocumentNode, ExecutionResult, GraphQLFieldResolver, GraphQLSchema, SelectionSetNode } from "graphql";
import { createExecutor } from "../../../../gateway/engine/engine.ts";
import type { Engine, Executor } from "../../../../gateway/engine/engine.ts";
import type { ExecutionResponse } from "../../../../gateway/engine/execute.ts";
import type { CallSubgraph, SubgraphResponse } from "../../../../gateway/engine/run.ts";
import { compose } from "../../../../schema/compose.ts";
import { readFieldScopes, requirementsIn } from "../../../../schema/field-scopes.ts";
import { satisfies } from "../../../../schema/scope.ts";
import { ANYBODY } from "../../../../subgraphs/platform/caller.ts";
import type { Answer } from "../compare.ts";
import { executableSchema } from "./executable.ts";
import { generateModel } from "./generate.ts";
import type { Naming } from "./generate.ts";
import { namedType, requiredTypes } from "./model.ts";
import type { Model } from "./model.ts";
import { printSubgraph } from "./print.ts";
import { scopesOf, withDrawnScopes } from "./scopes.ts";
import { canonical, createValues, fieldSetOf, selected } from "./values.ts";
import type { Arguments, Source } from "./values.ts";

export type Fault =
  | { readonly kind: "field" | "null" | "wrong"; readonly coordinate: string }
  | { readonly kind: "subgraph"; readonly subgraph: string; readonly form: number }
  /** It does not find every second entity. */
  | { readonly kind: "missing"; readonly subgraph: string };

/** Fields of objects that subgraphs resolved. */
interface Resolved {
  /** How often at the root of a fetch. */
  readonly fetched: ReadonlyMap<string, number>;
  /** Those of an entity below the root of one. */
  readonly nested: ReadonlySet<string>;
}

export interface GeneratedFederation {
  readonly model: Model;
  readonly supergraph: string;
  readonly publicSchema: GraphQLSchema;
  /** Fields that may fail, and those whose values may be of another type. */
  readonly coordinates: Readonly<Record<"field" | "wrong", readonly string[]>>;
  gateway(engine: string, document: DocumentNode, variables: Arguments, fault?: Fault, scopes?: ReadonlySet<string>): Promise<Answer & { readonly resolved: Resolved }>; // prettier-ignore
  /** undefined where it cannot say. */
  oracle(
    document: DocumentNode,
    variables: Arguments,
    fault?: Fault,
    resolved?: { readonly healthy: Resolved; readonly now: Resolved },
    scopes?: ReadonlySet<string>,
  ): Promise<Answer | undefined>;
}

/** Rejects for a federation that does not compose. */
export async function createGenerated(
  seed: number,
  naming: Naming,
  engines: readonly Engine[],
): Promise<GeneratedFederation> {
  const model = generateModel(seed, naming);
  const schemas = new Map(model.subgraphs.map((name) => [name, printSubgraph(model, name)]));
  const supergraph = compose(
    { subgraphs: model.subgraphs.map((name) => ({ name, routingUrl: `http://${name}`, file: name })) },
    schemas,
  );
  return createModelled({ model, supergraph: withDrawnScopes(supergraph, seed), schemas }, engines);
}

export interface Modelled {
  /** Of the schemas. */
  readonly model: Model;
  readonly supergraph: string;
  /** SDL by the names of subgraphs. */
  readonly schemas: ReadonlyMap<string, string>;
}

export async function createModelled(
  { model, supergraph, schemas }: Modelled,
  engines: readonly Engine[],
): Promise<GeneratedFederation> {
  const values = createValues(model);
  const executors = new Map<string, Executor>();
  for (const engine of engines) executors.set(engine.name, await createExecutor(engine, supergraph));
  const publicSchema = [...executors.values()][0]?.schema ?? buildSchema("type Query { nothing: Int }");
  const oracleSchema = buildSchema(printSchema(publicSchema));
  const fullSchema = buildASTSchema(parse(supergraph), { assumeValid: true, assumeValidSDL: true });
  const servers = new Map([...schemas].map(([name, sdl]) => [name, executableSchema(sdl)]));
  const guards = new Map([...servers].map(([name, schema]) => [name, readFieldScopes(schema)]));
  const fieldSets = new Map<string, SelectionSetNode>();
  const required = scopesOf(supergraph);

  return {
    model,
    supergraph,
    publicSchema,
    coordinates: coordinatesOf(),
    async gateway(engine, document, variables, fault, scopes = ANYBODY.scopes) {
      const resolved = { fetched: new Map<string, number>(), nested: new Set<string>() };
      const call: CallSubgraph = async ({ subgraph, document: asked }, given) => {
        if (fault?.kind === "subgraph" && fault.subgraph === subgraph) return downs(subgraph)[fault.form] ?? {};
        const refused = refusedBy(subgraph, asked, scopes);
        if (refused !== undefined)
          throw new Error(`${subgraph} was asked for ${refused}, which the caller may not have`);
        return serve(subgraph, asked, JSON.parse(JSON.stringify(given)) as Arguments, fault, resolved);
      };
      const operation = getOperationAST(document);
      const executor = executors.get(engine);
      if (!operation || !executor) throw new Error("no operation, or no engine");
      const { response } = await executor.execute({ document, operation, variables, scopes }, { call });
      return { ...toAnswer(response), resolved };
    },
    async oracle(document, variables, fault, resolved, scopes = ANYBODY.scopes) {
      const lost = new Set<string>();
      if (resolved && (fault?.kind === "subgraph" || fault?.kind === "missing"))
        for (const [place, before] of resolved.healthy.fetched) {
          const now = resolved.now.fetched.get(place) ?? 0;
          if (now < before && (now > 0 || resolved.now.nested.has(place))) return undefined;
          if (now === 0) lost.add(place);
        }
      const read = (source: Source, name: string, args: Arguments): unknown => {
        if (failsAt(source, name, fault)) {
          if (fault?.kind === "null") return null;
          throw new GraphQLError(`fault ${source.type}.${name}`);
        }
        if (lost.has(placeOf(source, name, args))) {
          if (fault?.kind === "missing") return null;
          throw new GraphQLError(`fault ${source.type}.${name}`);
        }
        const set = requirementOf(source, name);
        const needed = set && selected(set, source, (object, node) => {
          const type = fullSchema.getType((object as Source).type);
          const definition = isObjectType(type) ? type.getFields()[node.name.value] : undefined;
          return read(object as Source, node.name.value, definition ? getArgumentValues(definition, node) : {});
        }); // prettier-ignore
        return values.valueOf(source, name, args, needed);
      };
      return toAnswer(
        await execute({
          schema: oracleSchema,
          document,
          variableValues: variables,
          fieldResolver: (source: Source | undefined, args: Arguments, _, info) => {
            const needed = required.get(`${info.parentType.name}.${info.fieldName}`);
            if (needed && !satisfies(scopes, needed)) throw new GraphQLError("forbidden");
            return read(source ?? rootOf(info.parentType.name), info.fieldName, args);
          },
          typeResolver: (source: Source) => source.type,
        }),
      );
    },
  };

  /** A field that the subgraph would not give to a caller with these scopes. */
  function refusedBy(subgraph: string, asked: DocumentNode, scopes: ReadonlySet<string>): string | undefined {
    const schema = servers.get(subgraph);
    const required = guards.get(subgraph);
    if (!schema || !required) return undefined;
    for (const [needed, field] of requirementsIn([asked], schema, required))
      if (!satisfies(scopes, needed)) return field;
    return undefined;
  }

  async function serve(
    subgraph: string,
    document: DocumentNode,
    variables: Arguments,
    fault: Fault | undefined,
    resolved: { readonly fetched: Map<string, number>; readonly nested: Set<string> },
  ): Promise<SubgraphResponse> {
    const schema = servers.get(subgraph);
    if (!schema) throw new Error(`no subgraph ${subgraph}`);
    const wrong: { readonly path: readonly (string | number)[]; readonly value: unknown }[] = [];
    const fieldResolver: GraphQLFieldResolver<Source | undefined, unknown, Arguments> = (source, args, _, info) => {
      const name = info.fieldName;
      if (!source && name === "_entities")
        return (args["representations"] as readonly Arguments[]).map((one) => reference(schema, subgraph, one, fault));
      const object = source ?? rootOf(info.parentType.name);
      const place = placeOf(object, name, args);
      if (source && !source.representation) resolved.nested.add(place);
      else resolved.fetched.set(place, (resolved.fetched.get(place) ?? 0) + 1);
      if (failsAt(object, name, fault) && fault?.kind === "wrong") {
        const path: (string | number)[] = [];
        for (let at: typeof info.path | undefined = info.path; at; at = at.prev) path.unshift(at.key);
        wrong.push({ path, value: isLeafType(getNamedType(info.returnType)) ? { wrong: true } : "wrong" });
      } else if (failsAt(object, name, fault) && fault?.kind === "null") return null;
      else if (failsAt(object, name, fault)) throw new GraphQLError(`fault ${object.type}.${name}`);
      const field = values.fieldOf(object.type, name);
      if (field && !field.owners.includes(subgraph) && !field.providedIn.has(subgraph))
        throw new GraphQLError(`${subgraph} does not resolve ${object.type}.${name}`);
      const set = requirementOf(object, name);
      const needed =
        set &&
        selected(set, source?.representation, (one, { name: { value } }) =>
          Object.hasOwn(Object(one), value) ? (one as Arguments)[value] : null,
        );
      return inSubgraph(schema, values.valueOf(object, name, args, needed));
    };
    const typeResolver = (source: Source): string => source.__typename;
    const result = await execute({ schema, document, variableValues: variables, fieldResolver, typeResolver });
    const response = JSON.parse(JSON.stringify(result)) as SubgraphResponse;
    for (const { path, value } of wrong) setAt(response.data, path, value);
    return response;
  }

  function reference(schema: GraphQLSchema, subgraph: string, one: Arguments, fault?: Fault): unknown {
    const found = values.find(one);
    if (fault?.kind === "missing" && fault.subgraph === subgraph && (found.number ?? 0) % 2 === 1) return null;
    return inSubgraph(schema, found);
  }

  function requirementOf({ type }: Source, name: string): SelectionSetNode | undefined {
    const fields = values.fieldOf(type, name)?.requires?.fields;
    if (fields === undefined) return undefined;
    const set = fieldSets.get(fields) ?? fieldSetOf(fields);
    fieldSets.set(fields, set);
    return set;
  }

  /** A subgraph that sees an interface as one type of objects gives objects of that type. */
  function inSubgraph(schema: GraphQLSchema, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => inSubgraph(schema, item));
    if (typeof value !== "object" || value === null) return value;
    const source = value as Source;
    if (schema.getType(source.type)) return source;
    const seen = model.interfaces.find(
      ({ name, implementers }) => implementers.includes(source.type) && isObjectType(schema.getType(name)),
    );
    return seen ? { ...source, __typename: seen.name } : source;
  }

  function failsAt({ type }: Source, name: string, fault: Fault | undefined): boolean {
    return fault !== undefined && "coordinate" in fault && fault.coordinate === `${type}.${name}`;
  }

  function coordinatesOf(): GeneratedFederation["coordinates"] {
    const objects = model.objects.flatMap(({ name, fields }) => fields.map((field) => ({ type: name, field })));
    const added = model.interfaces.flatMap(({ object, implementers }) =>
      (object?.fields ?? []).flatMap((field) => implementers.map((type) => ({ type, field }))),
    );
    const all = [...objects, ...added];
    const named = ({ type, field }: (typeof all)[number]): string => `${type}.${field.name}`;
    const required = requiredTypes(model);
    const isRequired = ({ type, field }: (typeof all)[number]): boolean =>
      field.externalIn.size > 0 || required.has(type);
    // A subgraph loses all that it was asked of an object with a field that may not be null: one schema does not.
    const isLost = (one: (typeof all)[number]): boolean => isRequired(one) && one.field.type.endsWith("!");
    return {
      field: all.filter((one) => !isLost(one)).map(named),
      // A gateway hands on values of scalars that are not GraphQL's own.
      wrong: all.filter((one) => !isRequired(one) && !isCustom(one.field.type)).map(named),
    };
  }
}

function isCustom(type: string): boolean {
  return ["DateTime", "CountryCode", "CurrencyCode", "JSON"].includes(namedType(type));
}

/** What a subgraph that does not answer is taken to have answered. */
function downs(subgraph: string): readonly SubgraphResponse[] {
  const error = { message: `Cannot ask ${subgraph}` };
  return [{ errors: [error] }, { data: null, errors: [error] }, { data: null }, {}];
}

function rootOf(type: string): Source {
  return { __typename: type, type, at: type, number: undefined };
}

function placeOf({ at }: Source, name: string, args: Arguments): string {
  return `${at}.${name}${canonical(args)}`;
}

function setAt(data: unknown, path: readonly (string | number)[], value: unknown): void {
  let at: unknown = data;
  for (const key of path.slice(0, -1)) at = at === null || at === undefined ? undefined : Reflect.get(Object(at), key);
  const last = path.at(-1);
  if (typeof at === "object" && at !== null && last !== undefined && Object.hasOwn(at, last))
    Reflect.set(at, last, value);
}

function toAnswer({ data, errors = [] }: ExecutionResult | ExecutionResponse): Answer {
  return {
    data: data === undefined ? undefined : (JSON.parse(JSON.stringify(data)) as unknown),
    paths: errors.map(({ path }) => (path ?? ["<none>"]).join(".")).toSorted(),
    errors: errors.map(({ message, path }) => `${(path ?? []).join(".")}: ${message}`),
  };
}
