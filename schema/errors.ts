/** Which errors does a client cause? Each has a code, and a message that says what to change. */
import { GraphQLError } from "graphql";
import type { RequiredScopes } from "./scope.ts";

/** The problems of each invalid field, by its path: `trackUris.3`. */
export type FieldProblems = Readonly<Record<string, readonly string[]>>;

/** Invalid input; `argument` names what to change. */
export function badUserInput(message: string, argument: string, fields?: FieldProblems): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT", argument, ...(fields && { fields }) } });
}

/** The client names something that does not exist, and null would not say which. */
export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "NOT_FOUND" } });
}

/** The current state does not allow the change. */
export function conflict(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "CONFLICT" } });
}

/** It was changed concurrently, between being read and being written. */
export function overtaken(id: string): GraphQLError {
  return conflict(`Cannot change ${id}: another caller has changed it meanwhile`);
}

/** The caller has the scopes, and may not do this all the same. */
export function notAllowed(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "FORBIDDEN" } });
}

/** The caller lacks scopes for a field, `Campaign.budget`. */
export function forbidden(field: string, requiredScopes: RequiredScopes): GraphQLError {
  const isOne = requiredScopes.length === 1 && requiredScopes[0]?.length === 1;
  const alternatives = requiredScopes.map((scopes) => scopes.join(" and ")).join(", or ");
  return new GraphQLError(`Cannot answer ${field}: it needs the ${isOne ? "scope" : "scopes"} ${alternatives}`, {
    extensions: { code: "FORBIDDEN", requiredScopes },
  });
}
