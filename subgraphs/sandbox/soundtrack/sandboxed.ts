/** How does the sandbox replace Soundtrack? */
import type { SoundtrackOptions } from "../../sources/soundtrack/connection.ts";
import type { SandboxWorld, SandboxedUpstream } from "../sandboxed-upstream.ts";
import { createSoundtrackSandbox } from "./server.ts";

export function sandboxedSoundtrack({ world, scale, now }: SandboxWorld): SandboxedUpstream<SoundtrackOptions> {
  return {
    sandbox: createSoundtrackSandbox({
      world: world.locations,
      // The budget grows with the number of locations.
      bucket: { capacity: 3600 * scale, perSecond: 50 * scale },
      now,
    }),
    // The client's budget fills, and its cache expires, by the clock of the rate limit.
    account: (origin) => ({ baseUrl: `${origin}/v2`, token: "sandbox", now }),
  };
}
