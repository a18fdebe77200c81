/**
 * How is an OAuth 2.0 access token obtained?
 *
 * From the token endpoint, with the client's credentials as HTTP Basic authentication: by the client's own credentials,
 * or by a refresh token of a user. Errors have the code and description that the endpoint gives (RFC 6749, 5.2).
 */
import { z } from "zod";
import type { AboutAccount } from "./account.ts";
import type { UpstreamHealth } from "./health/health.ts";
import { createPatience } from "./patience.ts";
import { TokenReply } from "./token.ts";
import type { AccessToken } from "./token.ts";
import { createUpstream } from "./upstream.ts";

export interface OAuthOptions {
  /** Names the token endpoint in errors: that of its upstream, a hyphen and its own. */
  readonly name: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Needed by `refresh`. */
  readonly refreshToken: string;
  /** The variables of what an operator renews where the endpoint refuses it. */
  readonly variables?: TokenVariables;
  /** Milliseconds a request may take. Default as in `createUpstream`. */
  readonly timeoutMs?: number | undefined;
  /** Of its upstream. */
  readonly health?: UpstreamHealth | undefined;
}

export interface TokenVariables {
  readonly client: readonly string[];
  readonly grant: readonly string[];
  /** Of the endpoint itself, which an operator checks where there is none. */
  readonly address: readonly string[];
}

/** Both reject with an UpstreamError. */
export interface OAuthClient {
  /** A token of the client itself. */
  clientCredentials(): Promise<AccessToken>;
  /**
   * A token of the user who granted the refresh token. A refresh token in the reply replaces the one in use; it is not
   * stored, so a restart uses the configured one again.
   */
  refresh(): Promise<AccessToken>;
  close(): Promise<void>;
}

const UserTokenReply = TokenReply.extend({ refresh_token: z.string().min(1).optional().catch(undefined) });
const TokenError = z
  .object({ error: z.string(), error_description: z.string().optional() })
  .transform(({ error, error_description: description }) => (description ? `${error}: ${description}` : error));

export function createOAuthClient(options: OAuthOptions): OAuthClient {
  const { name, tokenUrl, clientId, clientSecret, timeoutMs, health, variables = NONE } = options;
  const endpoint = createUpstream({
    name,
    baseUrl: tokenUrl,
    connections: 1,
    patience: createPatience(),
    health,
    refused: (status, detail) => refusalOfToken(status, detail, variables),
    explain: (body) => TokenError.safeParse(body).data,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  let { refreshToken } = options;

  return {
    clientCredentials: () => request({ grant_type: "client_credentials" }),
    refresh: () => request({ grant_type: "refresh_token", refresh_token: refreshToken }),
    close: () => endpoint.close(),
  };

  async function request(form: Readonly<Record<string, string>>): Promise<AccessToken> {
    const { body } = await endpoint.request({
      method: "POST",
      path: "",
      headers: { authorization },
      form,
      reply: UserTokenReply,
    });
    refreshToken = body.refresh_token ?? refreshToken;
    return { accessToken: body.access_token, expiresIn: body.expires_in };
  }
}

const NONE: TokenVariables = { client: [], grant: [], address: [] };

/**
 * No answer of a token endpoint is about a call: what is not temporary has to be changed by an operator. An error code says
 * which credentials. A page that is not there, or that is elsewhere, has none: it is not the token endpoint.
 */
export function refusalOfToken(
  status: number,
  detail: string | undefined,
  { client, grant, address }: TokenVariables,
): AboutAccount | undefined {
  if (status < 300 || status >= 500 || TEMPORARY.has(status)) return undefined;
  if (detail?.startsWith("invalid_grant") === true) return { renew: grant };
  if (!CODE.test(detail ?? "") && (status < 400 || ELSEWHERE.has(status)))
    return { renew: address, isMisdirected: true };
  return { renew: client };
}

const TEMPORARY = new Set([408, 425, 429]);
/** RFC 6749, 5.2. */
const CODE = /^(?:invalid_|unauthorized_|unsupported_)/;
const ELSEWHERE = new Set([404, 405, 410]);
