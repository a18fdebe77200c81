/**
 * What do clients and operators see of an error?
 *
 * A client sees a message and a code. Deliberate errors pass (invalid input, a failed decision, a failed upstream, without
 * the upstream's own message); any other error is a bug and becomes "Internal error". The log gets upstream failures and
 * bugs, each once: one failed call can fail every field that needs it.
 */
import type { ApolloServerPlugin } from "@apollo/server";
import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import type { DocumentNode, GraphQLFormattedError, GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { Context } from "../platform/context.ts";
import { DecisionError } from "../pipeline/ask.ts";
import { databaseError } from "../platform/database-error.ts";
import { ItemError } from "../platform/items.ts";
import { createRefusedAccounts } from "../platform/refused-accounts.ts";
import { UpstreamError, comeBackIn, upstreamCodeOf } from "../platform/upstream-error.ts";

export function presentError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const cause = databaseError(unwrapResolverError(error));
  if (cause instanceof DecisionError) return { ...formatted, extensions: { ...cause.extensions } };
  if (cause instanceof UpstreamError) {
    const message = `Cannot ask ${cause.upstream}: ${upstreamState(cause)}`;
    return { ...formatted, message, extensions: upstreamExtensions(cause) };
  }
  if (isDeliberate(cause)) return formatted;
  return { ...formatted, message: "Internal error", extensions: { code: "INTERNAL_SERVER_ERROR" } };
}

export interface FailedRequest {
  readonly schema: GraphQLSchema;
  /** Called for an error that does not name its field. */
  readonly document: () => DocumentNode | undefined;
  readonly log: Logger;
}

export type LogErrors = (request: FailedRequest, errors: readonly GraphQLError[]) => void;

/** Logs an error once, however many fields and requests it fails. */
export function createLogErrors(accounts = createRefusedAccounts()): LogErrors {
  const logged = new WeakSet<Error>();
  return (request, errors) => {
    for (const error of errors) {
      const thrown = unwrapResolverError(error);
      if (thrown instanceof Error && logged.has(thrown)) continue;
      if (thrown instanceof Error) logged.add(thrown);
      const cause = databaseError(thrown);
      accounts.tell(request.log, cause);
      logError(request, error, cause);
    }
  };
}

export function useLogErrors(logErrors: LogErrors): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      async didEncounterErrors({ schema, document, contextValue: { log }, errors }) {
        logErrors({ schema, document: () => document, log }, errors);
      },
    }),
  };
}

function logError(request: FailedRequest, error: GraphQLError, cause: unknown): void {
  const { log } = request;
  const { path } = error;
  if (cause instanceof DecisionError || isDeliberate(cause)) return;
  if (cause instanceof UpstreamError) {
    const { upstream, failure, status, message } = cause;
    const item = cause instanceof ItemError ? { item: cause.item, field: cause.field } : {};
    return log.warn({ upstream, failure, status, path, ...item }, message);
  }
  // graphql's own error quotes the value, which may be personal, in its message and stack.
  if (cause instanceof GraphQLError) {
    return log.error({ path, ...fieldOf(request, error) }, "a value does not fit its type");
  }
  return log.error({ err: cause, path }, "unexpected error");
}

/** An error with a code of its own is deliberate. */
function isDeliberate(cause: unknown): boolean {
  if (!(cause instanceof GraphQLError)) return false;
  const { code } = cause.extensions;
  return code !== undefined && code !== "INTERNAL_SERVER_ERROR";
}

/** The failed field's name in the schema: the path has the client's aliases. */
function fieldOf(
  { schema, document: read }: FailedRequest,
  { path = [] }: GraphQLError,
): { field?: string; type?: string } {
  const types = new TypeInfo(schema);
  const key = path.findLast((one) => typeof one === "string");
  let found = {};
  const search = visitWithTypeInfo(types, {
    Field(node) {
      if ((node.alias ?? node.name).value !== key) return undefined;
      found = { field: `${String(types.getParentType())}.${node.name.value}`, type: String(types.getType()) };
      return undefined;
    },
  });
  const document = read();
  if (document) visit(document, search);
  return found;
}

/** Without the upstream's own message: it may quote personal data. */
function upstreamState({ failure, status }: UpstreamError): string {
  return failure === "STATUS" ? `it answered ${status}` : STATES[failure];
}

const STATES = {
  TIMEOUT: "it did not answer in time",
  UNREACHABLE: "it cannot be reached",
  UNEXPECTED: "it answered unexpectedly",
  ABORTED: "the caller gave up",
} as const;

function upstreamExtensions(error: UpstreamError): Record<string, unknown> {
  const { upstream, retryable } = error;
  const item = error instanceof ItemError ? { item: error.item, field: error.field } : {};
  return { code: upstreamCodeOf(error), upstream, retryable, ...comeBackIn(error), ...item };
}
