/** How does the sandbox replace the Spotify Web API? */
import type { SpotifyWebOptions } from "../../sources/spotify-web/client.ts";
import type { SandboxWorld, StandIn } from "../stand-in.ts";
import { createSpotifyWebSandbox } from "./server.ts";

export function spotifyWebStandIn({ world, changes, now }: SandboxWorld): StandIn<SpotifyWebOptions> {
  return {
    sandbox: createSpotifyWebSandbox({ world: world.episodes, changes, mode: "extended", now }),
    account: (origin) => ({
      baseUrl: `${origin}/v1`,
      tokenUrl: `${origin}/api/token`,
      clientId: "sandbox",
      clientSecret: "sandbox",
      refreshToken: "sandbox",
    }),
  };
}
