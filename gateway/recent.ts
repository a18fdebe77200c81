/**
 * What have clients asked lately, to be prepared for the next version of the graph?
 *
 * Requests that were executed, each document once with the variables that it came with first. They are bounded by number and size,
 * and the least recently used goes first.
 */
import { LRUCache } from "lru-cache";
import type { GraphQLRequest, GraphQLResponse } from "./http/graphql.ts";

/** As much of a request as its preparation needs. */
export interface RecentRequest extends Pick<GraphQLRequest, "parameters"> {
  readonly path: string;
  readonly scopes: GraphQLRequest["caller"]["scopes"];
}

export interface RecentRequests {
  /** Of an endpoint, with its answer. */
  note(path: string, request: GraphQLRequest, response: GraphQLResponse): void;
  /** The most recent first. */
  all(): Iterable<RecentRequest>;
}

const MAX_REQUESTS = 200;
/** Characters of variables: larger ones are those of few requests. */
const MAX_VARIABLES = 4096;

export function createRecentRequests(): RecentRequests {
  const kept = new LRUCache<string, RecentRequest>({ max: MAX_REQUESTS });
  return {
    note(path, { parameters, caller: { scopes } }, { body }) {
      if (body.data === undefined) return;
      const { query, trustedHash, persistedHash, operationName = "", variables } = parameters;
      const key = `${path} ${operationName} ${query ?? trustedHash ?? persistedHash ?? ""}`;
      if (kept.get(key) || JSON.stringify(variables).length > MAX_VARIABLES) return;
      kept.set(key, { path, parameters, scopes });
    },
    all: () => kept.values(),
  };
}
