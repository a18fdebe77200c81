/** How does a sandbox replace an upstream without credentials? */
import type { Clock } from "../platform/clock.ts";
import type { EpisodeChanges } from "./episode-changes.ts";
import type { Sandbox } from "./sandbox.ts";
import type { World } from "./world/world.ts";

/** What all sandboxes of a process share. */
export interface SandboxWorld extends Clock {
  readonly world: World;
  /** Episodes that were changed in the Megaphone sandbox, for the Web API's. */
  readonly changes: EpisodeChanges;
  /** A factor for the amount of data; rate limits grow with it. */
  readonly scale: number;
}

export interface SandboxedUpstream<Account> {
  readonly sandbox: Sandbox;
  /** The account for the sandbox at this origin. */
  readonly account: (origin: string) => Account;
}
