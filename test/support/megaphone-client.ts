/** How does a test connect the client of Megaphone to a sandbox? Both are closed after the test. */
import { afterEach } from "vitest";
import { createMegaphoneSandbox } from "../../subgraphs/sandbox/megaphone/server.ts";
import type { MegaphoneSandboxOptions } from "../../subgraphs/sandbox/megaphone/server.ts";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createEpisodes } from "../../subgraphs/sandbox/world/episodes.ts";
import type { WorldEpisode } from "../../subgraphs/sandbox/world/episode.ts";
import { createMegaphone } from "../../subgraphs/sources/megaphone/client.ts";
import type { Megaphone, MegaphoneOptions } from "../../subgraphs/sources/megaphone/client.ts";
import { whole } from "./whole.ts";

export const today = Date.parse("2026-03-10T12:00:00Z");
export const open: { close(): Promise<void> }[] = [];

export const world = whole(createEpisodes({ scale: 1, now: new Date(today), advertisers: ["northwind-beer"] }));
/** The network's two largest podcasts. */
export const [first = "", second = ""] = world.shows.map(({ podcastId }) => podcastId);
/** The clock of client and sandbox; `start` resets it. */
export const time = { now: today };

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

interface Setup {
  readonly sandbox: Sandbox;
  readonly megaphone: Megaphone;
}

export async function start(
  options: Partial<MegaphoneOptions> = {},
  limits: Partial<MegaphoneSandboxOptions> = {},
): Promise<Setup> {
  time.now = today;
  const sandbox = createMegaphoneSandbox({ world, now: () => time.now, ...limits });
  return { sandbox, megaphone: await connect(sandbox, options) };
}

export async function connect(sandbox: Sandbox, options: Partial<MegaphoneOptions> = {}): Promise<Megaphone> {
  open.push(sandbox);
  const origin = await sandbox.listen();
  const account = { networkId: "sandbox", token: "sandbox" };
  const megaphone = createMegaphone({ baseUrl: `${origin}/api`, ...account, now: () => time.now, ...options });
  open.push(megaphone);
  return megaphone;
}

/** The path of each request after `/api/networks/sandbox/podcasts`, with its status. */
export async function calls(sandbox: Sandbox): Promise<readonly string[]> {
  const { recent } = (await sandbox.app.inject("/sandbox/calls")).json<{
    recent: { path: string; status: number }[];
  }>();
  return recent.map(({ path, status }) => `${path.replace("/api/networks/sandbox/podcasts", "")} ${status}`);
}

export function episodesOf(podcastId: string): readonly WorldEpisode[] {
  return world.episodes.filter((episode) => episode.podcastId === podcastId);
}

export const LIST = "/episodes?page=1&per_page=500 200";
