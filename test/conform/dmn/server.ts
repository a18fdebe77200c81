/**
 * A service with OpenText's protocol whose decisions are the public engine's. Tokens are the sandbox's. The model list has
 * the format that the sandbox assumes, with the versions that the engine counts.
 */
import fastify from "fastify";
import { z } from "zod";
import { ROUTES } from "../../../subgraphs/sandbox/opentext/calls.ts";
import { addTokens } from "../../../subgraphs/sandbox/opentext/tokens.ts";
import type { DmnEngine } from "./engine.ts";
import type { Model } from "./probe.ts";

export interface DmnServer {
  readonly origin: string;
  /** Execute requests by the status of their answer. */
  readonly executed: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export interface DeployedModel {
  readonly model: Model;
  readonly version: number;
}

const Query = z.object({ key: z.string().optional() });

export async function startDmnServer(engine: DmnEngine, models: readonly DeployedModel[]): Promise<DmnServer> {
  const app = fastify();
  const executed = new Map<string, number>();
  const bearer = addTokens(app, {});
  app.get(ROUTES.models, { onRequest: bearer }, (request) => {
    const { key } = Query.parse(request.query);
    const decisionModels = models
      .filter(({ model }) => key === undefined || model.key === key)
      .map(({ model: { id, key, name, namespace }, version }) => ({ id, key, name, namespace, version }));
    const page = { size: decisionModels.length, totalElements: decisionModels.length, totalPages: 1, number: 0 };
    return { _embedded: { decisionModels }, page };
  });
  app.post(ROUTES.execute, { onRequest: bearer }, async (request, reply) => {
    const { status, body, failed } = await engine.execute(request.body);
    const how = failed === undefined ? String(status) : `${status}, failed: ${failed}`;
    const what = status === 201 ? how : `${how}: ${body.exception ?? ""}`;
    executed.set(what, 1 + (executed.get(what) ?? 0));
    return reply.code(status).send(body);
  });
  return { origin: await app.listen({ port: 0, host: "127.0.0.1" }), executed, close: async () => app.close() };
}
