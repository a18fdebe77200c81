/**
 * Which calls did the OpenText sandbox get? `{tokens, lists, executes, batches, byKey, recent: [{key, inputs, status, ms}]}`.
 *
 * All requests are counted, also those that a fault or a missing token rejected. Those were not parsed, so their key is null
 * and they are in `executes` but not in `byKey`. A batch request counts once in `batches` and once in `executes` for each of
 * its evaluations, unless it was rejected.
 */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { CallLog } from "../sandbox.ts";

/** The counted requests by their route; the batch path is not OpenText's. */
export const ROUTES = {
  token: "/tenants/:tenantId/oauth2/token",
  models: "/decision/v1/runtime/decision-models",
  execute: "/decision/v1/execute",
} as const;

export interface OpenTextCalls extends CallLog {
  /** Logs the result of each evaluation of a batch. */
  answered(request: FastifyRequest, items: readonly AnsweredItem[]): void;
}
interface AnsweredItem {
  readonly item: unknown;
  readonly status: number;
}

interface Execution {
  readonly key: string | null;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly status: number;
  /** From the arrival of the request to the end of the response. */
  readonly ms: number;
}

/** The number of logged executions. */
const REMEMBERED = 500;

const Asked = z.object({
  decisionKey: z.string(),
  inputVariables: z.array(z.object({ name: z.string(), value: z.unknown().optional() })).catch([]),
});

/** `batch` is the route of batch requests, if there is one. */
export function createOpenTextCalls(batch: string | undefined): OpenTextCalls {
  const answers = new WeakMap<FastifyRequest, readonly AnsweredItem[]>();
  let tokens = 0;
  let lists = 0;
  let executes = 0;
  let batches = 0;
  let byKey = new Map<string, number>();
  let recent: Execution[] = [];

  return {
    answered: (request, items) => void answers.set(request, items),
    record(request, reply) {
      const route = request.routeOptions.url;
      const ms = Math.round(reply.elapsedTime);
      if (route === ROUTES.token) tokens += 1;
      if (route === ROUTES.models) lists += 1;
      if (route === ROUTES.execute) recordExecution(request.body, reply.statusCode, ms);
      if (route !== undefined && route === batch) {
        batches += 1;
        for (const { item, status } of answers.get(request) ?? []) recordExecution(item, status, ms);
      }
    },
    snapshot: () => ({ tokens, lists, executes, batches, byKey: Object.fromEntries(byKey), recent }),
    reset() {
      tokens = lists = executes = batches = 0;
      byKey = new Map();
      recent = [];
    },
  };

  function recordExecution(body: unknown, status: number, ms: number): void {
    const asked = Asked.safeParse(body).data;
    const inputs = Object.fromEntries(asked?.inputVariables.map(({ name, value }) => [name, value ?? null]) ?? []);
    executes += 1;
    if (asked) byKey.set(asked.decisionKey, (byKey.get(asked.decisionKey) ?? 0) + 1);
    recent.push({ key: asked?.decisionKey ?? null, inputs, status, ms });
    if (recent.length > REMEMBERED) recent.shift();
  }
}
