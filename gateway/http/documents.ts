/**
 * Is a document valid, and which of its operations is meant?
 *
 * A client sends the same valid document many times, so it is kept: the least recently used goes first, and all kept
 * documents together have a bounded size. Errors are not kept: they hold on to what the validation knew.
 */
import { GraphQLError, getOperationAST, specifiedRules, validate } from "graphql";
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { LRUCache } from "lru-cache";
import { spanHere } from "../../subgraphs/platform/tracing/span.ts";
import { staticLabels } from "../engine/deferral.ts";
import { shortened } from "../engine/error-text.ts";
import { limitExceeded, parseLimited } from "../engine/limits.ts";

export type ReadOutcome =
  | { readonly document: DocumentNode; readonly operation: OperationDefinitionNode }
  | { readonly errors: readonly GraphQLError[] };

export type ReadOperation = (sent: {
  readonly query: string;
  readonly operationName: string | undefined;
}) => ReadOutcome;

type Checked = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

const MAX_DOCUMENTS = 2000;
/** Of their texts together, in characters. A parsed document takes some hundred times as many bytes. */
const MAX_SIZE = 512 * 1024;
const RULES = [...specifiedRules, staticLabels];
/** In one response: a client repairs its query with the first few. */
const MAX_ERRORS = 20;

/** `hideSuggestions`: errors suggest no names that are like a name which does not exist. */
export function createOperationReader(
  schema: GraphQLSchema,
  { hideSuggestions }: { readonly hideSuggestions: boolean },
): ReadOperation {
  const documents = new LRUCache<string, DocumentNode>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_SIZE,
    sizeCalculation: (_document, text) => text.length,
  });

  return ({ query, operationName }) => {
    let document = documents.get(query);
    if (!document) {
      const read = parseAndValidate(query);
      if ("errors" in read) return read;
      ({ document } = read);
      documents.set(query, document);
    }
    const operation = getOperationAST(document, operationName);
    if (operation) return { document, operation };
    const message =
      operationName === undefined
        ? "Cannot execute: the document has several operations, or none; send operationName"
        : "Cannot execute: the document has no operation of this name";
    return { errors: [new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } })] };
  };

  function parseAndValidate(query: string): Checked {
    let document: DocumentNode;
    const parsing = spanHere()?.begin("graphql.parse");
    try {
      document = parseLimited(query);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { errors: [withCode(error, "GRAPHQL_PARSE_FAILED")] };
    } finally {
      parsing?.end();
    }
    const validating = spanHere()?.begin("graphql.validate");
    const errors = validate(schema, document, RULES, { maxErrors: MAX_ERRORS, hideSuggestions });
    validating?.end();
    if (errors.length === 0) return { document };
    if (errors.every(({ message }) => message === ABORTED)) return { errors: [limitExceeded(TOO_COMPLEX)] };
    return { errors: errors.map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED")) };
  }
}

/** What graphql-js says of a document that would take too long to validate. */
const ABORTED = "Validation aborted.";
const TOO_COMPLEX = "document has too many selections of the same fields to be validated";

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes, source, positions, extensions } = error;
  return extensions["code"] === undefined
    ? new GraphQLError(shortened(message), { nodes: nodes ?? null, source, positions, extensions: { code } })
    : error;
}
