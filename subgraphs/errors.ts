/**
 * What does a client see of an error?
 *
 * A message and a code. What the graph says on purpose (a client's mistake, a decision that could not be made, an
 * upstream that failed) passes as it is; anything else is a bug: logged whole, shown as nothing.
 */
import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError } from "graphql";
import type { GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import { DecisionError } from "./decisions/ask.ts";
import { UpstreamError } from "./upstream.ts";

export function presentError(formatted: GraphQLFormattedError, error: unknown, log: Logger): GraphQLFormattedError {
  const cause = unwrapResolverError(error);
  if (cause instanceof DecisionError) return { ...formatted, extensions: { ...cause.extensions } };
  if (cause instanceof UpstreamError) {
    log.warn({ upstream: cause.upstream, failure: cause.failure, status: cause.status }, cause.message);
    return { ...formatted, extensions: upstreamExtensions(cause) };
  }
  // Without a code of its own it is graphql's word for a value that does not fit its type, and it quotes the value.
  if (cause instanceof GraphQLError && formatted.extensions?.["code"] !== "INTERNAL_SERVER_ERROR") return formatted;
  log.error({ ...(cause instanceof GraphQLError ? {} : { err: cause }), path: formatted.path }, "unexpected error");
  return { ...formatted, message: "Internal error", extensions: { code: "INTERNAL_SERVER_ERROR" } };
}

function upstreamExtensions({ upstream, failure, retryable }: UpstreamError): Record<string, unknown> {
  const code =
    failure === "UNEXPECTED"
      ? "UPSTREAM_UNEXPECTED"
      : failure === "TIMEOUT"
        ? "UPSTREAM_TIMEOUT"
        : "UPSTREAM_UNAVAILABLE";
  return { code, upstream, retryable };
}
