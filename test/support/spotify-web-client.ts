/** How does a test connect the client of the Web API to a sandbox? Both are closed after the test. */
import { afterEach, expect } from "vitest";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createSpotifyWebSandbox } from "../../subgraphs/sandbox/spotify-web/server.ts";
import type { SpotifyWebSandboxOptions } from "../../subgraphs/sandbox/spotify-web/server.ts";
import { createEpisodes, isPublished } from "../../subgraphs/sandbox/world/episodes.ts";
import { createSpotifyWeb } from "../../subgraphs/sources/spotify-web/client.ts";
import type { SpotifyWeb, SpotifyWebOptions } from "../../subgraphs/sources/spotify-web/client.ts";
import { whole } from "./whole.ts";

export const today = Date.parse("2026-03-10T12:00:00Z");
export const NOBODY = "0000000000000000000000";
export const open: { close(): Promise<void> }[] = [];

export const world = whole(createEpisodes({ scale: 1, now: new Date(today), advertisers: ["northwind-beer"] }));
export const published = world.episodes.filter((episode) => isPublished(episode, new Date(today)));
export const publishedIds = published.map(({ spotifyId }) => spotifyId);

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

interface Setup {
  readonly sandbox: Sandbox;
  readonly web: SpotifyWeb;
}

export async function start(
  mode: SpotifyWebSandboxOptions["mode"] = "extended",
  options: Partial<SpotifyWebOptions> = {},
  clock: () => number = () => today,
): Promise<Setup> {
  const sandbox = createSpotifyWebSandbox({ world, mode, now: clock });
  return { sandbox, web: await connect(sandbox, options) };
}

export async function connect(sandbox: Sandbox, options: Partial<SpotifyWebOptions> = {}): Promise<SpotifyWeb> {
  open.push(sandbox);
  const origin = await sandbox.listen();
  const credentials = { clientId: "sandbox", clientSecret: "sandbox", refreshToken: "sandbox" };
  const web = createSpotifyWeb({
    baseUrl: `${origin}/v1`,
    tokenUrl: `${origin}/api/token`,
    ...credentials,
    ...options,
  });
  open.push(web);
  return web;
}

/** Each request as `GET /v1/episodes 200`, without its query. */
export async function calls(sandbox: Sandbox): Promise<readonly string[]> {
  const { recent } = (await sandbox.app.inject("/sandbox/calls")).json<{
    recent: { method: string; path: string; status: number }[];
  }>();
  return recent.map(({ method, path, status }) => `${method} ${path.replace(/\?.*/, "")} ${status}`);
}

export function problem(status: number, message: string): unknown {
  return [status, { error: { status, message } }];
}

export function failure(of: object): unknown {
  return expect.objectContaining({ name: "UpstreamError", ...of });
}

export const TOKEN = "POST /api/token 200";
