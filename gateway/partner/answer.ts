/**
 * How is a request of a partner answered?
 *
 * As any other, over the graph that partners see; errors say what partners may know, and nothing is said beside them.
 */
import type { Scope } from "../../schema/scope.ts";
import type { Deferred, DeferredResult } from "../engine/execute.ts";
import type { AnswerGraphQL } from "../http/graphql.ts";
import { RequestError } from "../http/request-error.ts";
import { asPartnerError } from "./errors.ts";

/** Every field of that graph is for callers with it. */
const SCOPE: Scope = "eligibility:read";

export function answerPartners(answer: AnswerGraphQL): AnswerGraphQL {
  return async (request) => {
    if (!request.caller.scopes.has(SCOPE)) throw notForPartners();
    const { body, deferred, ...response } = await answer(request);
    const { data, errors } = body;
    return {
      ...response,
      body: { ...(errors && { errors: errors.map(asPartnerError) }), ...(data !== undefined && { data }) },
      deferred: deferred && { pending: deferred.pending, parts: partsOf(deferred) },
    };
  };
}

async function* partsOf({ parts }: Deferred): AsyncGenerator<readonly DeferredResult[]> {
  for await (const results of parts)
    yield results.map(({ part, data, errors }) => ({ part, data, errors: errors.map(asPartnerError) }));
}

function notForPartners(): RequestError {
  return new RequestError(403, "FORBIDDEN", `Cannot answer: the caller needs the scope ${SCOPE}`);
}
