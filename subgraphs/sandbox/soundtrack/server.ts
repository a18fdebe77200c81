/**
 * How does the Soundtrack sandbox answer?
 *
 * One GraphQL endpoint, `POST /v2`: Basic authentication, status 200 for every failure inside a query, errors that have only
 * a message (`Forbidden`), partial nulls, and a budget of 3600 tokens that grows by 50 a second, from which the cost of a
 * query is taken (cost.ts), reported in `x-ratelimiting-cost` and `x-ratelimiting-tokens-available`. All of that is
 * documented. Errors with `extensions.code` were observed: `errors: "codes"`.
 *
 * Assumptions: a query that costs more than is left is answered with 429 (documented as `4xx`), or with `RATE_LIMITED` where
 * errors have codes; it costs nothing and changes nothing. An unknown id is NOT_FOUND, an invalid cursor BAD_USER_INPUT, and a
 * wrong token 401.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { GraphQLError, execute, parse, validate } from "graphql";
import type { DocumentNode, ExecutionResult } from "graphql";
import { z } from "zod";
import { createTokenBucket } from "../../platform/token-bucket.ts";
import { createSandbox } from "../sandbox.ts";
import type { Sandbox } from "../sandbox.ts";
import { costOf } from "./cost.ts";
import { createSoundtrackObjects, problem } from "./objects.ts";
import type { Reading } from "./objects.ts";
import { soundtrackSchema } from "./schema.ts";
import type { LocationWorld } from "../world/locations.ts";

export interface SoundtrackSandboxOptions {
  readonly world: LocationWorld;
  /** Default "sandbox". */
  readonly token?: string;
  /** Default: 3600 tokens, and 50 a second. */
  readonly bucket?: { readonly capacity: number; readonly perSecond: number };
  /** Failures: an id, or an id and a field (`${id}.soundZones`), → the error's code. */
  readonly troubles?: ReadonlyMap<string, string>;
  /** What says which error it is. Default "messages". */
  readonly errors?: "messages" | "codes";
  /** Milliseconds since the epoch, for the budget and what plays now. */
  readonly now?: () => number;
  /** 0 to 1; selects the requests that a fault affects. */
  readonly random?: () => number;
}

const Body = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

export function createSoundtrackSandbox(options: SoundtrackSandboxOptions): Sandbox {
  const { world, token = "sandbox", troubles = new Map<string, string>(), now = Date.now, random } = options;
  const { errors: form = "messages" } = options;
  const { root } = createSoundtrackObjects({ world, troubles, now });
  const bucket = createTokenBucket({ ...(options.bucket ?? { capacity: 3600, perSecond: 50 }), now });

  return createSandbox({
    name: "soundtrack",
    problem: (status) => worded(failed(problem("The service could not process the request", `HTTP_${status}`))),
    now,
    ...(random && { random }),
    isWrite: ({ body }) => Body.safeParse(body).data?.query.trimStart().startsWith("mutation") ?? false,
    routes,
  });

  function routes(app: FastifyInstance): void {
    app.post("/v2", async (request, reply) => {
      if (request.headers.authorization !== `Basic ${token}`) {
        return reply.code(401).send(worded(failed(problem("Invalid credentials", "UNAUTHENTICATED"))));
      }
      const body = Body.safeParse(request.body);
      if (!body.success) return reply.code(400).send(worded(failed(problem("Malformed request", "BAD_REQUEST"))));
      return worded(await answer(body.data, reply));
    });
  }

  /** The cost is known before anything is executed. */
  async function answer({ query, variables, operationName }: z.infer<typeof Body>, reply: FastifyReply) {
    const { document, errors } = documentOf(query);
    if (!document) return failed(...errors);
    const cost = costOf(soundtrackSchema, document, variables ?? {});
    const isPaid = bucket.take(cost) === 0;
    reply.headers({ "x-ratelimiting-cost": cost, "x-ratelimiting-tokens-available": Math.floor(bucket.available) });
    if (!isPaid) {
      if (form === "messages") reply.code(429);
      return failed(problem("Rate limit exceeded", "RATE_LIMITED"));
    }
    const reading: Reading = { changes: [] };
    const result = await execute({
      schema: soundtrackSchema,
      document,
      rootValue: root,
      contextValue: reading,
      variableValues: variables ?? {},
      operationName: operationName ?? null,
    });
    for (const change of reading.changes) change();
    return result;
  }

  function worded(result: ExecutionResult): object {
    if (form === "codes" || !result.errors) return result;
    return { ...result, errors: result.errors.map(asDocumented) };
  }
}

/** Without a code: the message says which error it is. */
function asDocumented({ message, path, locations, extensions }: GraphQLError): object {
  return { message: WORDS[String(extensions["code"])] ?? message, path, locations };
}

const WORDS: Readonly<Record<string, string>> = {
  FORBIDDEN: "Forbidden",
  NOT_FOUND: "Not found",
  INTERNAL_SERVER_ERROR: "Internal server error",
};

function documentOf(query: string): { readonly document?: DocumentNode; readonly errors: readonly GraphQLError[] } {
  try {
    const document = parse(query);
    const invalid = validate(soundtrackSchema, document);
    if (invalid.length === 0) return { document, errors: [] };
    return { errors: invalid.map(({ message }) => problem(message, "GRAPHQL_VALIDATION_FAILED")) };
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [problem(error.message, "GRAPHQL_PARSE_FAILED")] };
    throw error;
  }
}

function failed(...errors: readonly GraphQLError[]): ExecutionResult {
  return { data: null, errors };
}
