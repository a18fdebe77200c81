/** Which errors does a response have so far, and where is it being completed? */
import { GraphQLError } from "graphql";
import type { GraphQLObjectType, SelectionSetNode } from "graphql";
import type { PrivateNames } from "./private-names.ts";
import type { Failure, Slots, SubgraphError } from "./slots.ts";

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
  fail(message: string, code?: string): null;
  /** Reports each error of a subgraph once for each place: several fields may be missing because of it. */
  failed(failure: Failure): null;
  /** Reports those errors of a subgraph that no place has shown. */
  report(errors: readonly SubgraphError[]): void;
}

export function createResponse(names: PrivateNames): Response {
  const errors: GraphQLError[] = [];
  const path: (string | number)[] = [];
  const reported = new Map<SubgraphError, Set<string>>();

  return {
    errors,
    path,
    deferred: [],
    fail(message, code = "INTERNAL_SERVER_ERROR") {
      errors.push(new GraphQLError(message, { path: [...path], extensions: { code } }));
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
    report(unplaced) {
      for (const error of unplaced) {
        if (!reported.has(error)) errors.push(toClientError(error, clientKeys(error.path ?? [])));
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

function toClientError({ message, extensions }: SubgraphError, path: Path): GraphQLError {
  return new GraphQLError(message, { path: path.length > 0 ? path : undefined, extensions: { ...extensions } });
}
