/** Which errors does a response have so far, and where is it being completed? */
import { GraphQLError } from "graphql";
import type { GraphQLObjectType, SelectionSetNode } from "graphql";
import type { PrivateNames } from "./private-names.ts";
import { Failure } from "./slots.ts";
import type { Slots, SubgraphError } from "./slots.ts";

export type Path = readonly (string | number)[];

/** A deferred fragment. */
export interface DeferredFragment {
  readonly label: string | null;
  readonly type: GraphQLObjectType;
  readonly selectionSet: SelectionSetNode;
  /** Completes the fragment for one object, at its path in the client's response. */
  complete(slots: unknown, unplaced: readonly SubgraphError[], path: Path): CompletedPart;
}

export interface CompletedPart {
  /** null where a field of the fragment is null that may not be. */
  readonly data: Slots | null;
  readonly errors: readonly GraphQLError[];
}

/** A deferred fragment of one object. */
export interface DeferredPart {
  readonly fragment: DeferredFragment;
  readonly path: Path;
  /** Of the object. */
  readonly slots: Slots;
}

export interface Response {
  readonly errors: GraphQLError[];
  /** In the order in which their objects were completed. */
  readonly deferred: DeferredPart[];
  /** Of the value that is being completed, in the client's names. */
  readonly path: (string | number)[];
  /** Reports an error here. Gives null, the value that has failed. */
  fail(message: string, extensions?: Readonly<Record<string, unknown>>): null;
  /** Reports each error of a subgraph once for each place: several fields may be missing because of it. */
  failed(failure: Failure): null;
  /** Takes what stays uncompleted because of a null beside it. Its errors are not the client's: that null has one. */
  drop(value: unknown): void;
  /** Reports those errors of a subgraph that no place has shown, and that are of nothing dropped. */
  report(errors: readonly SubgraphError[]): void;
}

export function createResponse(names: PrivateNames): Response {
  const errors: GraphQLError[] = [];
  const path: (string | number)[] = [];
  const reported = new Map<SubgraphError, Set<string>>();
  const dropped: unknown[] = [];

  return {
    errors,
    path,
    deferred: [],
    fail(message, extensions = { code: "INTERNAL_SERVER_ERROR" }) {
      errors.push(new GraphQLError(message, { path: [...path], extensions }));
      return null;
    },
    failed({ causes }) {
      for (const { error, path: below } of causes) {
        const keys = clientKeys(below);
        const place = keys.length === 0 ? [...path] : [...path.slice(0, -1), ...keys];
        const places = reported.get(error) ?? new Set();
        reported.set(error, places);
        const key = JSON.stringify(place);
        if (!places.has(key)) errors.push(toClientError(error, place));
        places.add(key);
      }
      return null;
    },
    drop: (value) => void dropped.push(value),
    report(unplaced) {
      const missing = unplaced.filter((error) => !reported.has(error));
      if (missing.length === 0) return;
      const ended = causesIn(dropped);
      for (const error of missing) {
        if (!ended.has(error)) errors.push(toClientError(error, clientKeys(error.path ?? [])));
        reported.set(error, new Set());
      }
    },
  };

  /** Up to the first name that the client did not select. */
  function clientKeys(keys: Path): Path {
    const translated: (string | number)[] = [];
    for (const key of keys) {
      const client = typeof key === "number" ? key : names.responseKeyOf(key);
      if (client === undefined) break;
      translated.push(client);
    }
    return translated;
  }
}

/** The errors of all failures in values. */
function causesIn(values: readonly unknown[]): ReadonlySet<SubgraphError> {
  const found = new Set<SubgraphError>();
  const seen = new Set<unknown>();
  const waiting = [...values];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Failure) for (const { error } of value.causes) found.add(error);
    else for (const key of Object.keys(value)) waiting.push(Reflect.get(value, key));
  }
  return found;
}

function toClientError({ message, extensions }: SubgraphError, path: Path): GraphQLError {
  return new GraphQLError(message, { path: path.length > 0 ? path : undefined, extensions: { ...extensions } });
}
