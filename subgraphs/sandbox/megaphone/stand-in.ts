/** How does the sandbox take the place of Megaphone? */
import type { MegaphoneOptions } from "../../sources/megaphone/client.ts";
import type { SandboxWorld, StandIn } from "../stand-in.ts";
import { createMegaphoneSandbox } from "./server.ts";

export function megaphoneStandIn({ world, changes, scale, now }: SandboxWorld): StandIn<MegaphoneOptions> {
  return {
    // A network of ten times the podcasts has a larger account.
    sandbox: createMegaphoneSandbox({ world: world.episodes, changes, requestsPerMinute: 60 * scale, now }),
    account: (origin) => ({ baseUrl: `${origin}/api`, networkId: "sandbox", token: "sandbox" }),
  };
}
