/**
 * Is a document valid, and which of its operations is meant?
 *
 * A client sends the same document many times, so what is known of it is kept: the least recently used goes first, and
 * all kept documents together have a bounded size.
 */
import { GraphQLError, getOperationAST, validate } from "graphql";
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { LRUCache } from "lru-cache";
import { parseLimited } from "../engine/limits.ts";
import type { GraphQLParameters } from "./parameters.ts";

export type Prepared =
  | { readonly document: DocumentNode; readonly operation: OperationDefinitionNode }
  | { readonly errors: readonly GraphQLError[] };

export type Prepare = (parameters: Pick<GraphQLParameters, "query" | "operationName">) => Prepared;

type Checked = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

const MAX_DOCUMENTS = 2000;
/** Of their texts, in characters. */
const MAX_SIZE = 16 * 1024 * 1024;
/** In one response: a client repairs its query with the first few. */
const MAX_ERRORS = 20;

export function createPrepare(schema: GraphQLSchema): Prepare {
  const checked = new LRUCache<string, Checked>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_SIZE,
    sizeCalculation: (_checked, text) => text.length + 1,
  });

  return ({ query, operationName }) => {
    const found = checked.get(query) ?? check(query);
    if ("errors" in found) return found;
    const operation = getOperationAST(found.document, operationName);
    if (operation) return { document: found.document, operation };
    const message =
      operationName === undefined
        ? "Cannot execute: the document has several operations, or none; send operationName"
        : `Cannot execute: the document has no operation ${operationName}`;
    return { errors: [new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } })] };
  };

  function check(query: string): Checked {
    const found = parseAndValidate(query);
    checked.set(query, found);
    return found;
  }

  function parseAndValidate(query: string): Checked {
    let document: DocumentNode;
    try {
      document = parseLimited(query);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { errors: [withCode(error, "GRAPHQL_PARSE_FAILED")] };
    }
    const errors = validate(schema, document, undefined, { maxErrors: MAX_ERRORS });
    if (errors.length === 0) return { document };
    return { errors: errors.map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED")) };
  }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes, source, positions, extensions } = error;
  return extensions["code"] === undefined
    ? new GraphQLError(message, { nodes: nodes ?? null, source, positions, extensions: { code } })
    : error;
}
