/**
 * Which federations might teams build? Random small ones, with names chosen to collide.
 *
 * Not all of them compose: those that do not are for the caller to skip and to count. The file is long because its steps
 * share what is generated so far.
 */
import { createRandom } from "../../../support/random.ts";
import type { ArgumentModel, FieldModel, InterfaceModel, KeyField, Model, ObjectModel, UnionModel } from "./model.ts";
import { namedType } from "./model.ts";

const SUBGRAPHS = ["alpha", "beta", "constructor", "data", "then-two", "toString", "gamma"];
const TYPES = ["Item", "Owner", "constructor", "toString", "then", "data", "s0", "_e0", "Facts", "title"];
const FIELDS = [
  "constructor", "toString", "then", "s0", "_e0", "data", "facts", "title", "name", "valueOf", "hasOwnProperty", "level",
  "representations", "s1_0", "size", "label", "_internal_qp_alias_0", "batch", "hidden", "weight",
] as const; // prettier-ignore
const ARGUMENTS = ["a", "a_1", "representations", "constructor", "toString", "id", "first"];
const KEYS = ["id", "sku", "code", "number", "constructor", "toString", "then", "data", "s0", "facts", "key", "ref"];
const SCALARS = ["Int", "Float", "String", "Boolean", "ID"];

/** `hostile` names include those that JavaScript itself uses: what every object has, and `then`. */
export type Naming = "hostile" | "plain";

export function generateModel(seed: number, naming: Naming): Model {
  const allowed = (names: readonly string[]): readonly string[] =>
    naming === "hostile" ? names : names.filter((name) => !(name in {}) && name !== "then");
  const { next: random } = createRandom(seed * 7919 + 13);
  const chance = (probability: number): boolean => random() < probability;
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item;
  const shuffled = <Item>(items: readonly Item[]): Item[] =>
    items.map((item) => [random(), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item); // prettier-ignore
  const some = <Item>(items: readonly Item[], atLeast = 1): Item[] =>
    shuffled(items).slice(0, atLeast + below(items.length - atLeast + 1));

  const typeNames = shuffled(allowed(TYPES));
  const nextType = (): string => typeNames.pop() ?? `Type${below(1e9)}`;
  const subgraphs = shuffled(allowed(SUBGRAPHS)).slice(0, 2 + below(4));
  /** Has no entities, so that it may see interfaces as objects. */
  const spare = chance(0.4) && subgraphs.length > 2 ? subgraphs.at(-1) : undefined;
  const enums = Array.from({ length: 1 + below(2) }, (_, index) => ({
    name: index === 0 ? "Kind" : nextType(),
    values: some(allowed(["SMALL", "LARGE", "constructor", "then", "toString", "proto"])),
  }));
  const inputs: { name: string; fields: ArgumentModel[]; extraIn: string | undefined }[] = [];
  for (let index = 0; index < 2; index += 1) {
    const extraIn = chance(0.3) ? pick(subgraphs) : undefined;
    inputs.push({ name: `Input${index}`, fields: [], extraIn });
    // graphql-js reads fields that an input leaves out from the prototype of the client's object.
    inputs[index]?.fields.push(...argumentsOf(1 + below(4)).filter(({ name }) => !(name in {})));
    inputs[index]?.fields.push({ name: "limit", type: "Int", defaultValue: "3" });
    if (chance(0.5)) inputs[index]?.fields.push({ name: "nested", type: `Input${index}`, defaultValue: undefined });
  }
  const [objects, interfaces, unions]: [ObjectModel[], InterfaceModel[], UnionModel[]] = [[], [], []];
  const model: Model = { seed, subgraphs, enums, inputs, objects, interfaces, unions };

  const entities = Array.from({ length: 1 + below(3) }, () => addEntity(nextType()));
  const values = Array.from({ length: 1 + below(2) }, () => addValue(nextType()));
  for (let count = below(3); count > 0; count -= 1) addInterface();
  if (chance(0.5)) addUnion();
  for (const value of values) addValueFields(value);
  for (const entity of entities)
    for (let count = 2 + below(5); count > 0; count -= 1) addField(entity, entity.subgraphs);
  const query = addRoot("Query");
  for (let count = 2 + below(5); count > 0; count -= 1) addField(query, subgraphs);
  for (const entity of entities)
    if (chance(0.7)) {
      const owner = pick(subgraphs.filter((one) => isVisible(entity, one)));
      query.fields.push(newField(`get${entity.name}`, wrapped(reference(entity, owner), 1), [owner]));
    }
  if (chance(0.5)) {
    const mutation = addRoot("Mutation");
    for (let count = 1 + below(3); count > 0; count -= 1) addField(mutation, subgraphs, 0);
  }
  for (const entity of entities) {
    if (chance(0.6)) addRequirement(entity);
    if (chance(0.3)) addRequirement(entity);
    if (chance(0.3)) addOverride(entity);
  }
  addProvisions();
  return model;

  function addEntity(name: string): ObjectModel {
    const names = shuffled(allowed(KEYS));
    const next = (): string => names.pop() ?? "id";
    const whole: KeyField = { name: spare !== undefined || chance(0.6) ? "id" : next(), type: "ID!", role: "whole" };
    names.splice(0, names.length, ...names.filter((one) => one !== whole.name));
    const number: KeyField = { name: next(), type: pick(["Int!", "String!"]), role: "number" };
    const low: KeyField = { name: next(), type: "Int!", role: "low" };
    const high: KeyField = { name: next(), type: "String!", role: "high" };
    const nested: KeyField = { name: next(), type: `${name}Ref!`, role: "nested" };
    const nestedKey = pick(["{ code }", "{ zone code }", "{ deep { code } }", "{ zone deep { code } }"]);
    const all = [whole.name, number.name, `${low.name} ${high.name}`, `${nested.name} ${nestedKey}`, `${low.name} ${nested.name} ${nestedKey}`]; // prettier-ignore
    const mine = chance(0.4) ? [whole.name] : some(all).slice(0, 3);
    const own = some(
      subgraphs.filter((one) => one !== spare),
      2,
    );
    if (spare !== undefined) mine.unshift(whole.name);
    const common = spare !== undefined || chance(0.6) ? mine[0] : undefined;
    const keys = new Map(
      own.map((subgraph) => [subgraph, [...new Set([...(common === undefined ? [] : [common]), ...some(mine)])]]),
    );
    const entity: ObjectModel = {
      kind: "entity", name, subgraphs: own, keys, stubs: new Map(), keyFields: [whole, number, low, high, nested],
      fields: [], interfaces: [],
    }; // prettier-ignore
    objects.push(entity);
    return entity;
  }

  function addValue(name: string): ObjectModel {
    const own = chance(0.7) ? [...subgraphs] : some(subgraphs);
    const value = emptyObject("value", name, own);
    objects.push(value);
    return value;
  }

  function addRoot(name: string): ObjectModel {
    const root = emptyObject("root", name, [...subgraphs]);
    objects.push(root);
    return root;
  }

  function addValueFields(value: ObjectModel): void {
    for (let count = 1 + below(4); count > 0; count -= 1) {
      const name = freeName(value);
      if (name === undefined) return;
      const type = wrapped(typeIn(value.subgraphs, chance(0.8) ? "leaf" : "any"));
      value.fields.push(newField(name, type, [...value.subgraphs], chance(0.3) ? argumentsOf(1 + below(2)) : []));
    }
  }

  function addField(object: ObjectModel, among: readonly string[], shared = 0.2): void {
    const name = freeName(object);
    if (name === undefined) return;
    const owners = chance(shared) ? some(among, 1) : [pick(among)];
    const args = chance(0.35) ? argumentsOf(1 + below(3)) : [];
    const type = wrapped(typeIn(owners, chance(object.kind === "root" ? 0.1 : 0.5) ? "leaf" : "any"));
    object.fields.push(newField(name, type, owners, args, object.kind === "entity" && chance(0.12)));
  }

  /** Each implementer gets the fields that the interface has in a subgraph, in that subgraph. */
  function addInterface(): void {
    const own = some(subgraphs.filter((one) => one !== spare)).slice(0, 2);
    const candidates = objects.filter(
      (one) =>
        own.every((subgraph) => one.subgraphs.includes(subgraph)) && (spare === undefined || one.kind === "entity"),
    );
    if (candidates.length === 0) return;
    const implementers = some(candidates);
    const name = `Has${interfaces.length}${pick(["", "constructor", "then"])}`;
    const fields: FieldModel[] = [];
    for (let count = 1 + below(3); count > 0; count -= 1) {
      const field = freeName(implementers[0] as ObjectModel);
      if (field === undefined || implementers.some((one) => isTaken(one, field))) continue;
      const isValue = implementers.some(({ kind }) => kind === "value");
      const owners = isValue ? own : some(own);
      const everywhere = isValue ? (implementers.find(({ kind }) => kind === "value")?.subgraphs ?? own) : owners;
      const type = wrapped(typeIn(everywhere, chance(0.7) ? "leaf" : "any"));
      const args = chance(0.3) ? argumentsOf(1 + below(2)) : [];
      fields.push(newField(field, type, owners, args));
      for (const one of implementers)
        one.fields.push(newField(field, type, one.kind === "value" ? [...one.subgraphs] : owners, args));
    }
    const key = sharedKey(implementers, own);
    if (fields.length === 0 && !key) return;
    for (const one of implementers) one.interfaces.push(name);
    const outside = subgraphs.filter(
      (one) =>
        !own.includes(one) && implementers.every((type) => !type.subgraphs.includes(one) && !type.stubs.has(one)),
    );
    const seen = key && outside.length > 0 && implementers.every(({ interfaces: all }) => all.length === 1);
    const subgraph = seen && chance(0.9) ? pick(outside) : undefined;
    const added: FieldModel[] = [];
    if (subgraph !== undefined)
      for (let count = 1 + below(2); count > 0; count -= 1) {
        const field = freeName(implementers[0] as ObjectModel);
        if (field === undefined || [...implementers, { ...emptyObject("value", "", []), fields: added }].some((one) => isTaken(one, field))) continue; // prettier-ignore
        added.push(newField(field, wrapped(typeIn([subgraph], "leaf")), [subgraph], chance(0.3) ? argumentsOf(1) : []));
      }
    const object = subgraph === undefined || added.length === 0 ? undefined : { subgraph, fields: added };
    const having = own.filter((one) => key || fields.some(({ owners }) => owners.includes(one)));
    interfaces.push({
      name,
      subgraphs: having,
      fields,
      implementers: implementers.map((one) => one.name),
      key,
      object,
    });
  }

  /** A key of the whole number that all have under one name, in all of the interface's subgraphs. */
  function sharedKey(implementers: readonly ObjectModel[], own: readonly string[]): KeyField | undefined {
    const [key] = implementers[0]?.keyFields ?? [];
    const isShared = implementers.every(
      (one) =>
        one.kind === "entity" &&
        one.keyFields[0]?.name === key?.name &&
        own.every((subgraph) => one.keys.get(subgraph)?.includes(key?.name ?? "")),
    );
    return isShared ? key : undefined;
  }

  function addUnion(): void {
    const name = nextType();
    const members = new Map<string, string[]>();
    for (const subgraph of some(subgraphs)) {
      const candidates = objects.filter(
        (one) => (one.kind === "entity" && isVisible(one, subgraph)) || one.subgraphs.includes(subgraph),
      );
      if (candidates.length > 0) members.set(subgraph, some(candidates).map((one) => (one.kind === "entity" ? reference(one, subgraph) : one.name))); // prettier-ignore
    }
    if (members.size > 0) unions.push({ name, members });
  }

  /** A field that needs others, which other subgraphs resolve. */
  function addRequirement(entity: ObjectModel): void {
    const subgraph = pick(entity.subgraphs);
    const [name, required] = [
      freeName(entity),
      shuffled(entity.fields).filter(
        ({ owners, args, provides, externalIn }) =>
          // The planner takes one value for both where two fields require a field with different arguments.
          (args.length === 0 || externalIn.size === 0) && !owners.includes(subgraph) && provides === undefined && args.every(({ type, defaultValue }) => !type.endsWith("!") || defaultValue !== undefined), // prettier-ignore
      ),
    ];
    const sets: string[] = [];
    for (const field of required.slice(0, 1 + below(2))) {
      const set = fieldSetOf(field, subgraph);
      if (set === undefined) continue;
      sets.push(set);
      field.externalIn.add(subgraph);
    }
    if (name === undefined || sets.length === 0) return;
    const args = chance(0.2) ? argumentsOf(1) : [];
    const type = wrapped(typeIn([subgraph], "leaf"));
    entity.fields.push({ ...newField(name, type, [subgraph], args), requires: { fields: sets.join(" ") } });
  }

  function fieldSetOf({ name, type, args }: FieldModel, subgraph: string): string | undefined {
    const object = objects.find((one) => one.name === namedType(type));
    const given = args.filter(() => chance(0.3)).map((one) => `${one.name}: ${literal(one.type)}`);
    const call = given.length > 0 ? `${name}(${given.join(", ")})` : name;
    if (!object) return isLeaf(type) ? call : undefined;
    if (object.kind !== "value" || !object.subgraphs.includes(subgraph)) return undefined;
    const leaves = object.fields.filter((one) => isLeaf(one.type) && one.args.every((arg) => !arg.type.endsWith("!")));
    return leaves.length > 0 ? `${call} { ${some(leaves).map((one) => one.name).join(" ")} }` : undefined; // prettier-ignore
  }

  function addOverride(entity: ObjectModel): void {
    const index = entity.fields.findIndex(
      ({ owners, externalIn, requires, type, isShareable }) =>
        owners.length === 1 && externalIn.size === 0 && !requires && isLeaf(type) && !isShareable,
    );
    const field = entity.fields[index];
    const [from] = field?.owners ?? [];
    const others = entity.subgraphs.filter((one) => one !== from);
    const isOfInterface = interfaces.some((one) => one.fields.some(({ name }) => name === field?.name));
    if (!field || from === undefined || others.length === 0 || isOfInterface) return;
    entity.fields[index] = { ...field, owners: [pick(others)], override: from };
  }

  function addProvisions(): void {
    for (const object of objects)
      for (const field of object.fields) {
        const entity = objects.find(({ kind, name }) => kind === "entity" && name === namedType(field.type));
        const [subgraph] = field.owners;
        if (!entity || subgraph === undefined || field.owners.length > 1 || !chance(0.4)) continue;
        const provided = entity.fields.filter(
          ({ owners, requires, override, type, externalIn, args }) =>
            !owners.includes(subgraph) && !requires && override === undefined && isLeaf(type) && !externalIn.has(subgraph) && args.length === 0, // prettier-ignore
        );
        if (provided.length === 0) continue;
        const one = pick(provided);
        one.isShareable = true;
        one.providedIn.add(subgraph);
        field.provides = one.name;
      }
  }

  /** Named types that all of the subgraphs have. */
  function typeIn(owners: readonly string[], kind: "leaf" | "any"): string {
    const leaf = chance(0.2) ? pick(enums).name : pick(SCALARS);
    if (kind === "leaf") return leaf;
    const visible = objects.filter((one) => one.kind === "entity" && owners.every((owner) => isVisible(one, owner)));
    const abstract = [
      ...interfaces.filter((one) => owners.every((owner) => one.subgraphs.includes(owner))),
      ...unions.filter((one) => owners.every((owner) => one.members.has(owner)) && owners.length === 1),
    ].map(({ name }) => name);
    const plain = objects.filter(
      (one) => one.kind === "value" && owners.every((owner) => one.subgraphs.includes(owner)),
    );
    const candidates = [...visible, ...plain].map(({ name }) => name);
    const name = pick([...candidates, ...abstract, ...abstract, leaf]);
    const entity = visible.find((one) => one.name === name);
    if (entity) for (const owner of owners) reference(entity, owner);
    return name;
  }

  /** A subgraph that sees an interface as objects must not have those that implement it. */
  function isVisible(entity: ObjectModel, subgraph: string): boolean {
    return interfaces.every(
      ({ object, implementers }) => object?.subgraph !== subgraph || !implementers.includes(entity.name),
    );
  }

  function reference(entity: ObjectModel, subgraph: string): string {
    if (!entity.subgraphs.includes(subgraph) && !entity.stubs.has(subgraph))
      entity.stubs.set(subgraph, pick([...entity.keys.values()].flat()));
    return entity.name;
  }

  function isTaken(object: ObjectModel, name: string): boolean {
    return (
      [...object.fields, ...object.keyFields].some((one) => one.name === name) ||
      interfaces.some(
        (one) => one.implementers.includes(object.name) && one.object?.fields.some((field) => field.name === name),
      )
    );
  }

  function freeName(object: ObjectModel): string | undefined {
    return shuffled(allowed(FIELDS)).find((name) => !isTaken(object, name));
  }

  function isLeaf(type: string): boolean {
    return SCALARS.includes(namedType(type)) || enums.some(({ name }) => name === namedType(type));
  }

  function wrapped(name: string, deepest = 3): string {
    const inner = chance(0.35) ? `${name}!` : name;
    return deepest > 0 && chance(0.3) ? wrapped(`[${inner}]`, deepest - 1) : inner;
  }

  function argumentsOf(count: number): ArgumentModel[] {
    return shuffled(allowed(ARGUMENTS))
      .slice(0, count)
      .map((name) => {
        const named = pick([...SCALARS, ...SCALARS, ...enums.map((one) => one.name), ...inputs.slice(0, -1).map((one) => one.name)]); // prettier-ignore
        const type = wrapped(named, 2);
        return { name, type, defaultValue: chance(0.35) ? literal(type) : undefined };
      });
  }

  function literal(type: string): string {
    if (type.endsWith("!")) return literal(type.slice(0, -1));
    if (type.startsWith("["))
      return `[${Array.from({ length: below(3) }, () => literal(type.slice(1, -1))).join(", ")}]`;
    const [found, input] = [enums.find(({ name }) => name === type), inputs.find(({ name }) => name === type)];
    if (found) return pick(found.values);
    if (input) {
      const given = input.fields.filter((one) => one.type.endsWith("!") && one.defaultValue === undefined);
      return `{ ${given.map((one) => `${one.name}: ${literal(one.type)}`).join(", ")} }`;
    }
    if (type === "Int") return String(below(9));
    if (type === "Float") return `${below(9)}.5`;
    if (type === "Boolean") return String(chance(0.5));
    return JSON.stringify(pick(["", "x", 'a"b', "line\nbreak"]));
  }
}

function emptyObject(kind: ObjectModel["kind"], name: string, subgraphs: string[]): ObjectModel {
  return { kind, name, subgraphs, keys: new Map(), stubs: new Map(), keyFields: [], fields: [], interfaces: [] };
}

function newField(
  name: string,
  type: string,
  owners: readonly string[],
  args: readonly ArgumentModel[] = [],
  isInaccessible = false,
): FieldModel {
  return {
    name, type, args, owners, isInaccessible, override: undefined, requires: undefined, provides: undefined,
    isShareable: owners.length > 1, externalIn: new Set(), providedIn: new Set(),
  }; // prettier-ignore
}
