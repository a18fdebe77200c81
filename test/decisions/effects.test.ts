/** Effects that failed: retried or dropped by operators, and once, however often they ask. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Caller } from "../../subgraphs/platform/caller.ts";
import { asCallers, callerOf } from "../support/as-caller.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { nodes } from "../support/contracts.ts";
import { eventually, mutate } from "../support/mutations.ts";

interface Effect {
  readonly id: string;
  readonly subject: string;
  readonly status: string;
}

let graph: TestDecibel;
let campaigns: readonly { readonly id: string }[];
beforeAll(async () => {
  graph = await startTestDecibel();
  campaigns = await nodes(graph, "campaigns(first: 20, status: ACTIVE)", "id");
});
afterAll(() => graph.stop());

let campaignId: string;
let failed: Effect;
beforeEach(async () => {
  campaignId = campaigns[0]?.id ?? expect.fail("there is no campaign");
  campaigns = campaigns.slice(1);
  await graph.sandbox("spotify-ads").misbehave({ status: 400, only: "write" });
  await target();
  await eventually(statuses).toEqual(["FAILED"]);
  await graph.sandbox("spotify-ads").behave();
  failed = (await effects())[0] ?? expect.fail("no effect failed");
});

async function target(): Promise<void> {
  const input = { campaignId, include: [randomUUID()] };
  expect((await mutate(graph, "applyTargeting", input, "{ campaign { id } }")).errors).toEqual([]);
}

async function effects(): Promise<readonly Effect[]> {
  const all = await nodes<Effect>(graph, "effects(first: 200)", "id subject status");
  return all.filter(({ subject }) => campaignId.endsWith(subject) || subject === campaignId);
}

async function statuses(): Promise<readonly string[]> {
  return (await effects()).map(({ status }) => status);
}

const retry = (input: object) => mutate(graph, "retryEffect", input, "{ effect { id status } }");
const drop = (input: object) => mutate(graph, "dropEffect", input, "{ effectId }");

describe("an effect that failed", () => {
  it("is carried out once it is retried", async () => {
    const { data, errors } = await retry({ effectId: failed.id });
    expect({ data, errors }).toEqual({ data: { effect: { id: failed.id, status: "RETRYING" } }, errors: [] });
    await eventually(statuses).toEqual(["DONE"]);
    expect((await retry({ effectId: failed.id })).errors).toMatchObject([
      { message: `Cannot retryEffect: ${failed.id} is DONE`, extensions: { code: "CONFLICT" } },
    ]);
    expect((await drop({ effectId: failed.id })).errors).toMatchObject([{ extensions: { code: "CONFLICT" } }]);
  });

  it("is gone once it is dropped", async () => {
    const input = { effectId: failed.id, idempotencyKey: randomUUID() };
    const answers = await Promise.all([drop(input), drop(input), drop(input)]);
    const dropped = { data: { effectId: failed.id }, errors: [] };
    expect([...answers, await drop(input)]).toEqual([dropped, dropped, dropped, dropped]);
    expect(await statuses()).toEqual([]);
    expect((await drop({ effectId: failed.id })).errors).toMatchObject([
      { message: `Cannot dropEffect: there is no effect ${failed.id}`, extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  it("is not shown to who retries it again once it is not theirs any more", async () => {
    const as = await asCallers(graph);
    const retryAs = (caller: Caller, key: string) =>
      as.ask(caller, "mutation ($input: RetryEffectInput!) { retryEffect(input: $input) { effect { kind } } }", {
        input: { effectId: failed.id, idempotencyKey: key },
      });
    const key = randomUUID();
    expect(await retryAs(callerOf("operator"), key)).toContain('"kind":"campaigns.targeting"');
    const again = await retryAs(callerOf("operator", ["advertiser_other"]), key);
    expect(again).toContain('"code":"NOT_FOUND"');
    expect(again).not.toContain("kind");
    await eventually(statuses).toEqual(["DONE"]);
  });

  it("is retried once, by however many", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => retry({ effectId: failed.id })));
    const codes = answers.map(({ errors }) => errors[0]?.extensions?.["code"] ?? "retried").map(String);
    expect(codes.toSorted()).toEqual(["CONFLICT", "CONFLICT", "CONFLICT", "CONFLICT", "retried"]);
    await eventually(statuses).toEqual(["DONE"]);
  });

  it.each(["", "effect_", "campaign_1", `effect_${"0".repeat(5000)}`])("has another id than %j", async (id) => {
    const { errors } = await retry({ effectId: id });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  });
});
