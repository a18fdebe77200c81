/** How does the graph say that a client asked for something that cannot be? As errors with a code, in plain words. */
import { GraphQLError } from "graphql";

/** The client's mistake: it can be fixed by asking differently. `argument` names what to change. */
export function badUserInput(message: string, argument: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT", argument } });
}

/** Something named by the client does not exist, and null alone would not say which thing. */
export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "NOT_FOUND" } });
}
