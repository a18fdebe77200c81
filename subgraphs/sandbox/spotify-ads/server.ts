/**
 * How does the sandbox of Spotify's Ads API v3 answer (with the accounts service at `/api/token`)?
 *
 * With the world and the changes to it, by the rules of the real API: bearer tokens, one ad account, pages of at most 50, two
 * formats of errors, rate limits. It has only lifetime reports of campaigns and refuses others.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { isFresh } from "../../platform/clock.ts";
import { createSandbox } from "../sandbox.ts";
import type { Sandbox } from "../sandbox.ts";
import { createSpotifyAccounts } from "../spotify-accounts.ts";
import { AdQuery, AdSetQuery, CampaignQuery, CategoryQuery, pageOf } from "./query.ts";
import { createReports } from "./reports.ts";
import { createAdsState } from "./state.ts";
import { adsWriteRoutes } from "./writes.ts";
import { CATEGORIES, PARENT_CATEGORIES } from "../world/brands.ts";
import { CURRENCY } from "../world/ad-sets.ts";
import type { CampaignWorld } from "../world/campaigns.ts";
import { createLookup } from "../world/lookup.ts";
import type { Lookup } from "../world/lookup.ts";
import { uuid } from "../world/random.ts";

export interface SpotifyAdsSandboxOptions {
  readonly world: CampaignWorld;
  /** The accepted ids and secrets; each is "sandbox" by default. */
  readonly accountId?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly refreshToken?: string;
  /** Requests in 30 seconds. Default 1500, at most 150 of them for reports. */
  readonly limits?: { readonly requests: number; readonly reports: number };
  /** The maximum number of rows in a page of a report. Default 50. */
  readonly reportRows?: number;
  /** The delay of creating an audience in milliseconds. Default 0. */
  readonly creationMs?: number;
  /** Milliseconds since the epoch, for tokens and rate limits. */
  readonly now?: () => number;
  /** 0 to 1; selects the requests that a fault affects. */
  readonly random?: () => number;
}

const ACCOUNT = "/ad_accounts/:accountId";
const REPORTS = `${ACCOUNT}/aggregate_reports`;
const CATEGORY_LIST = "/ad_categories";
const WINDOW_MS = 30_000;
/** Observed, not documented: some routes have another format of errors. */
const OTHER_SPELLING = new Set([`/ads/v3${REPORTS}`, `/ads/v3${CATEGORY_LIST}`]);

export function createSpotifyAdsSandbox(options: SpotifyAdsSandboxOptions): Sandbox {
  const { world, accountId = "sandbox", now = Date.now, random, reportRows = 50, creationMs = 0 } = options;
  const { clientId = "sandbox", clientSecret = "sandbox", refreshToken = "sandbox" } = options;
  const limits = options.limits ?? { requests: 1500, reports: 150 };
  const state = createAdsState(world, now);
  const reportPage = createReports(world, reportRows);
  const adSetsOf = createLookup(world.adSets, "campaign_id");
  const adsOf = createLookup(world.ads, "ad_set_id");
  const accounts = createSpotifyAccounts({
    clientId,
    clientSecret,
    refreshToken,
    // The API does not accept client credentials.
    grants: ["refresh_token"],
    now,
  });
  const spend = { requests: createWindow(limits.requests, now), reports: createWindow(limits.reports, now) };

  return createSandbox({
    name: "spotify-ads",
    makesThings: true,
    comeBackHeader: "x-ratelimit-reset",
    problem: (status) => problem(status, ["The service could not process the request"], "fault"),
    now,
    ...(random && { random }),
    routes(app) {
      accounts.routes(app);
      void app.register(async (api) => routes(api), { prefix: "/ads/v3" });
    },
  });

  function routes(api: FastifyInstance): void {
    api.addHook("onRequest", async (request, reply) => {
      const { left, resetSeconds, limit } = spend[isReport(request) ? "reports" : "requests"]();
      reply.headers({
        "x-ratelimit-limit": limit,
        "x-ratelimit-remaining": Math.max(0, left),
        "x-ratelimit-reset": resetSeconds,
      });
      if (left < 0) return refuse(request, reply.header("retry-after", resetSeconds), 429, "Too many requests");
      const objection = accounts.objection(request.headers.authorization);
      if (objection !== undefined) return refuse(request, reply, 401, objection);
      return undefined;
    });
    api.addHook("preHandler", async (request, reply) => {
      const asked = z.object({ accountId: z.string() }).safeParse(request.params).data?.accountId;
      if (asked !== undefined && asked !== accountId) {
        return refuse(request, reply, 403, "The caller has no access to this ad account");
      }
      return undefined;
    });
    api.setErrorHandler((error, request, reply) => {
      if (error instanceof z.ZodError) return refuse(request, reply, 400, ...error.issues.map(saying));
      throw error;
    });
    api.setNotFoundHandler((request, reply) => refuse(request, reply, 404, "No such resource"));

    api.get(CATEGORY_LIST, ({ query }) => {
      const q = CategoryQuery.parse(query).q.toLowerCase();
      return { categories: categories().filter(({ name }) => name.toLowerCase().includes(q)) };
    });
    api.get(ACCOUNT, () => ({ id: accountId, name: "Sandbox", currency_code: CURRENCY, country_code: "DE" }));
    lists(api);
    adsWriteRoutes(api, {
      state,
      account: { route: ACCOUNT, path: `/ads/v3/ad_accounts/${accountId}` },
      refuse,
      conflict,
      creationMs,
      now,
    });
    api.get(REPORTS, ({ query }) => reportPage(query));
    const { campaigns, adSets, ads } = state;
    for (const [name, records] of Object.entries({ campaigns, ad_sets: adSets, ads })) {
      api.get<{ Params: { readonly id: string } }>(`${ACCOUNT}/${name}/:id`, (request, reply) => {
        return records.find(request.params.id) ?? refuse(request, reply, 404, `No such resource: ${request.params.id}`);
      });
    }
  }

  function lists(api: FastifyInstance): void {
    api.get(`${ACCOUNT}/campaigns`, (request) => {
      const query = CampaignQuery.parse(request.query);
      return pageOf("campaigns", state.campaigns.page(query, state.campaigns.indexesOf(query.campaign_ids)), query);
    });
    api.get(`${ACCOUNT}/ad_sets`, (request) => {
      const query = AdSetQuery.parse(request.query);
      return pageOf("ad_sets", state.adSets.page(query, allOf(adSetsOf, query.campaign_ids)), query);
    });
    api.get(`${ACCOUNT}/ads`, (request) => {
      const query = AdQuery.parse(request.query);
      return pageOf("ads", state.ads.page(query, allOf(adsOf, query.ad_set_ids)), query);
    });
  }
}

/** Undefined for all. */
function allOf(owners: Lookup, ids: readonly string[] | undefined): readonly number[] | undefined {
  return ids && [...new Set(ids)].flatMap((id) => owners.all(id));
}

/** The code of a parent category ends in 0, and its name has no prefix. */
function categories(): readonly { readonly id: string; readonly parent_category: string; readonly name: string }[] {
  const parents = PARENT_CATEGORIES.map((name, index) => ({ id: `ADV_${index + 1}_0`, parent_category: name, name }));
  const subs = CATEGORIES.map(({ code, parent, name }) => ({
    id: code,
    parent_category: parent,
    name: `${parent} - ${name}`,
  }));
  return [...parents, ...subs];
}

/** Counts in fixed windows; a negative rest means that the limit is exceeded. */
function createWindow(
  limit: number,
  now: () => number,
): () => Readonly<Record<"limit" | "left" | "resetSeconds", number>> {
  let startedAt = Number.NEGATIVE_INFINITY;
  let left = limit;
  return () => {
    const at = now();
    if (!isFresh(startedAt, WINDOW_MS, at)) [startedAt, left] = [at, limit];
    left -= 1;
    return { limit, left, resetSeconds: Math.ceil((startedAt + WINDOW_MS - at) / 1000) };
  };
}

function isReport(request: FastifyRequest): boolean {
  return request.routeOptions.url === `/ads/v3${REPORTS}`;
}

function refuse(request: FastifyRequest, reply: FastifyReply, status: number, ...messages: string[]): FastifyReply {
  reply.code(status);
  return OTHER_SPELLING.has(request.routeOptions.url ?? "")
    ? reply.send({ errorCodes: [codeOf(status)], messages })
    : reply.send(problem(status, messages, request.id));
}

function conflict(request: FastifyRequest, reply: FastifyReply, code: string, more: object = {}): FastifyReply {
  const messages = ["The idempotency key was used before"];
  return reply.code(409).send({ ...problem(409, messages, request.id, code), ...more });
}

function problem(status: number, messages: readonly string[], trace: string, code = codeOf(status)): object {
  const definition = "See the developer documentation of the Ads API for what to do about it.";
  return { sp_trace_id: uuid("trace", trace), messages, error_codes: [{ code, definition }] };
}

function codeOf(status: number): string {
  const known: Readonly<Record<number, string>> = {
    400: "INVALID_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    429: "RATE_LIMITED",
  };
  return known[status] ?? "INTERNAL_ERROR";
}

function saying({ path, message }: z.core.$ZodIssue): string {
  return `${path.join(".")}: ${message}`;
}
