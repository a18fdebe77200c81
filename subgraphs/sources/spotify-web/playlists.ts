/**
 * How is a playlist created in Spotify exactly once, with all of its items?
 *
 * The Web API has no idempotency key, so the last word of the description is a marker, by which the playlist is found
 * again. Its lists lag, and a playlist just made may be answered 404: that is not there yet, rather than gone. Items are
 * appended at the end of the playlist, a hundred at a time, so that a retry continues there. The number of items lags like
 * any list, so each of these writes goes through `once` too. The price: if a person removes items before the playlist is
 * complete, the last ones are added twice. Concurrent calls with one marker create two playlists: the caller must serialise
 * them.
 *
 * Playlists are in the library of the user who granted the refresh token, with the scopes `playlist-modify-private` and
 * `playlist-read-private`.
 */
import { z } from "zod";
import { createAcceptedWrites } from "../../platform/accepted-writes.ts";
import { itemsOf } from "../../platform/items.ts";
import { withoutRepeats } from "../../platform/once.ts";
import type { Once } from "../../platform/once.ts";
import { createToken } from "../../platform/token.ts";
import type { AccessToken } from "../../platform/token.ts";
import { segment } from "../../platform/http-request.ts";
import { GRANT_VARIABLES, spotifyWebSettings } from "./settings.ts";
import { createUpstream } from "../../platform/upstream.ts";
import type { UpstreamOptions } from "../../platform/upstream.ts";

export interface WebPlaylists {
  /** Finds or creates the playlist with this marker and adds missing items. UNCHANGED if it was complete. */
  ensurePlaylist(
    draft: PlaylistDraft,
    once?: Once,
  ): Promise<{ readonly uri: string; readonly outcome: "CHANGED" | "UNCHANGED" }>;
  /** All playlists with this marker, newest first. */
  playlistsOf(marker: string): Promise<readonly MarkedPlaylist[]>;
  close(): Promise<void>;
}

export interface MarkedPlaylist {
  readonly uri: string;
  readonly itemCount: number;
}

export interface PlaylistDraft {
  /** One word of letters, digits and `_.:-`, unique among playlists. It is the visible end of the description. */
  readonly marker: string;
  readonly name: string;
  /** The description before the marker. */
  readonly description: string;
  /** Of tracks and episodes, in order. Items of an earlier call are never removed. */
  readonly uris: readonly string[];
}

export interface WebPlaylistsOptions extends Pick<
  UpstreamOptions,
  "baseUrl" | "timeoutMs" | "patience" | "health" | "explain"
> {
  /** Fetches an access token of the user. */
  readonly fetchToken: () => Promise<AccessToken>;
  readonly now?: (() => number) | undefined;
}

const PAGE_SIZE = 50;
const MAX_ITEMS_PER_REQUEST = 100;
/** Characters. Observed, not documented: a longer description is refused. */
const MAX_DESCRIPTION = 300;
/** Spotify returns descriptions HTML-escaped: these characters are never escaped. */
const MARKER = /^[\w.:-]{1,100}$/;
const URI = /^spotify:(?:track|episode):[0-9A-Za-z]{22}$/;

const Playlist = z.object({ id: z.string(), uri: z.string() });
const Described = z.object({ description: z.string() });
/** Spotify has been seen to return null items. One without a readable description is not ours. */
const PlaylistsReply = z.object({
  items: z.array(z.unknown()),
  /** null on the last page; undefined if it cannot be read. */
  next: z.string().nullable().optional().catch(undefined),
});
const AWAITED = [404];
const ItemsReply = z.object({ total: z.int() });

export function createWebPlaylists({ fetchToken, now, ...options }: WebPlaylistsOptions): WebPlaylists {
  const web = createUpstream({
    name: "spotify-web",
    connections: 2,
    ...options,
    ...createToken(fetchToken, now),
    credentials: GRANT_VARIABLES,
    address: [spotifyWebSettings.fields.baseUrl.variable],
    accepted: createAcceptedWrites(),
    refused: (status, detail) =>
      status === 403 && /\bscope\b/i.test(detail ?? "") ? { renew: GRANT_VARIABLES } : undefined,
    probe: { path: "/me/playlists", query: { limit: 1 } },
  });
  return {
    ensurePlaylist,
    async playlistsOf(marker) {
      const found: MarkedPlaylist[] = [];
      for await (const { id, uri } of withMarker(marker)) found.push({ uri, itemCount: await countItems(id) });
      return found;
    },
    close: () => web.close(),
  };

  async function ensurePlaylist(
    draft: PlaylistDraft,
    once = withoutRepeats,
  ): ReturnType<WebPlaylists["ensurePlaylist"]> {
    assertValid(draft);
    const { value: existing } = await withMarker(draft.marker).next();
    const { id, uri } = existing ?? (await once(draft.marker, () => create(draft)));
    const itemCount = existing ? await countItems(id) : 0;
    for (let position = itemCount; position < draft.uris.length; position += MAX_ITEMS_PER_REQUEST) {
      const uris = draft.uris.slice(position, position + MAX_ITEMS_PER_REQUEST);
      await once(`${draft.marker}/items/${position}`, () => addItems(id, uris, position));
    }
    return { uri, outcome: existing && itemCount >= draft.uris.length ? "UNCHANGED" : "CHANGED" };
  }

  async function* withMarker(marker: string): AsyncGenerator<z.infer<typeof Playlist>, undefined> {
    for (let offset = 0; ; offset += PAGE_SIZE) {
      const query = { limit: PAGE_SIZE, offset };
      const { body } = await web.request({ path: "/me/playlists", query, reply: PlaylistsReply });
      for (const [place, raw] of body.items.entries()) {
        if (Described.safeParse(raw).data?.description.split(" ").at(-1) === marker) yield readOwn(raw, place);
      }
      if (body.next === null || body.items.length === 0) return undefined;
    }
  }

  async function create({ marker, name, description }: PlaylistDraft): Promise<z.infer<typeof Playlist>> {
    const text = description
      .replaceAll(/\s+/g, " ")
      .trim()
      .slice(0, MAX_DESCRIPTION - marker.length - 1);
    const json = { name, description: `${text} ${marker}`.trim(), public: false, collaborative: false };
    return (await web.request({ method: "POST", path: "/me/playlists", json, reply: Playlist })).body;
  }

  async function addItems(id: string, uris: readonly string[], position: number): Promise<void> {
    const json = { uris, position };
    await web.request({ method: "POST", path: itemsOfPlaylist(id), json, reply: z.unknown(), awaited: AWAITED });
  }

  /** The list of playlists has a count too, but was seen to lag. */
  async function countItems(id: string): Promise<number> {
    const path = itemsOfPlaylist(id);
    return (await web.request({ path, query: { limit: 1 }, reply: ItemsReply, awaited: AWAITED })).body.total;
  }
}

function itemsOfPlaylist(id: string): string {
  return `/playlists/${segment(id)}/items`;
}

/** Another one must not be made in the place of one that cannot be read. */
function readOwn(raw: unknown, place: number): z.infer<typeof Playlist> {
  const playlist = itemsOf("spotify-web").item("playlist", Playlist, raw, place);
  if (playlist instanceof Error) throw playlist;
  return playlist;
}

function assertValid({ marker, name, uris }: PlaylistDraft): void {
  if (!MARKER.test(marker)) throw new RangeError(`marker is up to 100 letters, digits and _.:- but got "${marker}"`);
  if (name.trim() === "") throw new RangeError("name is not empty, but got nothing");
  const wrong = uris.find((uri) => !URI.test(uri));
  if (wrong !== undefined) throw new RangeError(`uris are of tracks and episodes, but got "${wrong}"`);
}
