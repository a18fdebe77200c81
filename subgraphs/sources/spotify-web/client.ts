/**
 * What does Spotify's Web API say about published episodes, their shows, and tracks?
 *
 * Whatever is asked for in one call is asked in as few requests as the client's quota mode allows: lists of 50 ids in
 * extended mode, one request each in development mode. Spotify says which one it is only by answering 403 to a list.
 * A request that fails fails what it was about, and whatever it would be in vain to ask for after that. Playlists are
 * written by a token of the user who authorized, everything is read by the client's own.
 */
import { z } from "zod";
import { results } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { createToken } from "../../platform/token.ts";
import type { AccessToken } from "../../platform/token.ts";
import { UpstreamError, createUpstream, segment } from "../../platform/upstream.ts";
import { createWebPlaylists } from "./playlists.ts";
import type { WebPlaylists } from "./playlists.ts";
import { WebEpisodeReply, WebShowReply, WebTrackReply } from "./replies.ts";
import type { WebEpisode, WebShow, WebTrack } from "./replies.ts";

export interface SpotifyWebOptions {
  /** `https://api.spotify.com/v1` */
  readonly baseUrl: string;
  /** `https://accounts.spotify.com/api/token` */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of the user in whose library playlists are made. It ends after six months, and the user has to authorize anew. */
  readonly refreshToken: string;
  /** Default "extended", until a list by ids is forbidden. */
  readonly mode?: "extended" | "development";
  /** The ISO country whose catalogue is read. A client has none of its own, and without one nothing is found. Default US. */
  readonly market?: string;
  /** Milliseconds since the epoch: when the token is renewed. */
  readonly now?: () => number;
  /** Milliseconds a call may take. Default 10,000. */
  readonly timeoutMs?: number;
}

export interface SpotifyWeb extends WebPlaylists {
  /** Aligned with the ids; null for what is not there, not in this market, or no id at all, an error for what fails. */
  episodes(ids: readonly string[]): Promise<Results<WebEpisode | null>>;
  /** As `episodes`. */
  shows(ids: readonly string[]): Promise<Results<WebShow | null>>;
  /** As `episodes`. */
  tracks(ids: readonly string[]): Promise<Results<WebTrack | null>>;
}

interface Kind<T> {
  readonly path: "/episodes" | "/shows" | "/tracks";
  readonly one: z.ZodType<T>;
  readonly many: (count: number) => z.ZodType<readonly (T | null)[]>;
}

const MAX_IDS = 50;
const LISTS_AT_ONCE = 4;
const SINGLES_AT_ONCE = 8;
/** One id of another shape makes Spotify refuse the whole list, so it is never sent. */
const ID = /^[0-9A-Za-z]{22}$/;

const EPISODES: Kind<WebEpisode> = {
  path: "/episodes",
  one: WebEpisodeReply,
  many: (count) =>
    z.object({ episodes: z.array(WebEpisodeReply.nullable()).length(count) }).transform(({ episodes }) => episodes),
};
const SHOWS: Kind<WebShow> = {
  path: "/shows",
  one: WebShowReply,
  many: (count) => z.object({ shows: z.array(WebShowReply.nullable()).length(count) }).transform(({ shows }) => shows),
};
const TRACKS: Kind<WebTrack> = {
  path: "/tracks",
  one: WebTrackReply,
  many: (count) =>
    z.object({ tracks: z.array(WebTrackReply.nullable()).length(count) }).transform(({ tracks }) => tracks),
};
const TokenReply = z.object({
  access_token: z.string(),
  expires_in: z.number(),
  refresh_token: z.string().optional(),
});
/** The Web API and the accounts service spell an error differently. */
const Problem = z.object({ error: z.object({ message: z.string() }).transform(({ message }) => message) });
const TokenProblem = z
  .object({ error: z.string(), error_description: z.string().optional() })
  .transform(({ error, error_description: description }) => (description ? `${error}: ${description}` : error));

export function createSpotifyWeb(options: SpotifyWebOptions): SpotifyWeb {
  const { clientId, clientSecret, timeoutMs = 10_000, market = "US" } = options;
  const accounts = createUpstream({
    name: "spotify-accounts",
    baseUrl: options.tokenUrl,
    timeoutMs,
    explain: (body) => TokenProblem.safeParse(body).data,
  });
  const problem = (body: unknown): string | undefined => Problem.safeParse(body).data?.error;
  const web = createUpstream({
    name: "spotify-web",
    baseUrl: options.baseUrl,
    timeoutMs,
    ...createToken(() => buy({ grant_type: "client_credentials" }), options.now),
    explain: problem,
  });
  const playlists = createWebPlaylists({
    baseUrl: options.baseUrl,
    timeoutMs,
    buy: () => buy({ grant_type: "refresh_token", refresh_token: refreshToken }),
    now: options.now,
    explain: problem,
  });
  let { refreshToken } = options;
  let isListing = options.mode !== "development";

  return {
    episodes: (ids) => aligned(EPISODES, ids),
    shows: (ids) => aligned(SHOWS, ids),
    tracks: (ids) => aligned(TRACKS, ids),
    ensurePlaylist: (draft) => playlists.ensurePlaylist(draft),
    close: async () => {
      await Promise.all([web.close(), playlists.close(), accounts.close()]);
    },
  };

  async function buy(form: Readonly<Record<string, string>>): Promise<AccessToken> {
    const { body } = await accounts.request({
      method: "POST",
      path: "",
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` },
      form,
      reply: TokenReply,
    });
    // A new one ends the old one. It is not written down: a restart begins with the old one.
    refreshToken = body.refresh_token ?? refreshToken;
    return { accessToken: body.access_token, expiresIn: body.expires_in };
  }

  async function aligned<T>(kind: Kind<T>, ids: readonly string[]): Promise<Results<T | null>> {
    const wanted = [...new Set(ids)].filter((id) => ID.test(id));
    const items = await load(kind, wanted);
    const found = new Map(wanted.map((id, index) => [id, items[index]]));
    return ids.map((id) => found.get(id) ?? null);
  }

  async function load<T>(kind: Kind<T>, ids: readonly string[]): Promise<Results<T | null>> {
    if (isListing) {
      const chunks = chunked(ids);
      const lists = await inParallel(chunks, LISTS_AT_ONCE, (chunk) => many(kind, chunk));
      if (!lists.some((list) => hasStatus(list, 403))) {
        return lists.flatMap<T | null | Error>((list, index) =>
          list instanceof Error ? (chunks[index] ?? []).map(() => list) : list,
        );
      }
    }
    const items = await inParallel(ids, SINGLES_AT_ONCE, (id) => one(kind, id));
    // Only now: where single requests are forbidden too, it is not the list that Spotify objects to.
    if (items.some((item) => !(item instanceof Error))) isListing = false;
    return items;
  }

  async function many<T>({ path, many: reply }: Kind<T>, ids: readonly string[]): Promise<readonly (T | null)[]> {
    const query = { ids: ids.join(","), market };
    return (await web.request({ path, query, reply: reply(ids.length) })).body;
  }

  async function one<T>({ path, one: reply }: Kind<T>, id: string): Promise<T | null> {
    try {
      return (await web.request({ path: `${path}/${segment(id)}`, query: { market }, reply })).body;
    } catch (error) {
      if (hasStatus(error, 404)) return null;
      throw error;
    }
  }
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof UpstreamError && error.status === status;
}

function chunked(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / MAX_IDS) }, (_, index) =>
    ids.slice(index * MAX_IDS, (index + 1) * MAX_IDS),
  );
}

/**
 * Each answer, or error, at its index; at most so many at once. Once the upstream fails, and not just one answer of it
 * makes no sense, nothing is begun any more: what was still to come shares that error.
 */
async function inParallel<In, Out>(
  items: readonly In[],
  most: number,
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
  // All workers draw from one iterator.
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      pending[index] = attempt(item);
      await results([pending[index]]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return results(pending);
}
