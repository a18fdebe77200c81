/**
 * Which fields does no subgraph get to see?
 *
 * Those with an argument that GraphQL refuses, and those that the caller lacks the scopes for. Each is null, or what its
 * type makes of that, with an error at its path.
 */
import type { FieldNode, GraphQLField } from "graphql";
import { forbidden } from "../../schema/errors.ts";
import { nullArgument } from "./arguments.ts";
import type { CallerOperation } from "./operation.ts";

export interface Refusal {
  readonly message: string;
  /** With a code. */
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** For a field of a type of objects; undefined for a field that is resolved. */
export function refusalOf(
  { variables, lacking }: Pick<CallerOperation, "variables" | "lacking">,
  type: string,
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): Refusal | undefined {
  const message = nullArgument(definition, node, variables);
  if (message !== undefined) return { message, extensions: { code: "BAD_USER_INPUT" } };
  const requiredScopes = lacking(type, definition.name);
  if (!requiredScopes) return undefined;
  return forbidden(`${type}.${definition.name}`, requiredScopes);
}
