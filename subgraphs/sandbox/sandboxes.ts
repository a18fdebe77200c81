/**
 * Which upstreams does this process stand in for, and where does everybody find theirs?
 *
 * An upstream with credentials is the real one; each of the others gets a sandbox over one world, so that what
 * Megaphone calls an episode is the same one that the Web API knows. First-party data belongs to the same world.
 */
import type { OpenTextAccount } from "../pipeline/pipeline.ts";
import type { CompiledTable } from "../pipeline/table/compile.ts";
import { loadTables } from "../pipeline/table/load.ts";
import type { Environment } from "../platform/environment.ts";
import { listening } from "../platform/listen.ts";
import type { FirstParty } from "../records/seed.ts";
import type { LeadsOptions } from "../sources/crm/client.ts";
import type { MegaphoneOptions } from "../sources/megaphone/client.ts";
import type { SoundtrackOptions } from "../sources/soundtrack/client.ts";
import type { SpotifyAdsOptions } from "../sources/spotify-ads/client.ts";
import type { SpotifyWebOptions } from "../sources/spotify-web/client.ts";
import { SANDBOX_SECRET, createCrmSandbox } from "./crm/server.ts";
import { createEpisodeChanges } from "./episode-changes.ts";
import { createMegaphoneSandbox } from "./megaphone/server.ts";
import { createOpenTextSandbox } from "./opentext/server.ts";
import type { OpenTextSandbox } from "./opentext/server.ts";
import type { Sandbox } from "./sandbox.ts";
import { createSoundtrackSandbox } from "./soundtrack/server.ts";
import { createSpotifyAdsSandbox } from "./spotify-ads/server.ts";
import { createSpotifyWebSandbox } from "./spotify-web/server.ts";
import { createWorld, firstPartyOf } from "./world/world.ts";

export interface Sandboxes {
  /** How to reach each upstream, real or not. */
  readonly accounts: {
    /** `undefined` where the tables here decide and nobody said where the service is. */
    readonly opentext: OpenTextAccount | undefined;
    readonly spotifyAds: SpotifyAdsOptions;
    readonly spotifyWeb: SpotifyWebOptions;
    readonly megaphone: MegaphoneOptions;
    readonly soundtrack: SoundtrackOptions;
    readonly leads: LeadsOptions;
  };
  /** First-party data to start from; empty where the world it speaks of is not the sandboxes'. */
  readonly firstParty: FirstParty;
  /** Those that run here. */
  readonly urls: readonly (readonly [name: string, origin: string])[];
  /** To deploy tables to; undefined where none runs here. */
  readonly opentext: OpenTextSandbox | undefined;
  /** A campaign to start from; undefined where the campaigns are real. */
  readonly firstCampaignId: string | undefined;
  close(): Promise<void>;
}

export async function startSandboxes(
  environment: Environment,
  tables: readonly CompiledTable[],
  now: () => number,
): Promise<Sandboxes> {
  const { opentext, spotifyAds, spotifyWeb, megaphone, soundtrack, leads, sandbox } = environment;
  const world = createWorld({ scale: sandbox.scale, now: new Date(now()) });
  const changes = createEpisodeChanges();
  const running: Sandbox[] = [];
  const urls: (readonly [string, string])[] = [];

  async function start(made: Sandbox, port: number, variable: string): Promise<string> {
    const origin = await listening(`${made.name} sandbox`, port, variable, () => made.listen(port));
    running.push(made);
    urls.push([`${made.name} sandbox`, origin]);
    return origin;
  }
  const close = async (): Promise<void> => {
    await Promise.all(running.map((made) => made.close()));
  };

  try {
    // It would evaluate the same tables by the same engine: to compare local decisions with it says nothing.
    const isNeeded = opentext.baseUrl === undefined && environment.decisions === "service";
    const decisions = isNeeded ? await sandboxedOpenText() : undefined;
    const baseUrl = opentext.baseUrl ?? decisions?.origin;
    const accounts = {
      opentext: baseUrl === undefined ? undefined : { ...opentext, baseUrl },
      spotifyAds: spotifyAds ?? (await sandboxedAds()),
      spotifyWeb: spotifyWeb ?? (await sandboxedWeb()),
      megaphone: megaphone ?? (await sandboxedMegaphone()),
      soundtrack: soundtrack ?? (await sandboxedSoundtrack()),
      leads: leads ?? (await sandboxedCrm()),
    };
    return {
      accounts,
      firstParty: firstPartyOf(world, { campaigns: !spotifyAds, episodes: !megaphone, locations: !soundtrack }),
      urls,
      opentext: decisions?.sandbox,
      firstCampaignId: spotifyAds ? undefined : world.campaigns.campaigns[0]?.id,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }

  async function sandboxedOpenText(): Promise<{ readonly sandbox: OpenTextSandbox; readonly origin: string }> {
    const extra = sandbox.tables === undefined ? [] : await loadTables(sandbox.tables);
    const { tenantId, clientId, clientSecret, batchPath } = opentext;
    const made = createOpenTextSandbox({
      tenantId,
      clientId,
      clientSecret,
      batchPath,
      tables: [...tables, ...extra],
      now,
    });
    return { sandbox: made, origin: await start(made, sandbox.ports.opentext, "OPENTEXT_SANDBOX_PORT") };
  }

  async function sandboxedAds(): Promise<SpotifyAdsOptions> {
    const made = createSpotifyAdsSandbox({ world: world.campaigns, now });
    const origin = await start(made, sandbox.ports.spotifyAds, "SPOTIFY_ADS_SANDBOX_PORT");
    return {
      baseUrl: `${origin}/ads/v3`,
      tokenUrl: `${origin}/api/token`,
      accountId: "sandbox",
      clientId: "sandbox",
      clientSecret: "sandbox",
      refreshToken: "sandbox",
    };
  }

  async function sandboxedWeb(): Promise<SpotifyWebOptions> {
    const made = createSpotifyWebSandbox({ world: world.episodes, changes, mode: "extended", now });
    const origin = await start(made, sandbox.ports.spotifyWeb, "SPOTIFY_WEB_SANDBOX_PORT");
    return {
      baseUrl: `${origin}/v1`,
      tokenUrl: `${origin}/api/token`,
      clientId: "sandbox",
      clientSecret: "sandbox",
      refreshToken: "sandbox",
    };
  }

  async function sandboxedMegaphone(): Promise<MegaphoneOptions> {
    const made = createMegaphoneSandbox({
      world: world.episodes,
      changes,
      // A network of ten times the podcasts has a larger account.
      requestsPerMinute: 60 * sandbox.scale,
      now,
    });
    const origin = await start(made, sandbox.ports.megaphone, "MEGAPHONE_SANDBOX_PORT");
    return { baseUrl: `${origin}/api`, networkId: "sandbox", token: "sandbox" };
  }

  async function sandboxedSoundtrack(): Promise<SoundtrackOptions> {
    const made = createSoundtrackSandbox({
      world: world.locations,
      // As many more tokens as there are more locations.
      bucket: { capacity: 3600 * sandbox.scale, perSecond: 50 * sandbox.scale },
      now,
    });
    const origin = await start(made, sandbox.ports.soundtrack, "SOUNDTRACK_SANDBOX_PORT");
    return { baseUrl: `${origin}/v2`, token: "sandbox" };
  }

  async function sandboxedCrm(): Promise<LeadsOptions> {
    const origin = await start(createCrmSandbox({ now }), sandbox.ports.crm, "CRM_SANDBOX_PORT");
    // Both go by one clock, or the sandbox would take every lead for an old one.
    return { url: `${origin}/leads`, secret: SANDBOX_SECRET, now };
  }
}
