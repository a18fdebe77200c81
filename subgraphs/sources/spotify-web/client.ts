/**
 * How are published episodes and tracks read from Spotify's Web API?
 *
 * In as few requests as the app's quota mode allows: 50 ids a request in extended mode, one in development mode, which
 * shows only by a 403 for a list. Spotify refuses a list for one id that it calls invalid, which is found by halving the list.
 * A failed request fails its own ids, and after a failure of the upstream the remaining ids too. Reads use the client's token, playlists the token of the user who authorized.
 */
import { z } from "zod";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import type { UpstreamHealth } from "../../platform/health/health.ts";
import { createOAuthClient } from "../../platform/oauth.ts";
import { createToken } from "../../platform/token.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { segment } from "../../platform/http-request.ts";
import { createPatience } from "../../platform/patience.ts";
import { createUpstream } from "../../platform/upstream.ts";
import { createWebPlaylists } from "./playlists.ts";
import type { WebPlaylists } from "./playlists.ts";
import { CLIENT_VARIABLES, GRANT_VARIABLES, spotifyWebSettings } from "./settings.ts";
import { WebEpisodeReplies, WebTrackReplies } from "./replies.ts";
import type { WebEpisode, WebReplies, WebTrack } from "./replies.ts";

export interface SpotifyWebOptions {
  /** `https://api.spotify.com/v1` */
  readonly baseUrl: string;
  /** `https://accounts.spotify.com/api/token` */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of the user who owns the playlists. It expires after six months, and the user has to authorize again. */
  readonly refreshToken: string;
  /** Default "extended", until Spotify answers 403 to a list of ids. */
  readonly mode?: "extended" | "development";
  /** The ISO country whose catalogue is read; without one, Spotify finds nothing. Default US. */
  readonly market?: string;
  /** Milliseconds that never decrease, for the renewal of tokens. */
  readonly now?: () => number;
  /** Told how each call ended. Default: nobody is. */
  readonly health?: UpstreamHealth | undefined;
  /** Milliseconds a call may take. Default 10,000. */
  readonly timeoutMs?: number;
}

export interface SpotifyWeb extends WebPlaylists {
  /** Aligned with the ids: null for one that does not exist in this market or is malformed, an error for a failure. */
  episodes(ids: readonly string[]): Promise<Results<WebEpisode | null>>;
  /** As `episodes`. */
  tracks(ids: readonly string[]): Promise<Results<WebTrack | null>>;
}

interface Kind<T> {
  readonly path: "/episodes" | "/tracks";
  readonly replies: WebReplies<T>;
}

const MAX_IDS = 50;
const MAX_LISTS_IN_FLIGHT = 4;
const MAX_SINGLES_IN_FLIGHT = 8;
/** Spotify refuses a list with a malformed id, so none is sent. */
const ID = /^[0-9A-Za-z]{22}$/;

const EPISODES: Kind<WebEpisode> = { path: "/episodes", replies: WebEpisodeReplies };
const TRACKS: Kind<WebTrack> = { path: "/tracks", replies: WebTrackReplies };
const Problem = z.object({ error: z.object({ message: z.string() }).transform(({ message }) => message) });

export function createSpotifyWeb(options: SpotifyWebOptions): SpotifyWeb {
  const { timeoutMs = 10_000, market = "US" } = options;
  const address = [spotifyWebSettings.fields.tokenUrl.variable];
  const variables = { client: CLIENT_VARIABLES, grant: GRANT_VARIABLES, address };
  const accounts = createOAuthClient({ ...options, name: "spotify-web-accounts", timeoutMs, variables });
  /** Spotify limits the app, not its users. */
  const patience = createPatience({ now: options.now });
  const explain = (body: unknown): string | undefined => Problem.safeParse(body).data?.error;
  const web = createUpstream({
    name: "spotify-web",
    baseUrl: options.baseUrl,
    timeoutMs,
    ...createToken(() => accounts.clientCredentials(), options.now),
    credentials: CLIENT_VARIABLES,
    patience,
    health: options.health,
    explain,
  });
  const playlists = createWebPlaylists({
    baseUrl: options.baseUrl,
    timeoutMs,
    fetchToken: () => accounts.refresh(),
    now: options.now,
    patience,
    health: options.health,
    explain,
  });
  /** Misses at the same time share one. */
  let searching: Promise<void> | undefined;
  let readsLists = options.mode !== "development";

  return {
    episodes: (ids) => aligned(EPISODES, ids),
    tracks: (ids) => aligned(TRACKS, ids),
    ensurePlaylist: (draft, once) => playlists.ensurePlaylist(draft, once),
    playlistsOf: (marker) => playlists.playlistsOf(marker),
    close: async () => {
      await Promise.all([web.close(), playlists.close(), accounts.close()]);
    },
  };

  async function aligned<T>(kind: Kind<T>, ids: readonly string[]): Promise<Results<T | null>> {
    const valid = [...new Set(ids)].filter((id) => ID.test(id));
    const items = await load(kind, valid);
    const byId = new Map(valid.map((id, index) => [id, items[index]]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async function load<T>(kind: Kind<T>, ids: readonly string[]): Promise<Results<T | null>> {
    if (readsLists) {
      const chunks = chunked(ids);
      const lists = await inParallel(chunks, MAX_LISTS_IN_FLIGHT, (chunk) => many(kind, chunk));
      if (!lists.some((list) => hasStatus(list, 403))) {
        return lists.flatMap<T | null | Error>((list, index) =>
          list instanceof Error ? (chunks[index] ?? []).map(() => list) : list,
        );
      }
    }
    const items = await inParallel(ids, MAX_SINGLES_IN_FLIGHT, (id) => one(kind, id));
    // Only if a single request succeeds: else the 403 is not about lists.
    if (items.some((item) => !(item instanceof Error))) readsLists = false;
    return items;
  }

  async function many<T>(kind: Kind<T>, ids: readonly string[]): Promise<Results<T | null>> {
    const query = { ids: ids.join(","), market };
    try {
      return (await web.request({ path: kind.path, query, reply: kind.replies.many(ids) })).body;
    } catch (error) {
      if (!isInvalidId(error)) throw error;
    }
    if (ids.length === 1) return [null];
    const middle = Math.ceil(ids.length / 2);
    return (await Promise.all([many(kind, ids.slice(0, middle)), many(kind, ids.slice(middle))])).flat();
  }

  async function one<T>({ path, replies }: Kind<T>, id: string): Promise<T | null> {
    try {
      const call = { path: `${path}/${segment(id)}`, query: { market }, reply: replies.one(id) };
      const { body } = await web.request(call);
      if (body instanceof Error) throw body;
      return body;
    } catch (error) {
      if (isInvalidId(error)) return null;
      if (!hasStatus(error, 404)) throw error;
      await (searching ??= search().finally(() => (searching = undefined)));
      return null;
    }
  }

  /** Rejects where the Web API is not at its address, and 404 to everything says nothing about one item. */
  async function search(): Promise<void> {
    const query = { q: "a", type: "track", market, limit: 1 };
    try {
      await web.request({ path: "/search", query, reply: z.unknown() });
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
      const more = { status: 404, renew: [spotifyWebSettings.fields.baseUrl.variable], isMisdirected: true };
      throw new UpstreamError("spotify-web", "STATUS", "it answered 404 to everything", more);
    }
  }
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof UpstreamError && error.status === status;
}

/** Not of another part of the request, such as the market. Not every id of the right form is valid. */
function isInvalidId(error: unknown): boolean {
  return error instanceof UpstreamError && error.status === 400 && /\bid\b/i.test(error.detail ?? "");
}

function chunked(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / MAX_IDS) }, (_, index) =>
    ids.slice(index * MAX_IDS, (index + 1) * MAX_IDS),
  );
}

/**
 * Aligned with the items. After a failure other than a malformed reply no further request starts: the remaining items get
 * the same error.
 */
async function inParallel<In, Out>(
  items: readonly In[],
  maxInFlight: number,
  work: (item: In) => Promise<Out>,
): Promise<Results<Out>> {
  const pending: Promise<Out>[] = [];
  let failure: UpstreamError | undefined;
  const attempt = async (item: In): Promise<Out> => {
    if (failure) throw failure;
    try {
      return await work(item);
    } catch (error) {
      if (error instanceof UpstreamError && error.failure !== "UNEXPECTED") failure ??= error;
      throw error;
    }
  };
  // All workers share one iterator.
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      pending[index] = attempt(item);
      await results([pending[index]]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(maxInFlight, items.length) }, worker));
  return results(pending);
}
