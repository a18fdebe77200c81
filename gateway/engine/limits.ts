/** Which operations does the gateway refuse because of their size? */
import { GraphQLError } from "graphql";

/** `Cannot execute the operation: it has more than 10000 selections`, with code LIMIT_EXCEEDED. */
export function limitExceeded(what: string, limit: number): GraphQLError {
  return new GraphQLError(`Cannot execute the operation: it has more than ${limit} ${what}`, {
    extensions: { code: "LIMIT_EXCEEDED", limit: what, max: limit, http: { status: 400, spec: true } },
  });
}
