/**
 * How is a request of a partner answered?
 *
 * As any other, over the graph that partners see. Errors say what partners may know, and beside them stands only what the
 * operation costs.
 */
import type { GraphQLSchema } from "graphql";
import type { Scope } from "../../schema/scope.ts";
import type { Deferred, DeferredResult } from "../engine/execute.ts";
import type { AnswerGraphQL } from "../http/graphql.ts";
import { notExplained } from "../http/explain.ts";
import { RequestError } from "../http/request-error.ts";
import { createPartnerErrors } from "./errors.ts";
import type { AsPartnerError } from "./errors.ts";

/** Every field of that graph is for callers with it. */
const SCOPE: Scope = "eligibility:read";

/** `schema` is what partners see. */
export function answerPartners(answer: AnswerGraphQL, schema: GraphQLSchema): AnswerGraphQL {
  const asPartnerError = createPartnerErrors(schema);
  return async (request) => {
    if (!request.caller.scopes.has(SCOPE)) throw notForPartners();
    if (request.parameters.asksExplain) throw notExplained("plans are not for partners");
    const { body, deferred, ...response } = await answer(request);
    const { data, errors, extensions } = body;
    return {
      ...response,
      body: {
        ...(errors && { errors: errors.map(asPartnerError) }),
        ...(data !== undefined && { data }),
        ...(extensions?.cost && { extensions: { cost: extensions.cost } }),
      },
      deferred: deferred && { pending: deferred.pending, parts: partsOf(deferred, asPartnerError) },
    };
  };
}

async function* partsOf(
  { parts }: Deferred,
  asPartnerError: AsPartnerError,
): AsyncGenerator<readonly DeferredResult[]> {
  for await (const results of parts)
    yield results.map(({ part, data, errors }) => ({ part, data, errors: errors.map(asPartnerError) }));
}

function notForPartners(): RequestError {
  return new RequestError(403, "FORBIDDEN", `Cannot answer: the caller needs the scope ${SCOPE}`);
}
