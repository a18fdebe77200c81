/** How does a sandbox take the place of an upstream nobody has credentials for? */
import type { EpisodeChanges } from "./episode-changes.ts";
import type { Sandbox } from "./sandbox.ts";
import type { World } from "./world/world.ts";

/** What all sandboxes of a process share. */
export interface SandboxWorld {
  readonly world: World;
  /** Episodes that Megaphone's sandbox was told to change, for the Web API's to show. */
  readonly changes: EpisodeChanges;
  /** How many times the usual amount of data: limits grow with it. */
  readonly scale: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface StandIn<Account> {
  readonly sandbox: Sandbox;
  /** How to reach the sandbox at its origin, in the place of an account. */
  readonly account: (origin: string) => Account;
}
