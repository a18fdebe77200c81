/**
 * How does another router ask the subgraphs, which answer only what a gateway has signed?
 *
 * Through this: it takes what the router would send to a subgraph at `/NAME`, finds out who the client is by the credential that
 * the router hands on, as the gateway does, and sends it signed to a replica. It plans nothing and merges nothing.
 */
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";
import { monotonic } from "../subgraphs/platform/clock.ts";
import { createGraphQLServer } from "../subgraphs/platform/http-errors.ts";
import type { RequestLimits } from "../subgraphs/platform/request-limits.ts";
import type { Access } from "./access/access.ts";
import { createListener } from "./http/listener.ts";
import type { Listener } from "./http/listener.ts";
import { RequestError, badRequest } from "./http/request-error.ts";
import { createCalls } from "./transport/calls.ts";
import type { Transport } from "./transport/transport.ts";

export interface SigningProxyOptions {
  /** By subgraph name; they sign. */
  readonly transports: ReadonlyMap<string, Transport>;
  readonly identify: Access["identify"];
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly limits: Pick<RequestLimits, "bodyBytes" | "timeoutMs">;
  /** Adds `/health` and the like. */
  readonly probes: (app: FastifyInstance) => void;
  readonly log: Logger;
}

const Sent = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/** Does not listen. */
export function createSigningProxy(options: SigningProxyOptions): Pick<Listener, "listen" | "leave" | "close"> {
  const { transports, identify, host, allowedHosts, limits, probes, log } = options;
  const bodyLimit = { bytes: limits.bodyBytes, setting: "LIMIT_BODY_BYTES" };
  const app = createGraphQLServer(log, { allowedHosts, bodyLimit });
  const calls = createCalls(transports, log);
  probes(app);
  app.post<{ Params: { subgraph: string } }>("/:subgraph", async (request, reply) => {
    const gone = new AbortController();
    reply.raw.once("close", () => {
      if (!reply.raw.writableFinished) gone.abort(new Error("the router has gone away"));
    });
    try {
      const { subgraph } = request.params;
      if (!transports.has(subgraph))
        throw new RequestError(404, "NOT_FOUND", "Cannot answer: there is no such subgraph");
      const caller = await identify(request.raw.rawHeaders);
      const { success, data } = Sent.safeParse(request.body);
      if (!success) throw badRequest("Cannot read the request: the body is no GraphQL request");
      const call = calls({
        // The router has named its operation in the document.
        operationName: undefined,
        requestId: request.id,
        caller,
        readsAnew: /^\s*mutation\b/.test(data.query),
        endsAt: monotonic() + limits.timeoutMs,
        signal: gone.signal,
        onMaxAge: () => {},
      });
      const response = await call({ subgraph, query: data.query }, data.variables ?? {});
      return await reply.header("cache-control", "no-store").send({ data: response.data, errors: response.errors });
    } catch (error) {
      if (error instanceof RequestError)
        return reply.code(error.status).headers(error.headers).send(error.toResponse());
      if (gone.signal.aborted) return reply.hijack();
      throw error;
    }
  });
  return createListener(app, { host, lingerMs: 0, log });
}
