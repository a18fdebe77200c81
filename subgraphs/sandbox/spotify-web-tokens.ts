/**
 * Which bearer tokens does the Web API's sandbox take?
 *
 * Those that `POST /api/token` handed out for a client's id and secret less than an hour ago.
 */
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

export interface WebTokens {
  readonly routes: (app: FastifyInstance) => void;
  /** Why this `authorization` header is no good; undefined where it is. */
  readonly objection: (authorization: string | undefined) => string | undefined;
}

export interface WebTokensOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const LIFE_SECONDS = 3600;

export function createWebTokens({ clientId, clientSecret, now }: WebTokensOptions): WebTokens {
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  const expiries = new Map<string, number>();
  return { routes, objection };

  function routes(app: FastifyInstance): void {
    app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, readForm);
    app.post<{ Body: Readonly<Record<string, unknown>> | undefined }>("/api/token", (request, reply) => {
      if (request.headers.authorization !== basic) return decline(reply, "invalid_client", "Invalid client");
      if (request.body?.["grant_type"] !== "client_credentials") {
        return decline(reply, "unsupported_grant_type", "grant_type parameter must be client_credentials");
      }
      return { access_token: issue(), token_type: "Bearer", expires_in: LIFE_SECONDS };
    });
  }

  function issue(): string {
    for (const [token, expiry] of expiries) if (expiry + LIFE_SECONDS * 1000 <= now()) expiries.delete(token);
    const token = randomUUID();
    expiries.set(token, now() + LIFE_SECONDS * 1000);
    return token;
  }

  function objection(authorization: string | undefined): string | undefined {
    if (authorization === undefined) return "No token provided";
    const [scheme, token = ""] = authorization.split(" ");
    if (scheme !== "Bearer") return "Only valid bearer authentication supported";
    const expiry = expiries.get(token);
    if (expiry === undefined) return "Invalid access token";
    return expiry <= now() ? "The access token expired" : undefined;
  }
}

async function readForm(_request: FastifyRequest, body: string): Promise<object> {
  return Object.fromEntries(new URLSearchParams(body));
}

function decline(reply: FastifyReply, error: string, description: string): FastifyReply {
  return reply.code(400).send({ error, error_description: description });
}
