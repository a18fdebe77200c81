/**
 * Which scopes does a field need?
 *
 * Every field of a type that clients get says so in its class: by itself, or by its type for all fields that say nothing.
 * In the SDL each field has the directive, never the type: a gateway passes through types to reach what other subgraphs
 * require, and the facts that decisions require have no scopes, because no client gets them.
 */
import { Extensions } from "type-graphql";
import type { RequiredScopes } from "./scope.ts";

/** The extension of a field or of a type; empty where every caller will do. */
export const REQUIRED_SCOPES = "requiredScopes";

/** Of a field, or of all fields of a type. A caller needs every scope of one of the alternatives. */
export function RequiresScopes(...alternatives: RequiredScopes) {
  return Extensions({ [REQUIRED_SCOPES]: alternatives });
}

/** For what says nothing without the field that holds it. */
export function Authenticated() {
  return Extensions({ [REQUIRED_SCOPES]: [] });
}
