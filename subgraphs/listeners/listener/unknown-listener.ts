/** What is the error if a mutation names a listener that does not exist? */
import type { GraphQLError } from "graphql";
import { badUserInput } from "../../../schema/errors.ts";

export function unknownListener(mutation: string, id: string): GraphQLError {
  return badUserInput(`Cannot ${mutation}: there is no listener ${id}`, "listenerId");
}
