/**
 * Where do the results of fetches meet?
 *
 * In slots: objects of a response whose keys are private names, and those that the planner adds to identify and resolve
 * entities. A field that a subgraph failed to resolve holds its failure, so that each place where a client selected it
 * gets the error with the path of that place.
 */
export type Slots = Record<string, unknown>;

/** Of an operation. */
export interface Result {
  readonly slots: Slots;
  /** Errors that name no place in the slots. */
  readonly unplaced: readonly SubgraphError[];
}

export class Failure {
  readonly causes: readonly Cause[];

  constructor(causes: readonly Cause[]) {
    this.causes = causes;
  }

  /** The same failure, seen from the object that failed: without the first key of each path. */
  below(): Failure {
    return new Failure(this.causes.map(({ error, path }) => ({ error, path: path.slice(1) })));
  }

  /** The same errors, without their paths below the place that takes them over. */
  here(): Failure {
    return new Failure(this.causes.map(({ error }) => ({ error, path: [] })));
  }

  /** Of one of the fields of the object that failed: its own errors, else the last one, which ended the object. */
  of(name: string): Failure {
    const own = this.causes.filter(({ path }) => path[0] === name);
    return new Failure(own.length > 0 ? own : this.causes.slice(-1));
  }
}

export interface Cause {
  readonly error: SubgraphError;
  /** The field that failed, from the object or list that holds the failure; empty for the place of the failure itself. */
  readonly path: readonly (string | number)[];
}

export interface SubgraphError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  readonly path?: readonly (string | number)[] | undefined;
}

export function isSlots(value: unknown): value is Slots {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Failure);
}

/** Puts an error of a response where its path ends, or at the null that it made of a parent. False without such a place. */
export function place(data: unknown, path: readonly (string | number)[], error: SubgraphError): boolean {
  let at = data;
  for (const [index, key] of path.entries()) {
    if (!isContainer(at) || !Object.hasOwn(at, key)) return false;
    const next = at[key];
    if (next === null || (index === path.length - 1 && !(next instanceof Failure))) {
      at[key] = new Failure([{ error, path: path.slice(index) }]);
      return true;
    }
    if (next instanceof Failure) {
      at[key] = new Failure([...next.causes, { error, path: path.slice(index) }]);
      return true;
    }
    at = next;
  }
  return false;
}

/**
 * Adds `source` to `target`: values of the same name are merged, lists item by item. The first type of an object stays,
 * unless it is one of `interfaces`: a subgraph that has an interface as an object knows no more.
 */
export function mergeInto(target: Slots, source: Slots, interfaces: ReadonlySet<unknown>): void {
  for (const key of Object.keys(source)) {
    // A value that is already there may belong to the subgraph, so nothing is written where nothing changes.
    if (source[key] === null && Object.hasOwn(target, key)) continue;
    const known = Object.hasOwn(target, key) ? target[key] : undefined;
    if (known === undefined || known === null || (key === "__typename" && interfaces.has(known)))
      setOwn(target, key, source[key]);
    else mergeValues(known, source[key], interfaces);
  }
}

/** Lists may hold lists. */
function mergeValues(known: unknown, added: unknown, interfaces: ReadonlySet<unknown>): void {
  if (isSlots(known) && isSlots(added)) mergeInto(known, added, interfaces);
  else if (Array.isArray(known) && Array.isArray(added) && known.length === added.length) {
    for (const [index, item] of added.entries()) {
      if (known[index] === null || known[index] === undefined) known[index] = item;
      else mergeValues(known[index], item, interfaces);
    }
  }
}

/** Marks what is missing of a fetch that failed. */
export function failNames(target: Slots, names: readonly string[], failure: Failure): void {
  for (const name of names) {
    const known = Object.hasOwn(target, name) ? target[name] : undefined;
    if (known === undefined || known === null) setOwn(target, name, failure.of(name));
  }
}

/** Marks an object whose type stays unknown because a fetch failed. */
export function failType(target: Slots, failure: Failure, interfaces: ReadonlySet<unknown>): void {
  if (interfaces.has(target["__typename"])) target["__typename"] = failure.of("__typename");
}

/** Plain assignment to `__proto__` would change the object's prototype. */
function setOwn(target: Slots, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}

function isContainer(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null && !(value instanceof Failure);
}
