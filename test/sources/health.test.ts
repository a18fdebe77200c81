/** Every client tells how its calls ended, and what is left of its upstream's limits. */
import { afterEach, expect, it } from "vitest";
import { createLimits } from "../../subgraphs/platform/budget/limits.ts";
import { memoryCounter } from "../../subgraphs/platform/budget/counter.ts";
import { createHealth } from "../../subgraphs/platform/health/health.ts";
import { upstreams } from "../../subgraphs/registry.ts";
import type { Clients } from "../../subgraphs/registry.ts";
import { createEpisodeChanges } from "../../subgraphs/sandbox/episode-changes.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import { unkeptFacts } from "../support/facts.ts";
import { NOW } from "../support/now.ts";
import { behave, misbehave } from "../support/sandbox-control.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

const now = (): number => NOW;
const shared = { world: createWorld({ scale: 1, now: new Date(NOW) }), changes: createEpisodeChanges(), scale: 1 };
const event = { id: "1", type: "t", data: {}, at: new Date(NOW) };

/** A call of each, and the limits that are known once it was answered. */
const CALLS: {
  readonly [Name in keyof Clients]: readonly [call: (client: Clients[Name]) => Promise<unknown>, limits: string[]];
} = {
  ads: [(ads) => ads.setCampaignStatus("c", "PAUSED"), ["requests", "reports"]],
  web: [(web) => web.playlistsOf("marker"), []],
  megaphone: [(megaphone) => megaphone.publishEpisode({ podcastId: "p", episodeId: "e" }, new Date(NOW)), ["requests"]],
  soundtrack: [(soundtrack) => soundtrack.nowPlaying(["zone"]), ["tokens"]],
  crm: [(crm) => crm.send(event), []],
};

it.each(Object.keys(CALLS) as (keyof Clients)[])("the client of %s does", async (name) => {
  const { settings, sandbox: make, connect } = upstreams[name];
  const { sandbox, account } = make({ ...shared, now, elapsed: now });
  open.push(sandbox);
  const health = createHealth({ now });
  const limits = createLimits({ counter: memoryCounter(), now });
  const client = connect(account(await sandbox.listen()), { facts: unkeptFacts(), limits, health });
  open.push(client);
  const [call, expected] = CALLS[name] as (typeof CALLS)["crm"];
  // Some are about what does not exist: that is an answer too.
  await call(client as Clients["crm"]).catch(() => {});
  const answered = health.minutes().get(NOW)?.get(settings.name);
  expect(answered).toMatchObject({ failures: 0, answeredAt: NOW, lastFailure: null });
  expect(
    health
      .budgets()
      .get(settings.name)
      ?.map((limit) => limit.name),
  ).toEqual(expected);
  await misbehave(sandbox, { status: 500 });
  await call(client as Clients["crm"]).catch(() => {});
  await behave(sandbox);
  const failed = health.minutes().get(NOW)?.get(settings.name);
  const lastFailure = { code: "UPSTREAM_UNAVAILABLE", status: 500, at: NOW, againAt: null };
  expect(failed).toMatchObject({ lastFailure });
  expect(failed?.failures).toBe((failed?.calls ?? 0) - (answered?.calls ?? 0));
});
