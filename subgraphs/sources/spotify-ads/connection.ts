/**
 * How is the Spotify Ads API reached?
 *
 * With an access token that a refresh token buys from Spotify's accounts service: the API takes no client credentials.
 * Two upstreams, therefore, and an error says which of them it was.
 */
import { z } from "zod";
import { createToken } from "../../platform/token.ts";
import type { AccessToken } from "../../platform/token.ts";
import { createUpstream, segment } from "../../platform/upstream.ts";
import type { Call, Reply } from "../../platform/upstream.ts";

export interface SpotifyAdsOptions {
  /** `https://api-partner.spotify.com/ads/v3` */
  readonly baseUrl: string;
  /** `https://accounts.spotify.com/api/token` */
  readonly tokenUrl: string;
  /** The ad account that everything is read from, and written to. */
  readonly accountId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds a request may take. Default as in `createUpstream`. */
  readonly timeoutMs?: number;
}

export interface AdsConnection {
  /** The path of the ad account. */
  readonly account: string;
  readonly get: <T>(path: string, query: Query, reply: z.ZodType<T>) => Promise<T>;
  readonly write: <T>(call: Call<T>) => Promise<Reply<T>>;
  readonly close: () => Promise<void>;
}

export type Query = NonNullable<Call<unknown>["query"]>;

/** Requests in flight at once, whatever is asked: the others wait in the pool. */
const CONNECTIONS = 8;

const TokenReply = z.object({
  access_token: z.string(),
  expires_in: z.number(),
  refresh_token: z.string().optional(),
});

export function connectSpotifyAds(options: SpotifyAdsOptions): AdsConnection {
  const { baseUrl, tokenUrl, clientId, clientSecret, now, timeoutMs } = options;
  const deadline = timeoutMs === undefined ? {} : { timeoutMs };
  const accounts = createUpstream({
    name: "spotify-accounts",
    baseUrl: tokenUrl,
    connections: 1,
    explain: explainToken,
    ...deadline,
  });
  const api = createUpstream({
    name: "spotify-ads",
    baseUrl,
    connections: CONNECTIONS,
    explain,
    ...createToken(refresh, now),
    ...deadline,
  });
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  let refreshToken = options.refreshToken;

  return {
    account: `/ad_accounts/${segment(options.accountId)}`,
    get: async (path, query, reply) => (await api.request({ path, query, reply })).body,
    write: (call) => api.request(call),
    close: async () => void (await Promise.all([api.close(), accounts.close()])),
  };

  async function refresh(): Promise<AccessToken> {
    const { body } = await accounts.request({
      method: "POST",
      path: "",
      headers: { authorization: basic },
      form: { grant_type: "refresh_token", refresh_token: refreshToken },
      reply: TokenReply,
    });
    // Spotify may hand out a new one, and the old one ends. It is not written down: a restart begins with the old one.
    refreshToken = body.refresh_token ?? refreshToken;
    return { accessToken: body.access_token, expiresIn: body.expires_in };
  }
}

const Words = z.array(z.string()).catch([]);
const Problem = z.object({
  messages: Words,
  error_codes: z.array(z.object({ code: z.string() })).catch([]),
  errorCodes: Words,
});

/** Two spellings of an error, by route: `error_codes: [{code}]` and `errorCodes: [""]`. */
function explain(body: unknown): string | undefined {
  const problem = Problem.safeParse(body).data;
  if (!problem) return undefined;
  const codes = [...problem.error_codes.map(({ code }) => code), ...problem.errorCodes];
  return sentence(codes.join(", "), problem.messages.join("; "));
}

function explainToken(body: unknown): string | undefined {
  const problem = z.object({ error: z.string(), error_description: z.string().default("") }).safeParse(body).data;
  return problem && sentence(problem.error, problem.error_description);
}

function sentence(...parts: readonly string[]): string | undefined {
  const said = parts.filter((part) => part !== "");
  return said.length === 0 ? undefined : said.join(": ");
}
