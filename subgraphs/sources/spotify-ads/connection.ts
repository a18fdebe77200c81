/**
 * How are requests to the Spotify Ads API sent and authorized?
 *
 * With the access token of a user: the API accepts no client credentials. An error names the API or the accounts service.
 */
import { z } from "zod";
import { createAcceptedWrites } from "../../platform/accepted-writes.ts";
import { createOAuthClient } from "../../platform/oauth.ts";
import { createToken } from "../../platform/token.ts";
import { segment } from "../../platform/http-request.ts";
import type { BudgetOf } from "../../platform/budget/budget.ts";
import type { UpstreamHealth } from "../../platform/health/health.ts";
import { createPatience } from "../../platform/patience.ts";
import { createUpstream } from "../../platform/upstream.ts";
import type { Call, Reply } from "../../platform/upstream.ts";
import { spotifyAdsSettings } from "./settings.ts";

export interface SpotifyAdsOptions {
  /** `https://api-partner.spotify.com/ads/v3` */
  readonly baseUrl: string;
  /** `https://accounts.spotify.com/api/token` */
  readonly tokenUrl: string;
  /** The ad account that is read and written. */
  readonly accountId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** Milliseconds that never decrease, for what is remembered. */
  readonly now?: () => number;
  /** Default: none, and Spotify answers 429. */
  readonly budget?: BudgetOf | undefined;
  /** Told how each call ended. Default: nobody is. */
  readonly health?: UpstreamHealth | undefined;
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

/** The maximum number of requests in flight; the others wait in the pool. */
const CONNECTIONS = 8;

export function connectSpotifyAds(options: SpotifyAdsOptions): AdsConnection {
  const { baseUrl, now, timeoutMs } = options;
  const { tokenUrl, clientId, clientSecret, refreshToken } = spotifyAdsSettings.fields;
  const variables = {
    client: [clientId.variable, clientSecret.variable],
    grant: [refreshToken.variable],
    address: [tokenUrl.variable],
  };
  const accounts = createOAuthClient({ ...options, name: "spotify-ads-accounts", variables });
  const account = `/ad_accounts/${segment(options.accountId)}`;
  const api = createUpstream({
    name: "spotify-ads",
    baseUrl,
    connections: CONNECTIONS,
    explain,
    patience: createPatience({ now, limitOf }),
    budget: options.budget?.(LIMITS, limitOf),
    health: options.health,
    credentials: variables.grant,
    address: [spotifyAdsSettings.fields.baseUrl.variable, spotifyAdsSettings.fields.accountId.variable],
    accepted: createAcceptedWrites(),
    probe: { path: account },
    ...createToken(() => accounts.refresh(), now),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });

  return {
    account,
    get: async (path, query, reply) => (await api.request({ path, query, reply })).body,
    write: (call) => api.request(call),
    close: async () => void (await Promise.all([api.close(), accounts.close()])),
  };
}

/** As documented. */
const LIMITS = {
  requests: { requests: 1500, windowMs: 30_000 },
  reports: { requests: 150, windowMs: 30_000 },
};

/** Reports have a limit of their own. */
function limitOf(path: string): string {
  return path.includes("/aggregate_reports") ? "reports" : "requests";
}

const Texts = z.array(z.string()).catch([]);
const Problem = z.object({
  messages: Texts,
  error_codes: z.array(z.object({ code: z.string() })).catch([]),
  errorCodes: Texts,
});

/** Routes differ in the format of an error: `error_codes: [{code}]` or `errorCodes: [""]`. */
function explain(body: unknown): string | undefined {
  const problem = Problem.safeParse(body).data;
  if (!problem) return undefined;
  const codes = [...problem.error_codes.map(({ code }) => code), ...problem.errorCodes];
  return sentence(codes.join(", "), problem.messages.join("; "));
}

function sentence(...parts: readonly string[]): string | undefined {
  return parts.filter((part) => part !== "").join(": ") || undefined;
}
