/** How does the sandbox replace Megaphone? */
import type { MegaphoneOptions } from "../../sources/megaphone/client.ts";
import type { SandboxWorld, SandboxedUpstream } from "../sandboxed-upstream.ts";
import { createMegaphoneSandbox } from "./server.ts";

export function sandboxedMegaphone({
  world,
  changes,
  scale,
  now,
  elapsed,
}: SandboxWorld): SandboxedUpstream<MegaphoneOptions> {
  return {
    // The limit grows with the number of podcasts.
    sandbox: createMegaphoneSandbox({ world: world.episodes, changes, requestsPerMinute: 60 * scale, now }),
    // The client's cache expires by the clock of the rate limit.
    account: (origin) => ({ baseUrl: `${origin}/api`, networkId: "sandbox", token: "sandbox", now: elapsed }),
  };
}
