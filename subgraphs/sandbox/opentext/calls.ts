/**
 * What was the OpenText sandbox asked? `{tokens, lists, executes, byKey, recent: [{key, inputs, status, ms}]}`.
 *
 * Everything that came in is counted, also what a fault or a missing token turned away. Such a request was never read,
 * so its key is null, and it is counted in `executes` but not in `byKey`.
 */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { CallLog } from "../sandbox.ts";

/** The kinds of request that are counted, by the pattern of their route. */
export const ROUTES = {
  token: "/tenants/:tenantId/oauth2/token",
  models: "/decision/v1/runtime/decision-models",
  execute: "/decision/v1/execute",
} as const;

interface Execution {
  readonly key: string | null;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly status: number;
  /** From the request's arrival to the end of the answer. */
  readonly ms: number;
}

/** The last executions that are told of. */
const REMEMBERED = 500;

const Asked = z.object({
  decisionKey: z.string(),
  inputVariables: z.array(z.object({ name: z.string(), value: z.unknown().optional() })).catch([]),
});

export function createOpenTextCalls(): CallLog {
  let tokens = 0;
  let lists = 0;
  let executes = 0;
  let byKey = new Map<string, number>();
  let recent: Execution[] = [];

  return {
    record(request, reply) {
      const route = request.routeOptions.url;
      if (route === ROUTES.token) tokens += 1;
      if (route === ROUTES.models) lists += 1;
      if (route === ROUTES.execute) recordExecution(request, reply.statusCode, Math.round(reply.elapsedTime));
    },
    snapshot: () => ({ tokens, lists, executes, byKey: Object.fromEntries(byKey), recent }),
    reset() {
      tokens = lists = executes = 0;
      byKey = new Map();
      recent = [];
    },
  };

  function recordExecution(request: FastifyRequest, status: number, ms: number): void {
    const asked = Asked.safeParse(request.body).data;
    const inputs = Object.fromEntries(asked?.inputVariables.map(({ name, value }) => [name, value ?? null]) ?? []);
    executes += 1;
    if (asked) byKey.set(asked.decisionKey, (byKey.get(asked.decisionKey) ?? 0) + 1);
    recent.push({ key: asked?.decisionKey ?? null, inputs, status, ms });
    if (recent.length > REMEMBERED) recent.shift();
  }
}
