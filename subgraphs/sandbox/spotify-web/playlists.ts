/**
 * How does the Web API sandbox handle playlists?
 *
 * It has the playlists of one user, none at first: they are created, listed newest first, extended and read. A client's token
 * gets 401. Any valid track id is accepted. Assumptions: the texts of errors, that only the world's episodes exist, and how a
 * description is escaped.
 */
import { randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { faultsOf } from "../sandbox.ts";
import { pageOf } from "./objects.ts";
import { refuse, refuseInput } from "./problems.ts";
import { isValid } from "../world/tracks.ts";
import { spotifyId } from "../world/random.ts";

export interface WebPlaylistRoutes {
  /** Whether the request has a user's token. */
  readonly isUsers: (request: FastifyRequest) => boolean;
  /** A full EpisodeObject; undefined if there is none. */
  readonly episode: (id: string, base: string) => object | undefined;
  readonly baseOf: (request: FastifyRequest) => string;
  readonly now: () => number;
}

interface Playlist {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly isPublic: boolean;
  readonly isCollaborative: boolean;
  readonly items: { readonly uri: string; readonly addedAt: number }[];
  readonly madeAt: number;
}

const USER = "decibel-sandbox";
const MOST_AT_ONCE = 100;
const LONGEST_DESCRIPTION = 300;
const URI = /^spotify:(track|episode):([0-9A-Za-z]{22})$/;
const Draft = z.object({
  name: z.string("Missing required field: name").min(1, "Missing required field: name"),
  description: z.string().max(LONGEST_DESCRIPTION, "Description is too long").default(""),
  public: z.boolean().default(true),
  collaborative: z.boolean().default(false),
});
const Additions = z.object({
  uris: z
    .array(z.string(), "No uris provided")
    .min(1, "No uris provided")
    .max(MOST_AT_ONCE, `You can add a maximum of ${MOST_AT_ONCE} tracks per request.`),
  position: z.int().min(0).optional(),
});
const whole = (message: string, standard: number, least: number, most: number) =>
  z.coerce.number(message).int(message).min(least, message).max(most, message).default(standard);
const List = z.object({
  limit: whole("Invalid limit", 20, 1, 50),
  offset: whole("Invalid offset", 0, 0, 100_000),
});

export function webPlaylistRoutes(api: FastifyInstance, routes: WebPlaylistRoutes): void {
  const { isUsers, episode, baseOf, now } = routes;
  const playlists: Playlist[] = [];

  void api.register(async (users) => {
    users.addHook("preHandler", async (request, reply) =>
      isUsers(request) ? undefined : refuse(reply, 401, "Valid user authentication required"),
    );

    users.get("/me/playlists", (request, reply) => {
      const list = List.safeParse(request.query);
      if (!list.success) return refuseInput(reply, list.error);
      const base = baseOf(request);
      const newest = playlistsFor(request, "listsLagMs")
        .toReversed()
        .map((playlist) => simplified(playlist, base));
      return pageOf(newest, list.data.limit, list.data.offset, `${base}/me/playlists?`);
    });

    users.post("/me/playlists", (request, reply) => {
      const draft = Draft.safeParse(request.body ?? {});
      if (!draft.success) return refuseInput(reply, draft.error);
      const { name, description, public: isPublic, collaborative: isCollaborative } = draft.data;
      if (isPublic && isCollaborative) return refuse(reply, 400, "Collaborative playlists must not be public");
      const id = spotifyId("playlist", randomBytes(16).toString("hex"));
      const playlist: Playlist = { id, name, description, isPublic, isCollaborative, items: [], madeAt: now() };
      playlists.push(playlist);
      return reply.code(201).send(full(playlist, baseOf(request)));
    });

    users.get("/playlists/:id", (request, reply) => {
      const playlist = playlistOf(request);
      return playlist ? full(playlist, baseOf(request)) : refuse(reply, 404, "Resource not found");
    });

    users.get("/playlists/:id/items", (request, reply) => {
      const playlist = playlistOf(request);
      if (!playlist) return refuse(reply, 404, "Resource not found");
      const list = List.safeParse(request.query);
      if (!list.success) return refuseInput(reply, list.error);
      const { listsLagMs = 0 } = faultsOf(request);
      const listed = playlist.items.filter(({ addedAt }) => addedAt <= now() - listsLagMs);
      return itemPage({ ...playlist, items: listed }, baseOf(request), list.data.limit, list.data.offset);
    });

    users.post("/playlists/:id/items", (request, reply) => {
      const playlist = playlistOf(request);
      if (!playlist) return refuse(reply, 404, "Resource not found");
      const additions = Additions.safeParse(request.body ?? {});
      if (!additions.success) return refuseInput(reply, additions.error);
      const { uris, position = playlist.items.length } = additions.data;
      const strange = uris.find((uri) => !isThere(uri, baseOf(request)));
      if (strange !== undefined) return refuse(reply, 400, `Invalid track uri: ${strange}`);
      if (position > playlist.items.length) return refuse(reply, 400, "Index out of bounds");
      const addedAt = now();
      playlist.items.splice(position, 0, ...uris.map((uri) => ({ uri, addedAt })));
      return reply.code(201).send({ snapshot_id: snapshotOf(playlist) });
    });
  });

  function playlistOf(request: FastifyRequest): Playlist | undefined {
    const { id } = z.object({ id: z.string() }).parse(request.params);
    return playlistsFor(request, "absentMs").find((playlist) => playlist.id === id);
  }

  /** Those that a fault does not hide. */
  function playlistsFor(request: FastifyRequest, delay: "listsLagMs" | "absentMs"): readonly Playlist[] {
    const { [delay]: hiddenMs = 0 } = faultsOf(request);
    return playlists.filter(({ madeAt }) => madeAt <= now() - hiddenMs);
  }

  function isThere(uri: string, base: string): boolean {
    const [, kind, id = ""] = URI.exec(uri) ?? [];
    return (kind === "track" && isValid(id)) || (kind === "episode" && episode(id, base) !== undefined);
  }

  function full(playlist: Playlist, base: string): object {
    const items = itemPage(playlist, base, MOST_AT_ONCE, 0);
    return { ...common(playlist, base), followers: { href: null, total: 0 }, items };
  }

  function simplified(playlist: Playlist, base: string): object {
    const items = { href: `${base}/playlists/${playlist.id}/items`, total: playlist.items.length };
    return { ...common(playlist, base), items };
  }

  function itemPage(playlist: Playlist, base: string, limit: number, offset: number): object {
    const page = pageOf(playlist.items, limit, offset, `${base}/playlists/${playlist.id}/items?`);
    const items = page.items.map(({ uri, addedAt }) => ({
      added_at: `${new Date(addedAt).toISOString().slice(0, 19)}Z`,
      added_by: user(base),
      is_local: false,
      item: itemOf(uri, base),
    }));
    return { ...page, items };
  }

  function itemOf(uri: string, base: string): object | undefined {
    const [, kind, id = ""] = URI.exec(uri) ?? [];
    if (kind === "episode") return episode(id, base);
    return { id, type: "track", uri, href: `${base}/tracks/${id}`, name: `Track ${id}` };
  }
}

function common({ id, name, description, isPublic, isCollaborative, items }: Playlist, base: string): object {
  return {
    collaborative: isCollaborative,
    description: escaped(description),
    external_urls: { spotify: `https://open.spotify.com/playlist/${id}` },
    href: `${base}/playlists/${id}`,
    id,
    images: [],
    name,
    owner: { ...user(base), display_name: "Decibel" },
    public: isPublic,
    snapshot_id: snapshotOf({ id, items }),
    type: "playlist",
    uri: `spotify:playlist:${id}`,
  };
}

function user(base: string): object {
  return {
    external_urls: { spotify: `https://open.spotify.com/user/${USER}` },
    href: `${base}/users/${USER}`,
    id: USER,
    type: "user",
    uri: `spotify:user:${USER}`,
  };
}

function snapshotOf({ id, items }: Pick<Playlist, "id" | "items">): string {
  return Buffer.from(`${items.length},${id}`).toString("base64");
}

/** As Spotify escapes a description. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#x27;",
    "/": "&#x2F;",
  };
  return text.replaceAll(/[&<>"'/]/g, (character) => entities[character] ?? character);
}
