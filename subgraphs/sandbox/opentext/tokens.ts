/** Which requests are authorized? Those with a token that this sandbox issued and that has not expired. It is requested as a form or as JSON, like in OpenText's samples. */
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { isFresh } from "../../platform/clock.ts";
import { ROUTES } from "./calls.ts";
import { EXPIRED_TOKEN, INVALID_CLIENT, INVALID_TOKEN, refusal } from "./problems.ts";

export interface TokenOptions {
  /** Each of the three is "sandbox" by default. */
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** The lifetime of a token in seconds. Default 3600. */
  readonly tokenSeconds?: number;
  readonly now?: () => number;
}

/** An `onRequest` hook that answers 401 to a request without a valid token. */
export type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Adds the tenant's routes. Gives the guard of all others. */
export function addTokens(app: FastifyInstance, options: TokenOptions): Guard {
  const { tenantId = "sandbox", clientId = "sandbox", clientSecret = "sandbox", tokenSeconds = 3600 } = options;
  const { now = Date.now } = options;
  /** When each token was issued. */
  const tokens = new Map<string, number>();

  if (!app.hasContentTypeParser(FORM)) {
    app.addContentTypeParser(FORM, { parseAs: "string" }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
    );
  }
  app.get<Tenant>("/tenants/:tenantId/.well-known/openid-configuration", (request, reply) => {
    if (request.params.tenantId !== tenantId) return reply.code(404).send(UNKNOWN_TENANT);
    const issuer = `${request.protocol}://${request.host}/tenants/${encodeURIComponent(tenantId)}`;
    return { issuer, token_endpoint: `${issuer}/oauth2/token` };
  });
  app.post<Tenant>(ROUTES.token, (request, reply) => {
    if (request.params.tenantId !== tenantId) return reply.code(404).send(UNKNOWN_TENANT);
    const asked = TokenRequest.safeParse(request.body).data;
    if (asked?.grant_type !== "client_credentials") return reply.code(400).send(UNSUPPORTED_GRANT);
    if (asked.client_id !== clientId || asked.client_secret !== clientSecret) {
      return reply.code(401).send(INVALID_CLIENT);
    }
    return { access_token: issue(), token_type: "Bearer", expires_in: tokenSeconds };
  });

  return async (request, reply) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const issuedAt = tokens.get(token ?? "");
    if (issuedAt === undefined) return reply.code(401).send(INVALID_TOKEN);
    return isFresh(issuedAt, tokenSeconds * 1000, now()) ? undefined : reply.code(401).send(EXPIRED_TOKEN);
  };

  function issue(): string {
    const token = randomUUID();
    tokens.set(token, now());
    // Expired tokens are kept for a while, to distinguish them from unknown ones.
    if (tokens.size > REMEMBERED) tokens.delete(tokens.keys().next().value ?? "");
    return token;
  }
}

interface Tenant {
  Params: { tenantId: string };
}

const FORM = "application/x-www-form-urlencoded";
const REMEMBERED = 10_000;
const TokenRequest = z.object({ client_id: z.string(), client_secret: z.string(), grant_type: z.string() }).partial();

/** These two answers are not documented: the first is that of RFC 6749. */
const UNSUPPORTED_GRANT = {
  error: "unsupported_grant_type",
  error_description: "grant_type must be client_credentials",
};
const UNKNOWN_TENANT = refusal(404, "No such tenant");
