/**
 * How does the sandbox of Spotify's Web API answer (with the accounts service at `/api/token`)?
 *
 * With published episodes and their shows, in the markets of the show. A client's token has no country, so a call without
 * `market` finds nothing, as in the real API. In development mode lists by id are forbidden, as since February 2026. There is
 * no catalogue of music: every id is a track, except those that begin with four zeros, and those with four z, which are invalid. Playlists need the user's token. Assumed:
 * the text of 403.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { createEpisodeChanges } from "../episode-changes.ts";
import type { EpisodeChanges } from "../episode-changes.ts";
import { createSandbox } from "../sandbox.ts";
import type { Sandbox } from "../sandbox.ts";
import { createSpotifyAccounts } from "../spotify-accounts.ts";
import { createWebObjects, pageOf } from "./objects.ts";
import { webPlaylistRoutes } from "./playlists.ts";
import { problem, refuse, refuseInput } from "./problems.ts";
import { isPublished } from "../world/episodes.ts";
import { itemAt, itemsAt } from "../world/list.ts";
import { createLookup } from "../world/lookup.ts";
import { isTrack, isValid, trackId } from "../world/tracks.ts";
import type { EpisodeWorld } from "../world/episodes.ts";
import type { WorldEpisode, WorldShow } from "../world/episode.ts";

export interface SpotifyWebSandboxOptions {
  readonly world: EpisodeWorld;
  /** Shared with the Megaphone sandbox. Default: none. */
  readonly changes?: EpisodeChanges;
  readonly mode: "extended" | "development";
  /** Default "sandbox", as are the secret and the user's refresh token. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly refreshToken?: string;
  /** Milliseconds since the epoch, for publication and expiry. */
  readonly now?: () => number;
  /** 0 to 1; selects the requests that a fault affects. */
  readonly random?: () => number;
}

/** The object with this id in a market; `base` is the prefix of links. */
type Find = (id: string, base: string, market: string | undefined) => object | undefined;

const MAX_IDS = 50;
const ID = /^[0-9A-Za-z]{22}$/;
const Market = z.string().regex(/^[A-Z]{2}$/, "Invalid market code");
const One = z.object({ market: Market.optional() });
const Many = One.extend({
  ids: z
    .string({ error: "Missing required field: ids" })
    .transform((ids) => ids.split(","))
    .pipe(z.array(z.string().refine(isId, "Invalid base62 id")).max(MAX_IDS, "too many ids requested")),
});
const List = One.extend({
  limit: z.coerce
    .number("Invalid limit")
    .int("Invalid limit")
    .min(1, "Invalid limit")
    .max(50, "Invalid limit")
    .default(20),
  offset: z.coerce.number("Invalid offset").int("Invalid offset").min(0, "Invalid offset").default(0),
});

/** How many tracks are found by any text. */
const SEARCHED = 20;
const Search = List.extend({ q: z.string("No search query").min(1, "No search query"), type: z.literal("track") });

export function createSpotifyWebSandbox(options: SpotifyWebSandboxOptions): Sandbox {
  const { world, mode, clientId = "sandbox", clientSecret = "sandbox", now = Date.now, random } = options;
  const { changes = createEpisodeChanges(), refreshToken = "sandbox" } = options;
  const grants = ["client_credentials", "refresh_token"] as const;
  const accounts = createSpotifyAccounts({ clientId, clientSecret, refreshToken, grants, now });
  const objects = createWebObjects(mode);
  const shows = createLookup(world.shows, "spotifyId");
  const podcasts = createLookup(world.shows, "podcastId");
  const episodes = createLookup(world.episodes, "spotifyId");
  const episodesOf = createLookup(world.episodes, "podcastId");

  return createSandbox({
    name: "spotify-web",
    makesThings: true,
    problem: (status) => problem(status, "The service could not process the request"),
    now,
    ...(random && { random }),
    routes(app) {
      accounts.routes(app);
      app.setNotFoundHandler((_request, reply) => refuse(reply, 404, "Service not found"));
      void app.register(async (api) => routes(api), { prefix: "/v1" });
    },
  });

  function routes(api: FastifyInstance): void {
    api.addHook("onRequest", async (request, reply) => {
      const objection = accounts.objection(request.headers.authorization);
      return objection === undefined ? undefined : refuse(reply, 401, objection);
    });
    webPlaylistRoutes(api, {
      isUsers: ({ headers }) => accounts.isUsers(headers.authorization),
      episode: anyEpisode,
      baseOf,
      now,
    });
    api.get("/episodes", (request, reply) => many(request, reply, "episodes", fullEpisode));
    api.get("/shows", (request, reply) => many(request, reply, "shows", simpleShow));
    api.get("/tracks", (request, reply) => many(request, reply, "tracks", track));
    api.get("/episodes/:id", (request, reply) => one(request, reply, fullEpisode));
    api.get("/shows/:id", (request, reply) => one(request, reply, fullShow));
    api.get("/tracks/:id", (request, reply) => one(request, reply, track));
    api.get("/search", (request, reply) => {
      const query = Search.safeParse(request.query);
      if (!query.success) return refuseInput(reply, query.error);
      const { q, limit, offset } = query.data;
      const base = baseOf(request);
      const found = Array.from({ length: SEARCHED }, (_none, index) => objects.track(trackId(false, q, index), base));
      return { tracks: pageOf(found, limit, offset, `${base}/search?q=${encodeURIComponent(q)}&type=track`) };
    });
    api.get("/shows/:id/episodes", (request, reply) => {
      const query = List.safeParse(request.query);
      if (!query.success) return refuseInput(reply, query.error);
      const { limit, offset } = query.data;
      return one(request, reply, (id, base, market) => {
        const show = inMarket(showWith(id), market);
        return show && showEpisodes(show, base, market, limit, offset);
      });
    });
  }

  function many(request: FastifyRequest, reply: FastifyReply, key: string, find: Find): unknown {
    if (mode === "development") return refuse(reply, 403, "Forbidden");
    const query = Many.safeParse(request.query);
    if (!query.success) return refuseInput(reply, query.error);
    const { ids, market } = query.data;
    return { [key]: ids.map((id) => find(id, baseOf(request), market) ?? null) };
  }

  /** In any market: the sandbox's user has all of them. */
  function anyEpisode(id: string, base: string): object | undefined {
    const known = episodeWith(id);
    return fullEpisode(id, base, known && showOf(known)?.markets[0]);
  }

  function fullEpisode(id: string, base: string, market: string | undefined): object | undefined {
    const known = episodeWith(id);
    const episode = known && changes.current(known);
    if (!episode || !isPublished(episode, new Date(now()))) return undefined;
    const show = inMarket(showOf(episode), market);
    return show && { ...objects.episode(episode, base), show: showObject(show, base) };
  }

  /** In all markets. */
  function track(id: string, base: string): object | undefined {
    return isTrack(id) ? objects.track(id, base) : undefined;
  }

  function simpleShow(id: string, base: string, market: string | undefined): object | undefined {
    const show = inMarket(showWith(id), market);
    return show && showObject(show, base);
  }

  function fullShow(id: string, base: string, market: string | undefined): object | undefined {
    const show = inMarket(showWith(id), market);
    return show && { ...showObject(show, base), episodes: showEpisodes(show, base, market, MAX_IDS, 0) };
  }

  function showWith(id: string): WorldShow | undefined {
    return itemAt(world.shows, shows.first(id));
  }

  function showOf({ podcastId }: WorldEpisode): WorldShow | undefined {
    return itemAt(world.shows, podcasts.first(podcastId));
  }

  function episodeWith(id: string): WorldEpisode | undefined {
    return itemAt(world.episodes, episodes.first(id));
  }

  function showEpisodes(
    show: WorldShow,
    base: string,
    market: string | undefined,
    limit: number,
    offset: number,
  ): object {
    const address = `${base}/shows/${show.spotifyId}/episodes?market=${market ?? ""}`;
    const page = pageOf(publishedEpisodes(show), limit, offset, address);
    return { ...page, items: page.items.map((episode) => objects.episode(episode, base)) };
  }

  function showObject(show: WorldShow, base: string): object {
    return objects.show(show, publishedEpisodes(show).length, base);
  }

  /** Newest first. */
  function publishedEpisodes(show: WorldShow): readonly WorldEpisode[] {
    const at = new Date(now());
    const published = itemsAt(world.episodes, episodesOf.all(show.podcastId))
      .map((episode) => changes.current(episode))
      .filter((episode) => isPublished(episode, at));
    return published.toSorted((a, b) => (b.pubdate?.getTime() ?? 0) - (a.pubdate?.getTime() ?? 0));
  }
}

function one(request: FastifyRequest, reply: FastifyReply, find: Find): unknown {
  const query = One.safeParse(request.query);
  if (!query.success) return refuseInput(reply, query.error);
  const { id } = z.object({ id: z.string() }).parse(request.params);
  if (!isId(id)) return refuse(reply, 400, "Invalid base62 id");
  return find(id, baseOf(request), query.data.market) ?? refuse(reply, 404, "non existing id");
}

function isId(id: string): boolean {
  return ID.test(id) && isValid(id);
}

function inMarket(show: WorldShow | undefined, market: string | undefined): WorldShow | undefined {
  return market !== undefined && show?.markets.includes(market) ? show : undefined;
}

function baseOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}/v1`;
}
