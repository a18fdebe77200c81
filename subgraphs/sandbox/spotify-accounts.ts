/**
 * How does the sandbox issue access tokens for Spotify?
 *
 * `POST /api/token` takes a form and Basic credentials. A refresh token gives a token of the user, and client
 * credentials give a token of the client, if the upstream accepts them. Access tokens last an hour; the refresh token
 * never expires. Errors are `{error, error_description}` by OAuth 2.0.
 */
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isFresh } from "../platform/clock.ts";

export interface SpotifyAccountsOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** The grants that are accepted. */
  readonly grants: readonly Grant[];
  /** Milliseconds since the epoch, for expiry. */
  readonly now: () => number;
}

export type Grant = "client_credentials" | "refresh_token";

export interface SpotifyAccounts {
  readonly routes: (app: FastifyInstance) => void;
  /** Why this `authorization` header is invalid; undefined if it is valid. */
  objection(authorization: string | undefined): string | undefined;
  /** Whether this header has the token of a user. */
  isUsers(authorization: string | undefined): boolean;
}

const LIFE_SECONDS = 3600;
const LIFE_MS = LIFE_SECONDS * 1000;
/** Tokens are kept twice as long as they are valid, to distinguish expired from unknown ones. */
const REMEMBERED_MS = LIFE_MS;

export function createSpotifyAccounts(options: SpotifyAccountsOptions): SpotifyAccounts {
  const { clientId, clientSecret, refreshToken, grants, now } = options;
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  /** When each token was issued. */
  const tokens = new Map<string, number>();
  const users = new Set<string>();
  return {
    routes,
    objection,
    isUsers: (authorization) => authorization !== undefined && users.has(authorization.replace("Bearer ", "")),
  };

  function routes(app: FastifyInstance): void {
    app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, readForm);
    app.post<{ Body: Readonly<Record<string, unknown>> | undefined }>("/api/token", (request, reply) => {
      const { grant_type: grant, refresh_token: refreshed } = request.body ?? {};
      if (request.headers.authorization !== basic) return refuse(reply, "invalid_client", "Invalid client");
      if (!grants.some((known) => known === grant)) {
        return refuse(reply, "unsupported_grant_type", `grant_type parameter must be ${grants.join(" or ")}`);
      }
      const isUser = grant === "refresh_token";
      if (isUser && refreshed !== refreshToken) return refuse(reply, "invalid_grant", "Invalid refresh token");
      const token = issue();
      if (isUser) users.add(token);
      return { access_token: token, token_type: "Bearer", expires_in: LIFE_SECONDS, scope: "" };
    });
  }

  function issue(): string {
    for (const [token, issuedAt] of tokens) {
      if (isFresh(issuedAt, LIFE_MS + REMEMBERED_MS, now())) continue;
      tokens.delete(token);
      users.delete(token);
    }
    const token = randomUUID();
    tokens.set(token, now());
    return token;
  }

  function objection(authorization: string | undefined): string | undefined {
    if (authorization === undefined) return "No token provided";
    const [scheme, token = ""] = authorization.split(" ");
    if (scheme !== "Bearer") return "Only valid bearer authentication supported";
    const issuedAt = tokens.get(token);
    if (issuedAt === undefined) return "Invalid access token";
    return isFresh(issuedAt, LIFE_MS, now()) ? undefined : "The access token expired";
  }
}

async function readForm(_request: FastifyRequest, body: string): Promise<object> {
  return Object.fromEntries(new URLSearchParams(body));
}

function refuse(reply: FastifyReply, error: string, description: string): FastifyReply {
  return reply.code(400).send({ error, error_description: description });
}
