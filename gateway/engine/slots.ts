/**
 * Where do the results of fetches meet?
 *
 * In slots: objects of a response whose keys are private names, and those that the planner adds to identify and resolve
 * entities. A field that a subgraph failed to resolve holds its failure, so that each place where a client selected it
 * gets the error with the path of that place.
 */
export type Slots = Record<string, unknown>;

export class Failure {
  readonly error: SubgraphError;
  /** The field that failed, from the object or list that holds the failure; empty for the place of the failure itself. */
  readonly path: readonly (string | number)[];

  constructor(error: SubgraphError, path: readonly (string | number)[] = []) {
    this.error = error;
    this.path = path;
  }

  /** The same failure of one of the fields of what failed. */
  below(): Failure {
    return new Failure(this.error, this.path.slice(1));
  }
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
    if (next === null || index === path.length - 1) {
      at[key] = new Failure(error, path.slice(index));
      return true;
    }
    if (next instanceof Failure) return true;
    at = next;
  }
  return false;
}

/** Adds `source` to `target`: values of the same name are merged, lists item by item. */
export function mergeInto(target: Slots, source: Slots): void {
  for (const key of Object.keys(source)) {
    const [known, added] = [Object.hasOwn(target, key) ? target[key] : undefined, source[key]];
    if (isSlots(known) && isSlots(added)) mergeInto(known, added);
    else if (Array.isArray(known) && Array.isArray(added) && known.length === added.length) {
      for (const [index, item] of added.entries()) {
        if (isSlots(known[index]) && isSlots(item)) mergeInto(known[index], item);
        else if (known[index] === null || known[index] === undefined) known[index] = item;
      }
    } else if (known === undefined || known === null || known instanceof Failure) setOwn(target, key, added);
  }
}

/** Marks what is missing of a fetch that failed. */
export function failNames(target: Slots, names: readonly string[], failure: Failure): void {
  for (const name of names) {
    const known = Object.hasOwn(target, name) ? target[name] : undefined;
    if (known === undefined || known === null) setOwn(target, name, failure);
  }
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
