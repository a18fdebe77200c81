/**
 * Which upstreams are replaced by sandboxes, and how is each upstream reached?
 *
 * An upstream with credentials is the real one; each of the others is a sandbox over one world, so that
 * Megaphone and the Web API have the same episodes. First-party data belongs to the same world. Sandboxes run in this
 * process, or all of them in another one, at the ports that they have here.
 */
import { readdir } from "node:fs/promises";
import type { OpenTextAccount } from "./pipeline/opentext/account.ts";
import type { CompiledTable } from "./pipeline/table/compile.ts";
import { loadTables } from "./pipeline/table/load.ts";
import type { Clock } from "./platform/clock.ts";
import { portVariable } from "./platform/environment.ts";
import type { Environment } from "./platform/environment.ts";
import { listening } from "./platform/listen.ts";
import { reasonOf } from "./platform/reason.ts";
import type { FirstParty } from "./records/seed.ts";
import { createEpisodeChanges } from "./sandbox/episode-changes.ts";
import { createOpenTextSandbox } from "./sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "./sandbox/opentext/server.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { SandboxWorld, SandboxedUpstream } from "./sandbox/sandboxed-upstream.ts";
import { keyOf } from "./sandbox/world/list.ts";
import { createWorld, firstPartyOf } from "./sandbox/world/world.ts";

/** An upstream, as far as sandboxes need to know it. */
export interface Replaceable {
  readonly settings: { readonly name: string };
  readonly sandbox: (world: SandboxWorld) => SandboxedUpstream<object>;
}

export interface Sandboxes {
  /** Upstream name → how to reach it, real or not. */
  readonly accounts: Readonly<Record<string, object>>;
  /** Undefined if decisions are local and no service is configured. */
  readonly opentextAccount: OpenTextAccount | undefined;
  /** The initial first-party data. Only records about data of sandboxes; empty if there are none. */
  readonly firstParty: FirstParty;
  /** The sandboxes that run in this process. */
  readonly urls: readonly (readonly [name: string, origin: string])[];
  /** The sandbox to deploy tables to; undefined if OpenText has no sandbox. */
  readonly opentext: OpenTextSandbox | undefined;
  /** The id of the first campaign; undefined if Spotify Ads has no sandbox. */
  readonly firstCampaignId: string | undefined;
  close(): Promise<void>;
}

/** Where they run: here, listening there, or in another process. */
export type SandboxesAt = { readonly host: string } | "elsewhere";

const HERE: SandboxesAt = { host: "127.0.0.1" };

/** Stops the sandboxes that have started and rejects if one cannot start. */
export async function startSandboxes(
  environment: Environment,
  upstreams: readonly Replaceable[],
  tables: readonly CompiledTable[],
  { now, elapsed }: Clock,
  at: SandboxesAt = HERE,
): Promise<Sandboxes> {
  const { opentext, sandbox } = environment;
  const { scale } = sandbox;
  const world = createWorld({ scale, now: new Date(now()) });
  const shared: SandboxWorld = { world, changes: createEpisodeChanges(), scale, now, elapsed };
  const running: Sandbox[] = [];
  const urls: (readonly [string, string])[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(running.map((made) => made.close()));
  };

  try {
    // It would evaluate the same tables by the same engine: to compare local decisions with it says nothing.
    const isNeeded = opentext.baseUrl === undefined && environment.decisions === "service";
    const decisions = isNeeded ? await openTextSandbox() : undefined;
    const baseUrl = opentext.baseUrl ?? (decisions && (await start(decisions)));
    const accounts = new Map(Object.entries(environment.accounts).filter(([, account]) => account !== undefined));
    const sandboxed = upstreams.filter(({ settings }) => !accounts.has(settings.name));
    for (const upstream of sandboxed) {
      const replacement = upstream.sandbox(shared);
      accounts.set(upstream.settings.name, replacement.account(await start(replacement.sandbox)));
    }
    const isSandboxed = (name: string): boolean => sandboxed.some(({ settings }) => settings.name === name);
    return {
      accounts: Object.fromEntries(Array.from(accounts, ([name, account]) => [name, account ?? {}])),
      opentextAccount: baseUrl === undefined ? undefined : { ...opentext, baseUrl },
      firstParty: firstPartyOf(world, isSandboxed),
      urls,
      opentext: decisions,
      firstCampaignId: isSandboxed("spotify-ads") ? keyOf(world.campaigns.campaigns, 0, "id") : undefined,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }

  /** Or gives the origin that it has in another process. */
  async function start(made: Sandbox): Promise<string> {
    if (at === "elsewhere") return `http://${sandbox.host}:${sandbox.ports[made.name] ?? 0}`;
    const name = `${made.name} sandbox`;
    const port = sandbox.ports[made.name] ?? 0;
    const origin = await listening(name, port, portVariable(`${made.name}-sandbox`), () => made.listen(port, at.host));
    running.push(made);
    urls.push([name, origin]);
    return origin;
  }

  async function openTextSandbox(): Promise<OpenTextSandbox> {
    const extra = sandbox.tables === undefined ? [] : await tablesIn(sandbox.tables);
    const { tenantId, clientId, clientSecret, batchPath } = opentext;
    return createOpenTextSandbox({ tenantId, clientId, clientSecret, batchPath, tables: [...tables, ...extra], now });
  }
}

async function tablesIn(folder: string): Promise<readonly CompiledTable[]> {
  await readdir(folder).catch((error: unknown) => {
    throw new Error(`Cannot read the tables in ${folder} (SANDBOX_TABLES): ${reasonOf(error)}`, { cause: error });
  });
  return loadTables(folder);
}
