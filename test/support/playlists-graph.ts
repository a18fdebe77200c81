/** A whole Decibel for tests of the mutations about locations, and the operations they share. */
// Before any decorator runs.
import "reflect-metadata";
import type { SQL } from "drizzle-orm";
import { sql } from "drizzle-orm";
import { expect } from "vitest";
import { locationId } from "../../schema/id.ts";
import type { WorldLocation } from "../../subgraphs/sandbox/world/locations.ts";
import { trackId } from "../../subgraphs/sandbox/world/tracks.ts";
import { startTestDecibel } from "./decibel.ts";
import type { Answer, TestDecibel } from "./decibel.ts";
import { profileOf, world } from "./location-world.ts";
import { FAST_RETRIES, eventually, outboxIsIdle, evaluationsOf } from "./mutations.ts";
import { NOW } from "./now.ts";
import { withRules } from "./rules.ts";

export interface ShownRequest {
  readonly id: string;
  readonly status: string;
  readonly playlistUri: string | null;
  readonly review: { readonly id: string } | null;
  readonly trackUris: readonly string[];
  readonly decision: {
    readonly id: string;
    readonly verdict: string;
    readonly action: string;
    readonly reasons: readonly { readonly code: string }[];
    readonly model: { readonly version: string };
  } | null;
}
export interface ShownLocation {
  readonly licence: { readonly status: string; readonly tier: string; readonly expiresAt: string | null };
  readonly playback: { readonly verdict: string; readonly reasons: readonly { readonly code: string }[] };
}
type Row = Readonly<Record<string, unknown>>;

export interface PlaylistsGraph extends TestDecibel {
  /** In milliseconds since the epoch. */
  readonly clock: { now: number };
  /** An approved request for `shop`, unless the input changes that. */
  request(
    input?: object,
  ): Promise<Answer<{ readonly requestPlaylist: { readonly playlistRequest: ShownRequest } } | null>>;
  /** As `request`, and expects no errors. */
  requested(input?: object): Promise<ShownRequest>;
  read(id: string): Promise<ShownRequest>;
  /** Waits until a request has the status. */
  becomes(id: string, status: string): Promise<void>;
  /** Licenses `other`, unless the input changes that. */
  recordLicence(
    input?: object,
  ): Promise<Answer<{ readonly recordLicence: { readonly location: ShownLocation } } | null>>;
  /** The writes that Spotify received since `reset`, without ids: `POST me/playlists 201`. */
  playlistWrites(): Promise<readonly string[]>;
  /** The inputs of the assignments that Soundtrack received since `reset`. */
  assignments(): Promise<readonly unknown[]>;
  /** How many evaluations OpenText made since its log was last cleared. */
  executes(): Promise<number>;
  /** The ids of the evaluations of a subject in the ledger. */
  evaluationsOf(subject: string): Promise<readonly string[]>;
  countRequests(): Promise<number>;
  rows(statement: SQL): Promise<readonly Row[]>;
  /** Deploys a version whose every row has these outputs, until `work` is done. */
  withRules(key: string, outputs: object, work: () => Promise<void>): Promise<void>;
  outboxIsIdle(): Promise<void>;
  /** Between two tests: no faults, effects and calls, and the clock stands at NOW. */
  reset(): Promise<void>;
}

/** Licensed, with more than one sound zone, in a country that no rule names. */
export const [shop, other] = world.locations.filter(
  ({ id, address: { country }, zones }) =>
    ["GB", "SE"].includes(country) && zones.length > 1 && profileOf.get(id)?.licence?.status === "ACTIVE",
) as [WorldLocation, WorldLocation];

/** The id in Soundtrack of no location. */
export const MISSING_LOCATION = "Tm9ib2R5LCwxbm9ib2R5Lw==";
export const textProblem = (maxLength: number): string =>
  `must be 1 to ${maxLength} characters, not all blank and none NUL`;

const REQUEST = `id status playlistUri review { id subject queue status } trackUris
  decision { id verdict action reasons { code } model { version } }`;
/** Of a ShownLocation. */
export const LOCATION = "licence { status tier expiresAt } playback { verdict reasons { code } }";
const UPSTREAMS = ["spotify-web", "soundtrack", "opentext"] as const;

/** `spotify:track:…`, the explicit ones first. */
export function tracks(count: number, explicit = 0): readonly string[] {
  return Array.from({ length: count }, (_none, index) => `spotify:track:${trackId(index < explicit, "test", index)}`);
}

export async function startPlaylistsGraph(): Promise<PlaylistsGraph> {
  const clock = { now: NOW };
  const graph = await startTestDecibel({ variables: FAST_RETRIES, now: () => clock.now });
  const { database } = graph.decibel;
  const idle = (): Promise<void> => outboxIsIdle(graph);

  const request: PlaylistsGraph["request"] = (input = {}) =>
    graph.query(
      `mutation ($input: RequestPlaylistInput!) { requestPlaylist(input: $input) { playlistRequest { ${REQUEST} } } }`,
      {
        input: {
          locationId: locationId.encode(shop.id),
          title: "Spring mornings",
          usage: "IN_STORE",
          trackUris: tracks(30),
          ...input,
        },
      },
    );
  const read = async (id: string): Promise<ShownRequest> => {
    const { data } = await graph.query<{ playlistRequest: ShownRequest }>(
      `query ($id: ID!) { playlistRequest(id: $id) { ${REQUEST} } }`,
      { id },
    );
    return data.playlistRequest;
  };
  const rows = async (statement: SQL): Promise<readonly Row[]> => (await database.db.execute(statement)).rows;

  return {
    ...graph,
    clock,
    request,
    async requested(input) {
      const { data, errors } = await request(input);
      expect(errors).toEqual([]);
      return data?.requestPlaylist.playlistRequest ?? expect.fail("the payload has no playlist request");
    },
    read,
    async becomes(id, status) {
      await eventually(async () => (await read(id)).status).toBe(status);
    },
    recordLicence: (input = {}) =>
      graph.query(
        `mutation ($input: RecordLicenceInput!) { recordLicence(input: $input) { location { ${LOCATION} } } }`,
        { input: { locationId: locationId.encode(other.id), status: "ACTIVE", tier: "foreground", ...input } },
      ),
    async playlistWrites() {
      const { recent } = await graph.sandbox("spotify-web").calls();
      return recent
        .filter(({ method, path }) => method !== "GET" && path !== "/api/token")
        .map(({ method, path, status }) =>
          `${String(method)} ${String(path)} ${String(status)}`
            .replace(/\/v1\/(playlists\/)?\w{22}/, "playlist")
            .replace("/v1/", ""),
        );
    },
    async assignments() {
      const { recent } = await graph.sandbox("soundtrack").calls();
      return recent
        .filter(({ body }) => JSON.stringify(body).includes("mutation"))
        .map(({ body }) => (body as { variables: { input: unknown } }).variables.input);
    },
    executes: async () => (await graph.sandbox("opentext").calls()).executes,
    evaluationsOf: (subject) => evaluationsOf(graph, subject),
    async countRequests() {
      const [row] = await rows(sql`select count(*)::int as n from locations.playlist_requests`);
      return Number(row?.["n"]);
    },
    rows,
    withRules: (key, outputs, work) => withRules(graph, key, outputs, work),
    outboxIsIdle: idle,
    async reset() {
      clock.now = NOW;
      for (const name of UPSTREAMS) await graph.sandbox(name).behave();
      await idle();
      for (const name of UPSTREAMS) await graph.sandbox(name).forget();
    },
  };
}
