/**
 * What may partners learn from an error?
 *
 * What is wrong with their request, without names that they did not send; and of everything else, what it means for them.
 * Messages of subgraphs name upstreams, models and entities of others, so each code has a text of its own here. A code that
 * is not listed is an internal error.
 */
import { GraphQLError } from "graphql";

/** Of errors of a request, whose messages say what is wrong with it. */
const OF_REQUESTS: ReadonlySet<unknown> = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "DOCUMENT_NOT_TRUSTED",
  "PERSISTED_QUERY_NOT_FOUND",
  "BAD_USER_INPUT",
]);

interface Text {
  readonly code: string;
  readonly message: string;
}

const UNAVAILABLE: Text = { code: "UNAVAILABLE", message: "Cannot answer: it is not known now" };
const INTERNAL: Text = { code: "INTERNAL_SERVER_ERROR", message: "Internal error" };

/** By the code that a client of the whole graph gets. */
const TEXTS: ReadonlyMap<unknown, Text> = new Map([
  ["BAD_USER_INPUT", { code: "BAD_USER_INPUT", message: "Cannot answer: an argument is not valid" }],
  ["NOT_FOUND", { code: "NOT_FOUND", message: "Cannot answer: what an argument names does not exist" }],
  ["DECISION_REJECTED", { code: "DECISION_REJECTED", message: "Cannot decide: the question is not accepted" }],
  ["DECISION_TIMEOUT", { code: "DECISION_TIMEOUT", message: "Cannot decide: it takes too long" }],
  ["DECISION_UNAVAILABLE", { code: "DECISION_UNAVAILABLE", message: "Cannot decide: no decision can be made now" }],
  ["DECISION_UNDETERMINED", { code: "DECISION_UNDETERMINED", message: "Cannot decide: the rules give no verdict" }],
  ["LIMIT_EXCEEDED", { code: "LIMIT_EXCEEDED", message: "Cannot execute: the operation asks for too much" }],
  ["UPSTREAM_TIMEOUT", UNAVAILABLE],
  ["UPSTREAM_UNAVAILABLE", UNAVAILABLE],
  ["UPSTREAM_UNEXPECTED", UNAVAILABLE],
  ["SUBGRAPH_UNAVAILABLE", UNAVAILABLE],
]);

/** What partners get besides the code. */
const EXTENSIONS = ["decision", "retryable", "retryAfter"] as const;

export function asPartnerError(error: GraphQLError): GraphQLError {
  const { message, path, extensions, nodes, source, positions } = error;
  // A subgraph's error has its name.
  if (path === undefined && extensions["service"] === undefined && OF_REQUESTS.has(extensions["code"])) {
    const { code } = extensions;
    return new GraphQLError(withoutSuggestion(message), { nodes: nodes ?? null, source, positions, extensions: { code } });
  }
  const text = TEXTS.get(extensions["code"]) ?? INTERNAL;
  const more = EXTENSIONS.flatMap((name) => (extensions[name] === undefined ? [] : [[name, extensions[name]] as const]));
  return new GraphQLError(text.message, { path, extensions: { code: text.code, ...Object.fromEntries(more) } });
}

/** graphql-js suggests names that are like the one it does not know. */
function withoutSuggestion(message: string): string {
  return message.replace(/ Did you mean [^?]*\?$/, "");
}
