/** How does the sandbox replace Spotify Ads? */
import type { SpotifyAdsOptions } from "../../sources/spotify-ads/connection.ts";
import type { SandboxWorld, SandboxedUpstream } from "../sandboxed-upstream.ts";
import { createSpotifyAdsSandbox } from "./server.ts";

export function sandboxedSpotifyAds({ world, now }: SandboxWorld): SandboxedUpstream<SpotifyAdsOptions> {
  return {
    sandbox: createSpotifyAdsSandbox({ world: world.campaigns, now }),
    account: (origin) => ({
      baseUrl: `${origin}/ads/v3`,
      tokenUrl: `${origin}/api/token`,
      accountId: "sandbox",
      clientId: "sandbox",
      clientSecret: "sandbox",
      refreshToken: "sandbox",
    }),
  };
}
