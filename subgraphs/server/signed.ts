/**
 * How does a subgraph answer its gateways, and nobody else?
 *
 * Every request has to be signed, except probes, which hold nothing of the graph.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { Caller } from "../platform/caller.ts";
import { errorsOf } from "../platform/http-errors.ts";
import type { SignatureGuard } from "../platform/signing/guard.ts";
import { PROBES } from "./probes.ts";

/** Before the routes are registered. Gives who sent a request that is answered. */
export function requireSignatures(
  app: FastifyInstance,
  guard: SignatureGuard,
  log: Logger,
): (request: FastifyRequest) => Caller {
  const callers = new WeakMap<FastifyRequest, Caller>();
  app.addHook("onRequest", async (request, reply) => {
    const { id: requestId, method, url: path, headers, routeOptions } = request;
    if (PROBES.has(routeOptions.url)) return undefined;
    const checked = await guard.check({ method, path, headers });
    if ("problem" in checked) {
      log.warn({ requestId, problem: checked.problem }, "request refused: it is not from a gateway");
      return reply.code(401).send(errorsOf("UNAUTHENTICATED", `Cannot answer: ${checked.problem}`));
    }
    callers.set(request, checked.caller);
    return undefined;
  });
  return (request) => {
    const caller = callers.get(request);
    if (!caller) throw new Error("a request that is not signed must not be answered");
    return caller;
  };
}
