/** How does a test connect the client of Spotify Ads to a sandbox? Both are closed after the test. */
import type { FastifyInstance } from "fastify";
import { afterEach } from "vitest";
import { z } from "zod";
import { createSandbox } from "../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox, Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { createSpotifyAdsSandbox } from "../../subgraphs/sandbox/spotify-ads/server.ts";
import type { SpotifyAdsSandboxOptions } from "../../subgraphs/sandbox/spotify-ads/server.ts";
import { createCampaigns } from "../../subgraphs/sandbox/world/campaigns.ts";
import type { SpotifyAds } from "../../subgraphs/sources/spotify-ads/client.ts";
import type { SpotifyAdsOptions } from "../../subgraphs/sources/spotify-ads/connection.ts";
import { misbehave } from "./sandbox-control.ts";
import { adsAt } from "./audience.ts";
import { whole } from "./whole.ts";

export const NOW = new Date("2026-03-10T15:30:00Z");
export const world = whole(createCampaigns({ scale: 1, now: NOW }));
export const ids = world.campaigns.map(({ id }) => id);
export const UNKNOWN = "00000000-0000-4000-8000-000000000000";
export const DRAFTS = world.campaigns.filter(({ status }) => status === "UNSET").map(({ id }) => id);

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

export interface Connected {
  readonly ads: SpotifyAds;
  readonly sandbox: Sandbox;
  /** The number of requests by the last segment of their path, since the last call of this. */
  readonly calls: () => Promise<Readonly<Record<string, number>>>;
  readonly fault: (faults: Faults) => Promise<void>;
}

export async function connectTo(sandbox: Sandbox, options: Partial<SpotifyAdsOptions> = {}): Promise<Connected> {
  const origin = await sandbox.listen();
  const ads = adsAt(origin, options);
  open.push(sandbox, ads);
  return {
    ads,
    sandbox,
    async calls() {
      const log = Calls.parse((await sandbox.app.inject("/sandbox/calls")).json());
      await sandbox.app.inject({ method: "DELETE", url: "/sandbox/calls" });
      const names = log.recent.map(({ path }) => new URL(path, "http://host").pathname.split("/").at(-1) ?? "");
      return Object.fromEntries(names.map((name) => [name, names.filter((other) => other === name).length]));
    },
    async fault(faults) {
      await misbehave(sandbox, faults);
    },
  };
}

const Calls = z.object({ recent: z.array(z.object({ path: z.string() })) });

export function connect(
  sandbox: Partial<SpotifyAdsSandboxOptions> = {},
  options: Partial<SpotifyAdsOptions> = {},
): Promise<Connected> {
  return connectTo(createSpotifyAdsSandbox({ world, ...sandbox }), options);
}

/** A Spotify Ads with these replies, by path; a function is called for each request. */
export function saying(replies: Readonly<Record<string, unknown>>): Promise<Connected> {
  return routing((app) => {
    for (const [path, reply] of Object.entries(replies)) {
      app.get(`/ads/v3${path}`, (request) => (typeof reply === "function" ? reply(request) : reply));
    }
  });
}

/** A Spotify Ads with these routes; it gives a token. */
export function routing(routes: (app: FastifyInstance) => void): Promise<Connected> {
  return connectTo(
    createSandbox({
      name: "spotify-ads",
      problem: () => ({}),
      routes(app) {
        app.addContentTypeParser("application/x-www-form-urlencoded", (_request, _body, done) => done(null, {}));
        app.post("/api/token", () => ({ access_token: "t", expires_in: 3600 }));
        routes(app);
      },
    }),
  );
}

/** The error of each result; null for a value. */
export function messagesOf(list: readonly unknown[]): readonly (string | null)[] {
  return list.map((item) => (item instanceof Error ? item.message : null));
}
