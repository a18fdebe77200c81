/**
 * How does the OpenText sandbox answer?
 *
 * With OpenText's protocol, evaluating the tables that are deployed to it. Known from OpenText's samples: the paths, the token
 * request as form and as JSON, the request, the structure of the reply, Apigee's `fault`. Inferred from Flowable DMN, which
 * has the same format: 201, `{message, exception}`, and no rows for a failed evaluation. Assumed: the reply of the model list
 * (HAL, like other services of OpenText) and the answers to a wrong grant (RFC 6749) or tenant. Not part of OpenText: the
 * batch endpoint, which a proxy in front of it may have (pipeline/opentext/batch.ts). Further routes:
 *   GET  /sandbox/tables                the deployed tables: `[{key, version, rules}]`
 *   PUT  /sandbox/tables/{key}/version  `{version}`: reports another version, as after a deployment elsewhere
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { CompiledTable } from "../../pipeline/table/compile.ts";
import { ROUTES, createOpenTextCalls } from "./calls.ts";
import { addBatch, addExecute, isTheirs } from "./evaluations.ts";
import { BadRequest, problem, refusal } from "./problems.ts";
import { addTokens } from "./tokens.ts";
import type { Guard, TokenOptions } from "./tokens.ts";
import { createSandbox } from "../sandbox.ts";
import type { Sandbox } from "../sandbox.ts";

export interface OpenTextSandboxOptions extends TokenOptions {
  readonly tables: readonly CompiledTable[];
  /** The path of the batch endpoint. Default: none. */
  readonly batchPath?: string | undefined;
  readonly random?: () => number;
}

export interface OpenTextSandbox extends Sandbox {
  /** Adds the table, or replaces the one with its key, as a deployment does. */
  deploy(table: CompiledTable): void;
}

interface Deployed {
  readonly compiled: CompiledTable;
  /** The reported version, instead of the table's. */
  readonly version: number;
}

export function createOpenTextSandbox(options: OpenTextSandboxOptions): OpenTextSandbox {
  const models = new Map<string, Deployed>();
  const deploy = (compiled: CompiledTable): void => {
    models.set(compiled.table.key, { compiled, version: compiled.table.version });
  };
  options.tables.forEach(deploy);
  const { now, random } = options;
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
    ...(random && { random }),
    routes(app) {
      const bearer = addTokens(app, options);
      addModels(app, models, bearer);
      addExecute(app, { models, bearer });
      if (batch !== undefined) addBatch(app, batch, { models, bearer, calls });
      addControl(app, models);
      app.setErrorHandler(answerError);
    },
  });
  return { ...sandbox, deploy };
}

const ListQuery = z.object({
  namespace: z.string().optional(),
  key: z.string().optional(),
  page: z.coerce.number().int().min(0).default(0),
  size: z.coerce.number().int().min(1).max(100).default(20),
});
const VersionRequest = z.strictObject({ version: z.int().min(1) });

function addModels(app: FastifyInstance, models: ReadonlyMap<string, Deployed>, bearer: Guard): void {
  app.get(ROUTES.models, { onRequest: bearer }, (request) => {
    const query = ListQuery.safeParse(request.query);
    if (!query.success) throw new BadRequest(z.prettifyError(query.error));
    const { namespace, key, page: number, size } = query.data;
    const found = [...models.values()]
      .filter(({ compiled: { table } }) => namespace === undefined || table.namespace === namespace)
      .filter(({ compiled: { table } }) => key === undefined || table.key === key);
    const decisionModels = found.slice(number * size, (number + 1) * size).map(describe);
    const page = { size, totalElements: found.length, totalPages: Math.ceil(found.length / size), number };
    return { _embedded: { decisionModels }, page };
  });
}

function describe({ compiled: { table }, version }: Deployed): object {
  const { id, key, name, description, namespace, hitPolicy, aggregator, inputs, outputs } = table;
  const hitIndicator = aggregator === undefined ? hitPolicy : `${hitPolicy} ${aggregator}`;
  return { id, key, name, description, namespace, version, hitIndicator, inputs, outputs };
}

function addControl(app: FastifyInstance, models: Map<string, Deployed>): void {
  app.get("/sandbox/tables", () =>
    Array.from(models, ([key, { compiled, version }]) => ({ key, version, rules: compiled.table.rules.length })),
  );
  app.put<{ Params: { key: string } }>("/sandbox/tables/:key/version", (request, reply) => {
    const { key } = request.params;
    const model = models.get(key);
    if (!model) return reply.code(404).send(refusal(404, `No decision found for key: ${key}`));
    const asked = VersionRequest.safeParse(request.body);
    if (!asked.success) throw new BadRequest(z.prettifyError(asked.error));
    models.set(key, { ...model, version: asked.data.version });
    return { key, version: asked.data.version, rules: model.compiled.table.rules.length };
  });
}

/** Errors of the service, for requests that it has parsed. */
function answerError(error: Error & { statusCode?: number }, _request: FastifyRequest, reply: FastifyReply): unknown {
  const status = isTheirs(error) ? 400 : (error.statusCode ?? 500);
  return reply.code(status).send(refusal(status, error.message));
}
