/** A client that goes away, or waits no longer: nothing is begun for it any more, and what it has asked to change is done. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ask } from "../support/decibel.ts";
import { TRANSPORTS, inOneProcess, startDeployment } from "../support/start-deployment.ts";
import type { Deployment } from "../support/deployment.ts";
import { DEADLINE } from "../../subgraphs/platform/deadline.ts";
import { FAST_RETRIES, adsWrites, outboxIsIdle } from "../support/mutations.ts";

const BOARD = "{ episodes(first: 40) { nodes { id publishing { verdict } } } }";

describe.each(TRANSPORTS)("with subgraphs over %s, a client", (transport) => {
  let graph: Deployment;
  beforeAll(async () => {
    // One evaluation after the other: most are left when the client has gone.
    const variables = { ...FAST_RETRIES, SUBGRAPH_TRANSPORT: transport, OPENTEXT_CONCURRENCY: "1" };
    graph = await startDeployment({ variables });
  });
  afterAll(() => graph.stop());
  beforeEach(() => graph.sandbox("opentext").behave());

  const evaluations = async (): Promise<number> => (await graph.sandbox("opentext").calls()).executes;
  const waiting = (): number => graph.decibel.pipeline.scheduler.waiting;
  const working = (): number => graph.decibel.pipeline.scheduler.working;

  it("that goes away leaves the decision service alone with what is on its way", async () => {
    await graph.sandbox("opentext").misbehave({ latencyMs: 100 });
    const leave = send(BOARD);
    await expect.poll(waiting).toBeGreaterThan(2);
    const before = await evaluations();
    await leave();
    await expect.poll(() => [waiting(), working()]).toEqual([0, 0]);
    // Until the gateway and the subgraph hear of it, some go on.
    expect(await evaluations()).toBeLessThanOrEqual(before + 3);
    await graph.sandbox("opentext").behave();
    const { data, errors } = await graph.query<{ episodes: { nodes: { publishing: unknown }[] } }>(BOARD);
    expect([errors, data.episodes.nodes.every(({ publishing }) => publishing !== null)]).toEqual([[], true]);
  });

  it("that goes away has its mutation done, effects included", async () => {
    await graph.sandbox("opentext").misbehave({ latencyMs: 100 });
    await graph.sandbox("spotify-ads").forget();
    const leave = send(await targeting(graph));
    await expect.poll(working).toBe(1);
    await leave();
    await expect.poll(() => adsWrites(graph).then(({ length }) => length)).toBeGreaterThan(0);
    await outboxIsIdle(graph);
  });

  /** Gives what ends the request. */
  function send(query: string): () => Promise<void> {
    const client = new AbortController();
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) };
    const sent = fetch(graph.decibel.url, { ...init, signal: client.signal }).catch(() => {});
    return async () => {
      client.abort();
      await sent;
    };
  }
});

// Unsigned, as one of the same process.
describe.runIf(inOneProcess)("a subgraph that is asked with no time left", () => {
  let graph: Deployment;
  beforeAll(async () => {
    graph = await startDeployment();
  });
  afterAll(() => graph.stop());
  const NONE_LEFT = { [DEADLINE]: "0" };

  it("asks no upstream and decides nothing", async () => {
    const { url } = graph.part("episodes");
    const sandboxes = ["megaphone", "spotify-web", "opentext"].map((name) => graph.sandbox(name));
    await Promise.all(sandboxes.map((one) => one.forget()));
    const { errors } = await ask(url, BOARD, {}, NONE_LEFT);
    expect(errors[0]).toMatchObject({
      message: "Cannot ask megaphone: the caller gave up",
      extensions: { code: "UPSTREAM_UNAVAILABLE" },
    });
    const calls = await Promise.all(sandboxes.map((one) => one.calls()));
    expect(calls.map(({ requests, executes }) => requests + executes)).toEqual([0, 0, 0]);
  });

  it("does what it is asked to change", async () => {
    const { data, errors } = await ask(graph.part("campaigns").url, await targeting(graph), {}, NONE_LEFT);
    expect([data, errors]).toEqual([{ applyTargeting: { decision: { verdict: expect.any(String) } } }, []]);
  });
});

/** A mutation of a campaign whose rules allow it. */
async function targeting(graph: Deployment): Promise<string> {
  const { data } = await graph.query<{ campaigns: { nodes: { id: string; targeting: { verdict: string } }[] } }>(
    "{ campaigns(first: 20) { nodes { id targeting { verdict } } } }",
  );
  const allowed = data.campaigns.nodes.find((node) => node.targeting.verdict === "ALLOW");
  return `mutation { applyTargeting(input: { campaignId: "${allowed?.id}" }) { decision { verdict } } }`;
}
