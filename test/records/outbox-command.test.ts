/** `npm run outbox`: listing, retrying and dropping failed effects. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { effectId } from "../../schema/id.ts";
import { effectRecords } from "../../subgraphs/records/outbox/effect-records.ts";
import { outboxCommand } from "../../subgraphs/records/outbox/command.ts";
import { FAST_RETRIES, mutate, eventually } from "../support/mutations.ts";
import { nodes } from "../support/contracts.ts";
import { DATABASES } from "../support/database.ts";
import { setOutboxAhead } from "../support/outbox-clock.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";

const UPSTREAMS = ["spotify-ads", "soundtrack", "crm", "opentext"];
const CAMPAIGN = "campaign_45b09d9d-5b33-41bc-91a8-75ecdb4f050e";

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FAST_RETRIES });
});
afterAll(() => graph.stop());

const command = (...args: readonly string[]): Promise<string> => outboxCommand(graph.decibel.database, args, UPSTREAMS);
interface Effect {
  readonly id: string;
  readonly error: string | null;
  readonly attempts: number;
}
const failed = () => nodes<Effect>(graph, "effects(status: FAILED)", "id kind subject status attempts error nextAt");

/** An effect that Spotify refuses, which is permanent. */
async function failOnce(): Promise<Effect> {
  await graph.sandbox("spotify-ads").misbehave({ status: 400, only: "write" });
  const { errors } = await mutate(graph, "activateCampaign", { campaignId: CAMPAIGN }, "{ campaign { id } }");
  expect(errors).toEqual([]);
  await eventually(failed).toHaveLength(1);
  await graph.sandbox("spotify-ads").behave();
  const [effect] = await failed();
  return effect ?? expect.fail("it did not fail");
}

describe("npm run outbox", () => {
  it("lists no effects if none has failed", async () => {
    expect(await command("list")).toBe("0 FAILED");
  });

  it("lists a failed effect as the graph does, and retries it", async () => {
    const effect = await failOnce();
    expect(effect).toEqual({
      id: expect.stringMatching(/^effect_/),
      kind: "campaigns.status",
      subject: CAMPAIGN,
      status: "FAILED",
      attempts: 1,
      error: expect.stringMatching(/^Cannot ask spotify-ads: it answered 400/),
      nextAt: null,
    });
    expect(await command("list")).toMatch(
      new RegExp(
        `^1 FAILED\\n${effect.id}  2026-\\S+Z?  campaigns\\.status  ${CAMPAIGN}  1 attempt  Cannot ask spotify-ads`,
      ),
    );
    expect(await command("retry", effect.id)).toBe(`${effect.id} will be retried`);
    await eventually(failed).toEqual([]);
    await eventually(() => nodes(graph, "effects(first: 1)", "id status error")).toEqual([
      { id: effect.id, status: "DONE", error: null },
    ]);
    await expect(command("retry", effect.id)).rejects.toThrow(`Cannot retry ${effect.id}: it is DONE`);
  });

  it("retries the failed effects of an upstream, or all", async () => {
    await mutate(graph, "pauseCampaign", { campaignId: CAMPAIGN }, "{ campaign { id } }");
    await eventually(() => graph.decibel.outbox.isIdle()).toBe(true);
    await failOnce();
    expect(await command("retry", "--upstream", "soundtrack")).toBe("0 effects will be retried");
    expect(await failed()).toHaveLength(1);
    expect(await command("retry", "--upstream", "spotify-ads")).toBe("1 effect will be retried");
    await eventually(failed).toEqual([]);
    await eventually(() => graph.decibel.outbox.isIdle()).toBe(true);
    await mutate(graph, "pauseCampaign", { campaignId: CAMPAIGN }, "{ campaign { id } }");
    await eventually(() => graph.decibel.outbox.isIdle()).toBe(true);
    await failOnce();
    expect(await command("retry", "--all")).toBe("1 effect will be retried");
    await eventually(failed).toEqual([]);
    await eventually(() => graph.decibel.outbox.isIdle()).toBe(true);
  }, 60_000);

  it("finds what a part of an upstream failed, and what failed before that was recorded", async () => {
    const { database } = graph.decibel;
    const outputs = [
      { message: "Cannot ask spotify-ads-accounts: timeout", upstream: "spotify-ads-accounts" },
      { message: "Cannot ask spotify-ads: it answered 400" },
      { message: "Cannot decide case_routing: its circuit is open", upstream: "opentext-token" },
      { message: "Cannot ask spotify-adsense: it answered 400", upstream: "spotify-adsense" },
      { message: "a bug" },
    ];
    const ids = outputs.map(() => randomUUID());
    for (const [index, output] of outputs.entries()) {
      await database.db.execute(sql`insert into outbox.job (id, name, singleton_key, data, policy, state, output)
        values (${ids[index]}, 'campaigns', ${randomUUID()}, '{"kind": "campaigns.unknown", "data": {}}', 'key_strict_fifo', 'failed',
          ${JSON.stringify(output)}::jsonb)`);
    }
    const found = async (upstream: string) => (await effectRecords(database).failed(upstream)).map(({ id }) => id);
    expect(new Set(await found("spotify-ads"))).toEqual(new Set(ids.slice(0, 2)));
    expect(await found("opentext")).toEqual([ids[2]]);
    expect(await found("crm")).toEqual([]);
    await database.db.execute(sql`delete from outbox.job where data->>'kind' = 'campaigns.unknown'`);
  });

  it("lists an effect that waits, with why, what to do, and until when", async () => {
    await mutate(graph, "pauseCampaign", { campaignId: CAMPAIGN }, "{ campaign { id } }");
    await eventually(() => graph.decibel.outbox.isIdle()).toBe(true);
    await graph.sandbox("spotify-ads").misbehave({ account: "invalid_grant", only: "write" });
    await mutate(graph, "activateCampaign", { campaignId: CAMPAIGN }, "{ campaign { id } }");
    await eventually(() => command("list", "--status", "RETRYING")).toMatch(
      /^1 RETRYING\neffect_\S+ .* campaigns\.status .* Cannot ask spotify-\w+: .*renew SPOTIFY_ADS_REFRESH_TOKEN  next \S+Z$/,
    );
    const waiting = await nodes(graph, "effects(status: RETRYING)", "error nextAt");
    expect(waiting).toEqual([
      { error: expect.stringMatching(/^Cannot ask spotify-/), nextAt: expect.stringMatching(/Z$/) },
    ]);
    await graph.sandbox("spotify-ads").behave();
    await setOutboxAhead(graph.decibel.database, 61_000);
    await eventually(() => command("list", "--status", "RETRYING")).toBe("0 RETRYING");
    await eventually(() => graph.decibel.outbox.isIdle()).toBe(true);
    await setOutboxAhead(graph.decibel.database, 0);
  }, 60_000);

  it("drops a failed effect", async () => {
    await mutate(graph, "pauseCampaign", { campaignId: CAMPAIGN }, "{ campaign { id } }");
    await eventually(() => graph.decibel.outbox.isIdle()).toBe(true);
    const { id } = await failOnce();
    expect(await command("drop", id)).toBe(`${id} is dropped`);
    expect(await failed()).toEqual([]);
    await expect(command("drop", id)).rejects.toThrow(`Cannot drop ${id}: it does not exist`);
  });

  it.each(DATABASES)("says that Decibel has not started on a new database (%s)", async (_kind, open) => {
    const opened = await open();
    const message = "Cannot read the outbox: Decibel has not started on this database yet";
    try {
      await expect(outboxCommand(opened.database, ["list"], UPSTREAMS)).rejects.toThrow(new Error(message));
      await expect(outboxCommand(opened.database, ["retry", effectId.encode(randomUUID())], UPSTREAMS)).rejects.toThrow(
        message,
      );
    } finally {
      await opened.close();
    }
  });

  it.each([
    [
      ["list", "--status", "LOST"],
      "--status is one of WAITING, RETRYING, RUNNING, DONE, FAILED, CANCELLED, but got LOST",
    ],
    [
      ["retry", "--upstream", "spotify"],
      "--upstream is one of spotify-ads, soundtrack, crm, opentext, but got spotify",
    ],
    [["retry", "--all", "--upstream", "crm"], "Usage: npm run outbox -- list"],
    [["drop", "--all"], "Usage: npm run outbox -- list"],
    [["retry", "effect_1", "--all"], "Usage: npm run outbox -- list"],
    [["retry"], "Usage: npm run outbox -- list"],
    [["mend", "effect_1"], "Usage: npm run outbox -- list"],
    [[], "Usage: npm run outbox -- list"],
    [["retry", "campaign_1"], 'Cannot read id: "campaign_1" is no effect id'],
  ])("refuses %j", async (args, message) => {
    await expect(command(...args)).rejects.toThrow(message);
  });
});
