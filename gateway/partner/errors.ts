/**
 * What may partners learn from an error?
 *
 * What is wrong with their request: the gateway itself knows no other graph than theirs when it says so. Of what fails in a
 * subgraph, what it means for them: its messages name upstreams, models, facts and entities of others, so each code has a
 * text of its own here. Only what a subgraph says of an argument that partners have is kept. A code that is not listed is an
 * internal error.
 */
import { GraphQLError, isObjectType } from "graphql";
import type { GraphQLSchema } from "graphql";

export type AsPartnerError = (error: GraphQLError) => GraphQLError;

/** Of what is wrong with a request. */
const OF_REQUESTS: ReadonlySet<unknown> = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "DOCUMENT_NOT_TRUSTED",
  "BAD_USER_INPUT",
  "LIMIT_EXCEEDED",
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
  ["UPSTREAM_TIMEOUT", UNAVAILABLE],
  ["UPSTREAM_UNAVAILABLE", UNAVAILABLE],
  ["UPSTREAM_UNEXPECTED", UNAVAILABLE],
  ["SUBGRAPH_UNAVAILABLE", UNAVAILABLE],
]);

/** What partners get besides the code. */
const EXTENSIONS = ["retryable", "retryAfter", "cost"] as const;

/** `schema` is what partners see. */
export function createPartnerErrors(schema: GraphQLSchema): AsPartnerError {
  const known = argumentsOf(schema);
  return (error) => {
    const { message, path, extensions, nodes, source, positions } = error;
    const { code, argument } = extensions;
    // A subgraph's error has its name.
    const isOwn = extensions["service"] === undefined;
    const isKept = isOwn ? OF_REQUESTS.has(code) : code === "BAD_USER_INPUT" && known.has(argument);
    if (!isKept) {
      const text = TEXTS.get(code) ?? INTERNAL;
      return new GraphQLError(text.message, { path, extensions: { code: text.code, ...shown(extensions) } });
    }
    return new GraphQLError(message, {
      nodes: nodes ?? null,
      source,
      positions,
      path,
      extensions: { code, ...(known.has(argument) && { argument }), ...shown(extensions) },
    });
  };
}

function shown(extensions: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    EXTENSIONS.flatMap((name) => (extensions[name] === undefined ? [] : [[name, extensions[name]] as const])),
  );
}

/** The names of all arguments. */
function argumentsOf(schema: GraphQLSchema): ReadonlySet<unknown> {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  const fields = types.flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()) : []));
  return new Set(fields.flatMap(({ args }) => args.map(({ name }) => name)));
}
