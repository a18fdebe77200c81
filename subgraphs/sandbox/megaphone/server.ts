/**
 * How does the Megaphone sandbox answer?
 *
 * It has one network's podcasts and all of their episodes with drafts, newest first by publication date or else by creation
 * date. Lists are JSON arrays with the headers `Link`, `X-Page`, `X-Per-Page` and `X-Total`; an invalid page or size is
 * replaced by the nearest valid one. A token has 60 requests a minute. PUT changes the given fields of an episode.
 *
 * Megaphone's API is not documented publicly. Assumptions: the format of errors (`{errors: [{code, detail}]}`), `Retry-After`
 * with 429, a sliding minute, the exact order of a list, 422 for a field of a wrong type, and that an episode can be
 * published before its audio is ready.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { isFresh } from "../../platform/clock.ts";
import { createEpisodeChanges } from "../episode-changes.ts";
import type { EpisodeChanges } from "../episode-changes.ts";
import { createMegaphoneObjects } from "./objects.ts";
import { createSandbox } from "../sandbox.ts";
import type { Sandbox } from "../sandbox.ts";
import { itemAt, itemsAt } from "../world/list.ts";
import type { WorldList } from "../world/list.ts";
import { createLookup } from "../world/lookup.ts";
import type { EpisodeWorld } from "../world/episodes.ts";
import type { WorldEpisode, WorldShow } from "../world/episode.ts";

export interface MegaphoneSandboxOptions {
  readonly world: EpisodeWorld;
  /** Shared with other sandboxes. Default: its own. */
  readonly changes?: EpisodeChanges;
  /** Default "sandbox", as is the token. */
  readonly networkId?: string;
  readonly token?: string;
  /** Default 60, the real limit. */
  readonly requestsPerMinute?: number;
  /** Milliseconds since the epoch, for publication and the rate limit. */
  readonly now?: () => number;
  /** 0 to 1; selects the requests that a fault affects. */
  readonly random?: () => number;
}

const PODCASTS = "/networks/:networkId/podcasts";
const PODCAST = `${PODCASTS}/:podcastId`;
const EPISODES = `${PODCAST}/episodes`;
const EPISODE = `${EPISODES}/:episodeId`;
const MAX_PER_PAGE = 500;
const MINUTE_MS = 60_000;
const Params = z.object({ podcastId: z.string().default(""), episodeId: z.string().default("") });
const Paging = z.object({
  page: z.coerce.number().int().min(1).catch(1),
  per_page: z.coerce
    .number()
    .int()
    .min(1)
    .transform((size) => Math.min(size, MAX_PER_PAGE))
    .catch(100),
});
const Filter = z.object({
  draft: z.enum(["true", "false"]).optional().catch(undefined),
  externalId: z.string().optional(),
});
const Changes = z.object({
  draft: z.boolean().exactOptional(),
  pubdate: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .nullable()
    .exactOptional(),
  title: z.string().min(1).exactOptional(),
  subtitle: z.string().exactOptional(),
  summary: z.string().exactOptional(),
});

export function createMegaphoneSandbox(options: MegaphoneSandboxOptions): Sandbox {
  const { world, networkId = "sandbox", token = "sandbox", requestsPerMinute = 60, now = Date.now, random } = options;
  const { changes = createEpisodeChanges() } = options;
  const objects = createMegaphoneObjects(networkId);
  const shows = createLookup(world.shows, "podcastId");
  const episodes = createLookup(world.episodes, "id");
  const episodesOf = createLookup(world.episodes, "podcastId");
  const secondsToWait = createMinute(requestsPerMinute, now);

  return createSandbox({
    name: "megaphone",
    problem: (status) => problem(status, "The service could not process the request"),
    now,
    ...(random && { random }),
    routes(app) {
      app.setNotFoundHandler((_request, reply) => refuse(reply, 404, "Not found"));
      void app.register(async (api) => routes(api), { prefix: "/api" });
    },
  });

  function routes(api: FastifyInstance): void {
    api.addHook("onRequest", async (request, reply) => {
      if (!accepts(request.headers.authorization)) return askForToken(reply);
      const seconds = secondsToWait();
      if (seconds === 0) return undefined;
      return refuse(reply.header("retry-after", String(seconds)), 429, "Too many requests");
    });
    api.addHook("preHandler", async (request, reply) => {
      const { networkId: network } = z.object({ networkId: z.string() }).parse(request.params);
      return network === networkId ? undefined : refuse(reply, 404, "Network not found");
    });
    api.get(PODCASTS, (request, reply) => paged(request, reply, world.shows).map(podcastObject));
    api.get(PODCAST, (request, reply) => {
      const show = showOf(request);
      return show ? podcastObject(show) : refuse(reply, 404, "Podcast not found");
    });
    api.get(EPISODES, (request, reply) => {
      const show = showOf(request);
      if (!show) return refuse(reply, 404, "Podcast not found");
      const { draft, externalId } = Filter.parse(request.query);
      const matching = newestOf(show).filter(
        (episode) =>
          (draft === undefined || String(episode.draft) === draft) &&
          (externalId === undefined || episode.externalId === externalId),
      );
      return paged(request, reply, matching).map((episode) => objects.episode(episode, show, new Date(now())));
    });
    api.get(EPISODE, (request, reply) => {
      const [show, episode] = episodeOf(request);
      return episode ? objects.episode(episode, show, new Date(now())) : refuse(reply, 404, "Episode not found");
    });
    api.put(EPISODE, (request, reply) => {
      const [show, episode] = episodeOf(request);
      if (!episode) return refuse(reply, 404, "Episode not found");
      const asked = Changes.safeParse(request.body ?? {});
      if (!asked.success) {
        const [issue] = asked.error.issues;
        return refuse(reply, 422, `${issue?.path.join(".")}: ${issue?.message}`);
      }
      const at = new Date(now());
      return objects.episode(changes.change(episode, { ...asked.data, updatedAt: at }), show, at);
    });
  }

  function newestOf(show: WorldShow): readonly WorldEpisode[] {
    return itemsAt(world.episodes, episodesOf.all(show.podcastId))
      .map((episode) => changes.current(episode))
      .toSorted(newestFirst);
  }

  function episodeOf(request: FastifyRequest): readonly [WorldShow, WorldEpisode] | readonly [undefined, undefined] {
    const show = showOf(request);
    const { episodeId } = Params.parse(request.params);
    const episode = itemAt(world.episodes, episodes.first(episodeId));
    const isOwn = episode !== undefined && episode.podcastId === show?.podcastId;
    return isOwn ? [show, changes.current(episode)] : [undefined, undefined];
  }

  function accepts(authorization = ""): boolean {
    return authorization === `Token token="${token}"` || authorization === `Token token=${token}`;
  }

  function showOf(request: FastifyRequest): WorldShow | undefined {
    return itemAt(world.shows, shows.first(Params.parse(request.params).podcastId));
  }

  function podcastObject(show: WorldShow): object {
    return objects.podcast(show, episodesOf.all(show.podcastId).length);
  }
}

function newestFirst(a: WorldEpisode, b: WorldEpisode): number {
  return (
    (b.pubdate ?? b.createdAt).getTime() - (a.pubdate ?? a.createdAt).getTime() ||
    b.createdAt.getTime() - a.createdAt.getTime()
  );
}

/** The requested page; its position goes into the headers. */
function paged<T>(request: FastifyRequest, reply: FastifyReply, items: WorldList<T>): readonly T[] {
  const { page, per_page: size } = Paging.parse(request.query);
  const last = Math.max(1, Math.ceil(items.length / size));
  const links = [
    ...(page > 1
      ? ([
          ["first", 1],
          ["prev", page - 1],
        ] as const)
      : []),
    ...(page < last
      ? ([
          ["last", last],
          ["next", page + 1],
        ] as const)
      : []),
  ].map(([rel, to]) => `<${linkTo(request, to)}>; rel="${rel}"`);
  if (links.length > 0) reply.header("link", links.join(", "));
  reply.headers({ "x-page": String(page), "x-per-page": String(size), "x-total": String(items.length) });
  return items.slice((page - 1) * size, page * size);
}

function linkTo(request: FastifyRequest, page: number): string {
  const url = new URL(request.url, `${request.protocol}://${request.host}`);
  url.searchParams.set("page", String(page));
  return url.href;
}

/** Gives 0 if a request is allowed within a minute, else the seconds until one is. */
function createMinute(most: number, now: () => number): () => number {
  let spent: number[] = [];
  return () => {
    const at = now();
    spent = spent.filter((time) => isFresh(time, MINUTE_MS, at));
    const [oldest] = spent;
    if (spent.length >= most) return oldest === undefined ? 60 : Math.ceil((oldest + MINUTE_MS - at) / 1000);
    spent.push(at);
    return 0;
  };
}

/** As Rails does, which Megaphone was observed to use. */
function askForToken(reply: FastifyReply): FastifyReply {
  return reply
    .code(401)
    .header("www-authenticate", 'Token realm="Application"')
    .type("text/html; charset=utf-8")
    .send("HTTP Token: Access denied.\n");
}

function refuse(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply.code(status).send(problem(status, detail));
}

function problem(status: number, detail: string): object {
  return { errors: [{ code: String(status), detail }] };
}
