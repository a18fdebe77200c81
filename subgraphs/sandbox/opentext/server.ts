/**
 * How does the OpenText sandbox answer?
 *
 * With OpenText's protocol, evaluating the tables that are deployed to it. Known from OpenText's samples: the paths, the token
 * request as form and as JSON, the request, the structure of the reply, Apigee's `fault`. Inferred from Flowable DMN, which
 * has the same format: 201, `{message, exception}`, and no rows for a failed evaluation. Assumed: the reply of the model list
 * (HAL, like other services of OpenText) and the answers to a wrong grant (RFC 6749) or tenant. Not part of OpenText: the
 * batch endpoint, which a proxy in front of it may have (pipeline/opentext/batch.ts).
 * Where several ways are possible, `/sandbox/behaviour` (behaviour.ts) selects one; tables are deployed by
 * `/sandbox/tables` (models.ts).
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { CompiledTable } from "../../pipeline/table/compile.ts";
import { addBehaviour } from "./behaviour.ts";
import { ROUTES, createOpenTextCalls } from "./calls.ts";
import { addBatch, addExecute } from "./evaluations.ts";
import { addDeployments, addModels } from "./models.ts";
import type { Deployments } from "./models.ts";
import { BadRequest, problem, refusal } from "./problems.ts";
import { addTokens } from "./tokens.ts";
import type { TokenOptions } from "./tokens.ts";
import { createSandbox } from "../sandbox.ts";
import type { Sandbox } from "../sandbox.ts";

export interface OpenTextSandboxOptions extends TokenOptions {
  readonly tables: readonly CompiledTable[];
  /** The path of the batch endpoint. Default: none. */
  readonly batchPath?: string | undefined;
  readonly random?: () => number;
}

export interface OpenTextSandbox extends Sandbox {
  /** Adds the table, or replaces the one with its key, under the version that it says: a test may need any. */
  deploy(table: CompiledTable): void;
}

export function createOpenTextSandbox(options: OpenTextSandboxOptions): OpenTextSandbox {
  const models: Deployments = new Map(
    options.tables.map((compiled) => [compiled.table.key, { compiled, version: FIRST_DEPLOYMENT }]),
  );
  const deploy = (compiled: CompiledTable): void => {
    models.set(compiled.table.key, { compiled, version: compiled.table.version });
  };
  const { now, random = Math.random } = options;
  // A single colon would begin a route parameter.
  const batch = options.batchPath?.replaceAll(":", "::");
  const calls = createOpenTextCalls(batch);
  const sandbox = createSandbox({
    name: "opentext",
    calls,
    problem,
    kinds: {
      token: [ROUTES.token],
      execute: [ROUTES.execute, ...(batch === undefined ? [] : [batch])],
      list: [ROUTES.models],
    },
    many: batch,
    spoilsRows: true,
    ...(now && { now }),
    random,
    routes(app) {
      const bearer = addTokens(app, options);
      const behaviour = addBehaviour(app);
      const evaluations = { models, bearer, behaviour, random };
      addModels(app, models, bearer, behaviour);
      addExecute(app, evaluations);
      if (batch !== undefined) addBatch(app, batch, { ...evaluations, calls });
      addDeployments(app, models);
      app.setErrorHandler(answerError);
    },
  });
  return { ...sandbox, deploy };
}

const FIRST_DEPLOYMENT = 1;

/** Errors of the service, for requests that it has parsed. */
function answerError(error: Error & { statusCode?: number }, _request: FastifyRequest, reply: FastifyReply): unknown {
  const status = error instanceof BadRequest ? 400 : (error.statusCode ?? 500);
  return reply.code(status).send(refusal(status, error.message));
}
