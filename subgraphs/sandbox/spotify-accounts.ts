/**
 * What is Spotify's accounts service to a sandbox?
 *
 * `POST /api/token`: a form and the client's Basic credentials buy an access token for an hour. The refresh token
 * never wears out. An error is `{error, error_description}`, as OAuth 2.0 spells it and no other route of Spotify does.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

export interface SpotifyAccountsOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** Milliseconds since the epoch: tokens expire by it. */
  readonly now: () => number;
}

export interface SpotifyAccounts {
  readonly routes: (app: FastifyInstance) => void;
  /** Does this header carry a token that was handed out here and has not expired? */
  accepts(authorization: string | undefined): boolean;
}

const LIFE_SECONDS = 3600;

export function createSpotifyAccounts(options: SpotifyAccountsOptions): SpotifyAccounts {
  const basic = `Basic ${Buffer.from(`${options.clientId}:${options.clientSecret}`).toString("base64")}`;
  const expiries = new Map<string, number>();
  let issued = 0;

  return { routes, accepts: (header = "") => options.now() < (expiries.get(header) ?? 0) };

  function routes(app: FastifyInstance): void {
    app.addContentTypeParser<string>(
      "application/x-www-form-urlencoded",
      { parseAs: "string" },
      async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
    );
    app.post<{ Body: Readonly<Record<string, unknown>> | undefined }>("/api/token", (request, reply) => {
      const { grant_type: grant, refresh_token: refreshToken } = request.body ?? {};
      if (request.headers.authorization !== basic) return refuse(reply, "invalid_client", "Invalid client");
      if (grant !== "refresh_token") {
        return refuse(reply, "unsupported_grant_type", "grant_type parameter must be refresh_token");
      }
      if (refreshToken !== options.refreshToken) return refuse(reply, "invalid_grant", "Invalid refresh token");
      return { access_token: issue(), token_type: "Bearer", expires_in: LIFE_SECONDS, scope: "" };
    });
  }

  function issue(): string {
    const now = options.now();
    for (const [header, expiry] of expiries) if (expiry <= now) expiries.delete(header);
    const token = `sandbox-${(issued += 1)}`;
    expiries.set(`Bearer ${token}`, now + LIFE_SECONDS * 1000);
    return token;
  }
}

function refuse(reply: FastifyReply, error: string, description: string): FastifyReply {
  return reply.code(400).send({ error, error_description: description });
}
