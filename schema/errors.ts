/** How does the graph say that a client asked for something that cannot be? As errors with a code, in plain words. */
import { GraphQLError } from "graphql";

/** What is wrong with each field of an input, by its path: `trackUris.3`. */
export type FieldProblems = Readonly<Record<string, readonly string[]>>;

/** The client's mistake: it can be fixed by asking differently. `argument` names what to change. */
export function badUserInput(message: string, argument: string, fields?: FieldProblems): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT", argument, ...(fields && { fields }) } });
}

/** Something named by the client does not exist, and null alone would not say which thing. */
export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "NOT_FOUND" } });
}

/** What is asked for cannot be done to the thing as it is now: somebody else was faster, or it has come too far. */
export function conflict(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "CONFLICT" } });
}

/** Between looking at a thing and changing it, somebody else changed it. */
export function overtaken(id: string): GraphQLError {
  return conflict(`Cannot change ${id}: somebody else has changed it meanwhile`);
}
