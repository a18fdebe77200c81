/**
 * Which upstreams are compared with their OpenAPI document, and by which requests?
 *
 * In the order of the documents that `conform` takes.
 */
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createSpotifyAdsSandbox } from "../../subgraphs/sandbox/spotify-ads/server.ts";
import { createSpotifyWebSandbox } from "../../subgraphs/sandbox/spotify-web/server.ts";
import { createCampaigns } from "../../subgraphs/sandbox/world/campaigns.ts";
import { createEpisodes, isPublished } from "../../subgraphs/sandbox/world/episodes.ts";
import { requireAll } from "../../subgraphs/platform/results.ts";
import { createSpotifyAds } from "../../subgraphs/sources/spotify-ads/client.ts";
import { createSpotifyWeb } from "../../subgraphs/sources/spotify-web/client.ts";
import { whole } from "../support/whole.ts";

export interface Subject {
  readonly sandbox: Sandbox;
  /** The form of the token request; client and secret are "sandbox". */
  readonly grant: Readonly<Record<string, string>>;
  /** Calls every method of the client. */
  readonly ask: (origin: string) => Promise<void>;
  /** Further requests, below the document's prefix. If the status is 400 or more, only the reply has to conform. */
  readonly variants: readonly (readonly [path: string, status: number])[];
  /** Fields that replies are known to have although the document does not say so. */
  readonly undocumented: readonly string[];
}

export const SUBJECTS: readonly (readonly [name: string, make: () => Subject])[] = [
  ["spotify-ads", spotifyAds],
  ["spotify-web", spotifyWeb],
];

const NOW = new Date("2026-03-10T00:00:00Z");

function spotifyAds(): Subject {
  const world = whole(createCampaigns({ scale: 2, now: NOW }));
  const accountId = "6c1cf9f7-3d2c-4b0a-9e4e-2a4a1f0d5b11";
  const ids = world.campaigns.map(({ id }) => id);
  const [campaign = "", second = ""] = ids;
  const adSet = world.adSets[0]?.id ?? "";
  const account = `/ad_accounts/${accountId}`;
  const report = `${account}/aggregate_reports?entity_type=CAMPAIGN&fields=IMPRESSIONS&fields=SPEND`;
  const sandbox = createSpotifyAdsSandbox({ world, accountId, reportRows: 20 });
  return {
    sandbox,
    grant: { grant_type: "refresh_token", refresh_token: "sandbox" },
    async ask(origin) {
      const client = createSpotifyAds({
        baseUrl: `${origin}/ads/v3`,
        tokenUrl: `${origin}/api/token`,
        accountId,
        clientId: "sandbox",
        clientSecret: "sandbox",
        refreshToken: "sandbox",
      });
      await client.campaigns({ limit: 70, offset: 10 });
      await client.campaigns({ limit: 5, offset: 0, statuses: ["ACTIVE", "RESTRICTED", "DRAFT"] });
      const asked = [client.campaignsById(ids), client.ads(ids), client.reports(ids)];
      for (const answers of await Promise.all(asked)) requireAll<unknown>(answers);
      await client.categories();
      await client.setCampaignStatus(campaign, "PAUSED");
      await client.setCampaignStatus(campaign, "ACTIVE");
      const audience = await client.ensureAudience("Conforming listeners", "key");
      await client.ensureAudience("Others", "key").catch(() => {});
      for (const { id } of world.adSets.slice(0, 20)) {
        await client.retargetAdSet(id, { include: [audience], exclude: [world.audiences[0]?.id ?? ""] });
      }
      await client.retargetAdSet(adSet, { include: [campaign], exclude: [] }).catch(() => {});
      await client.close();
    },
    variants: [
      [account, 200],
      ["/ad_categories", 200],
      ["/ad_categories?q=gambling", 200],
      [`${account}/campaigns`, 200],
      [`${account}/campaigns?limit=3&offset=118&sort_field=NAME&sort_direction=ASC`, 200],
      [`${account}/campaigns?name=bank&statuses=ACTIVE&statuses=PAUSED`, 200],
      [`${account}/campaigns/${campaign}`, 200],
      [`${account}/ad_sets?campaign_ids=${campaign}&campaign_ids=${second}`, 200],
      [`${account}/ad_sets?statuses=REJECTED&statuses=COMPLETED&limit=50`, 200],
      [`${account}/ad_sets/${adSet}`, 200],
      [`${account}/ads?ad_set_ids=${adSet}&limit=1`, 200],
      [`${account}/ads?offset=100&sort_field=STATUS`, 200],
      [`${account}/ads/${world.ads[0]?.id}`, 200],
      [`${report}&granularity=LIFETIME&limit=50`, 200],
      [`${report}&entity_ids=${campaign}&entity_ids_type=CAMPAIGN`, 200],
      [`${report}&entity_ids=${campaign}`, 400],
      [`${account}/audiences`, 200],
      [
        `${account}/audiences?q=customers&audience_types=CUSTOM&limit=2&offset=1&sort_field=NAME&sort_direction=ASC`,
        200,
      ],
      [`${account}/audiences/${world.audiences[0]?.id}`, 200],
      [`${account}/audiences?audience_types=OTHER`, 400],
      [`${account}/audiences/${accountId}`, 404],
      [`${account}/campaigns?limit=51`, 400],
      [`${account}/ad_sets?campaign_ids=no-id`, 400],
      [`${account}/aggregate_reports?entity_type=CAMPAIGN`, 400],
      [`${account}/campaigns/${accountId}`, 404],
      [`/ad_accounts/${campaign}/ads`, 403],
    ],
    undocumented: ["/errorCodes"],
  };
}

function spotifyWeb(): Subject {
  const world = whole(createEpisodes({ scale: 1, now: NOW, advertisers: [] }));
  const published = world.episodes.filter((episode) => isPublished(episode, NOW));
  const ids = published.map(({ spotifyId }) => spotifyId);
  const showIds = world.shows.map(({ spotifyId }) => spotifyId);
  const show = world.shows.find(({ markets }) => markets.includes("US"));
  const tracks = ids.slice(0, 120).map((id) => `spotify:track:${id}`);
  const uris = [`spotify:episode:${ids[0]}`, ...tracks];
  const playlist = { name: "Conforming", description: "For the document & the client", uris };
  return {
    sandbox: createSpotifyWebSandbox({ world, mode: "extended", now: () => NOW.getTime() }),
    // A user's token reads the same as a client's token, and also the user's playlists.
    grant: { grant_type: "refresh_token", refresh_token: "sandbox" },
    async ask(origin) {
      for (const mode of ["extended", "development"] as const) {
        const client = createSpotifyWeb({
          baseUrl: `${origin}/v1`,
          tokenUrl: `${origin}/api/token`,
          clientId: "sandbox",
          clientSecret: "sandbox",
          refreshToken: "sandbox",
          mode,
        });
        requireAll(await client.episodes(mode === "extended" ? ids : ids.slice(0, 10)));
        await client.tracks(ids.slice(0, mode === "extended" ? 120 : 10));
        await client.ensurePlaylist({ ...playlist, marker: mode });
        await client.ensurePlaylist({ ...playlist, marker: mode });
        await client.close();
      }
    },
    variants: [
      [`/shows/${show?.spotifyId}?market=US`, 200],
      [`/shows/${show?.spotifyId}/episodes?market=US&limit=5&offset=5`, 200],
      [`/shows/${show?.spotifyId}/episodes?market=US&limit=51`, 400],
      [`/shows?ids=${showIds.join(",")}&market=GB`, 200],
      [`/episodes?ids=${ids.slice(0, 51).join(",")}`, 400],
      [`/episodes/${"0".repeat(22)}?market=US`, 404],
      [`/tracks?ids=${ids.slice(0, 3).join(",")}`, 200],
      [`/tracks/${ids[0]}?market=US`, 200],
      [`/tracks/${"0".repeat(22)}?market=US`, 404],
    ],
    undocumented: [],
  };
}
