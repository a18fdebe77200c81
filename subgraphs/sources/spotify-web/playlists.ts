/**
 * How does a playlist come to be in Spotify exactly once, with all that belongs on it?
 *
 * The Web API knows no idempotency key, so the playlist carries a mark: its description ends with one word by which it is
 * found again among all of the user's. Items are appended at the place where the playlist ends, a hundred at a time, so a
 * repeat goes on from there. The price: a person who takes items off it before it is complete makes the last ones come
 * twice. Two who make the same playlist at the same time make two: whoever writes keeps to one write at a time for each.
 *
 * All of this is the library of the user who gave the refresh token; the client's own token may not touch it. The user must
 * have granted `playlist-modify-private` and `playlist-read-private`.
 */
import { z } from "zod";
import { createToken } from "../../platform/token.ts";
import type { AccessToken } from "../../platform/token.ts";
import { createUpstream, segment } from "../../platform/upstream.ts";
import type { UpstreamOptions } from "../../platform/upstream.ts";

export interface WebPlaylists {
  /** The playlist of this mark as it is to be. UNCHANGED where all of it was there already. */
  ensurePlaylist(draft: PlaylistDraft): Promise<{ readonly uri: string; readonly outcome: "CHANGED" | "UNCHANGED" }>;
  close(): Promise<void>;
}

export interface PlaylistDraft {
  /** One word of letters, digits and `_.:-`, and no other playlist's: it ends the description, for all who see it. */
  readonly marker: string;
  readonly name: string;
  /** What goes before the marker. */
  readonly description: string;
  /** Of tracks and episodes, in their order. A longer list than before is added to; of a shorter one nothing is taken off. */
  readonly uris: readonly string[];
}

export interface WebPlaylistsOptions extends Pick<UpstreamOptions, "baseUrl" | "timeoutMs" | "explain"> {
  /** Buys an access token for the user. */
  readonly buy: () => Promise<AccessToken>;
  readonly now?: (() => number) | undefined;
}

const PER_PAGE = 50;
const ITEMS_AT_ONCE = 100;
/** Not documented, but met: a longer description is refused. */
const LONGEST = 300;
/** Spotify gives a description back with its markup escaped: a mark has nothing to escape. */
const MARKER = /^[\w.:-]{1,100}$/;
const URI = /^spotify:(?:track|episode):[0-9A-Za-z]{22}$/;

const Playlist = z.object({ id: z.string(), uri: z.string() });
/** An item is null where Spotify has lost a playlist. */
const PlaylistsReply = z.object({
  items: z.array(
    Playlist.extend({
      description: z
        .string()
        .nullish()
        .transform((text) => text ?? ""),
    }).nullable(),
  ),
  next: z.string().nullable(),
});
const ItemsReply = z.object({ total: z.int() });

export function createWebPlaylists({ buy, now, ...options }: WebPlaylistsOptions): WebPlaylists {
  const web = createUpstream({ name: "spotify-web", connections: 2, ...options, ...createToken(buy, now) });
  return { ensurePlaylist, close: () => web.close() };

  async function ensurePlaylist(draft: PlaylistDraft): ReturnType<WebPlaylists["ensurePlaylist"]> {
    check(draft);
    const known = await marked(draft.marker);
    const { id, uri } = known ?? (await create(draft));
    const there = known ? await itemsOf(id) : 0;
    for (let position = there; position < draft.uris.length; position += ITEMS_AT_ONCE) {
      const uris = draft.uris.slice(position, position + ITEMS_AT_ONCE);
      const path = `/playlists/${segment(id)}/items`;
      await web.request({ method: "POST", path, json: { uris, position }, reply: z.unknown() });
    }
    return { uri, outcome: known && there >= draft.uris.length ? "UNCHANGED" : "CHANGED" };
  }

  async function marked(marker: string): Promise<z.infer<typeof Playlist> | undefined> {
    for (let offset = 0; ; offset += PER_PAGE) {
      const query = { limit: PER_PAGE, offset };
      const { body } = await web.request({ path: "/me/playlists", query, reply: PlaylistsReply });
      const found = body.items.find((playlist) => playlist?.description.split(" ").at(-1) === marker);
      if (found) return found;
      if (body.next === null || body.items.length === 0) return undefined;
    }
  }

  async function create({ marker, name, description }: PlaylistDraft): Promise<z.infer<typeof Playlist>> {
    const words = description
      .replaceAll(/\s+/g, " ")
      .trim()
      .slice(0, LONGEST - marker.length - 1);
    const json = { name, description: `${words} ${marker}`.trim(), public: false, collaborative: false };
    return (await web.request({ method: "POST", path: "/me/playlists", json, reply: Playlist })).body;
  }

  /** The list of playlists counts items too, but was seen to be behind. */
  async function itemsOf(id: string): Promise<number> {
    const path = `/playlists/${segment(id)}/items`;
    return (await web.request({ path, query: { limit: 1 }, reply: ItemsReply })).body.total;
  }
}

function check({ marker, name, uris }: PlaylistDraft): void {
  if (!MARKER.test(marker)) throw new RangeError(`marker is up to 100 letters, digits and _.:- but got "${marker}"`);
  if (name.trim() === "") throw new RangeError("name is not empty, but got nothing");
  const wrong = uris.find((uri) => !URI.test(uri));
  if (wrong !== undefined) throw new RangeError(`uris are of tracks and episodes, but got "${wrong}"`);
}
