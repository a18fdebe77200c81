/** How does the sandbox replace the Spotify Web API? */
import type { SpotifyWebOptions } from "../../sources/spotify-web/client.ts";
import type { SandboxWorld, SandboxedUpstream } from "../sandboxed-upstream.ts";
import { createSpotifyWebSandbox } from "./server.ts";

export function sandboxedSpotifyWeb({ world, changes, now }: SandboxWorld): SandboxedUpstream<SpotifyWebOptions> {
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
