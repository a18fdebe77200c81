/**
 * How does the CRM sandbox answer?
 *
 * `POST /leads`: 200 to a webhook with a current signature by Standard Webhooks. A repeated id is answered 200 too and counted
 * as a duplicate. `GET /sandbox/leads` lists the accepted leads.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { isSigned } from "../../platform/webhook.ts";
import { createSandbox } from "../sandbox.ts";
import type { Sandbox } from "../sandbox.ts";

export interface CrmSandboxOptions {
  /** Default SANDBOX_SECRET. */
  readonly secret?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** 0 to 1; selects the requests that a fault affects. */
  readonly random?: () => number;
}

interface Lead {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: unknown;
  readonly receivedAt: string;
  /** How often it was repeated. */
  duplicates: number;
}

/** Public; only for this sandbox. */
export const SANDBOX_SECRET = `whsec_${Buffer.from("a sandbox has no secrets").toString("base64")}`;

const TOLERANCE_MS = 5 * 60_000;
const Headers = z.object({
  "webhook-id": z.string().min(1),
  "webhook-timestamp": z.string().regex(/^\d+$/).transform(Number),
  "webhook-signature": z.string().min(1),
});
const Event = z.object({ type: z.string(), timestamp: z.iso.datetime(), data: z.unknown() });

export function createCrmSandbox(options: CrmSandboxOptions = {}): Sandbox {
  const { secret = SANDBOX_SECRET, now = Date.now, random } = options;
  const leads = new Map<string, Lead>();
  /** The raw body, which is what was signed. */
  const texts = new WeakMap<FastifyRequest, string>();

  return createSandbox({
    name: "crm",
    problem: (status) => ({ error: `The service could not process the request (${status})` }),
    now,
    ...(random && { random }),
    routes(app) {
      app.get("/sandbox/leads", () => ({ leads: [...leads.values()] }));
      void app.register(async (api) => routes(api));
    },
  });

  function routes(api: FastifyInstance): void {
    api.removeContentTypeParser("application/json");
    api.addContentTypeParser(
      "application/json",
      { parseAs: "string" },
      async (request: FastifyRequest, text: string) => {
        texts.set(request, text);
        return JSON.parse(text) as unknown;
      },
    );
    api.post("/leads", (request, reply) => {
      const headers = Headers.safeParse(request.headers);
      if (!headers.success) return refuse(reply, 400, "Missing required headers");
      const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers.data;
      const webhook = { id, timestamp, body: texts.get(request) ?? "" };
      if (!isSigned(secret, webhook, signatures)) return refuse(reply, 401, "No matching signature found");
      if (Math.abs(now() - timestamp * 1000) > TOLERANCE_MS)
        return refuse(reply, 400, "Message timestamp out of bounds");
      const event = Event.safeParse(request.body);
      if (!event.success) return refuse(reply, 400, z.prettifyError(event.error));
      const earlier = leads.get(id);
      if (earlier) earlier.duplicates += 1;
      else leads.set(id, { id, ...event.data, receivedAt: new Date(now()).toISOString(), duplicates: 0 });
      return { accepted: true, duplicate: earlier !== undefined };
    });
  }
}

function refuse(reply: FastifyReply, status: number, error: string): FastifyReply {
  return reply.code(status).send({ error });
}
