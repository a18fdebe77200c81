/** However OpenText answers, where nobody knows how it does: every decision about the world is what the tables say. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Behaviour } from "../../subgraphs/sandbox/opentext/behaviour.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import { STARTING, startDeployment } from "../support/start-deployment.ts";
import type { Deployment } from "../support/deployment.ts";
import { everyDecision } from "../support/every-decision.ts";
import type { EveryDecision } from "../support/every-decision.ts";
import { MINUTE_MS } from "../support/times.ts";

/** `WORLD=all`: every behaviour, and all of every list. */
const isWhole = process.env["WORLD"] === "all";
/** Of each list, but all of it for the first and the last behaviour. */
const FIRST = isWhole ? Infinity : 150;

/** Two ways for each of four things that are not known; or half of them, in which any three meet in every way. */
const behaviours: readonly Partial<Behaviour>[] = (["hash", "reversed"] as const)
  .flatMap((order, a) =>
    (["text", "left out"] as const).flatMap((emptyTexts, b) =>
      (["hal", "content"] as const).flatMap((list, c) =>
        (["name", "id"] as const).map((namespaces, d) => ({
          isIn: isWhole || (a + b + c + d) % 2 === 0,
          behaviour: { order, emptyTexts, list, namespaces },
        })),
      ),
    ),
  )
  .flatMap(({ isIn, behaviour }) => (isIn ? [behaviour] : []));

let graph: Deployment;
let expected: EveryDecision;
let clock = NOW;
let version = 1;
const beforePage = (): void => void (clock += MINUTE_MS);

beforeAll(async () => {
  const local = await startTestDecibel({ variables: { DECISIONS: "local" }, now: () => clock });
  expected = await everyDecision(local, { beforePage });
  await local.stop();
  // By the clock that jumps: a version is believed for some intervals.
  graph = await startDeployment({ now: () => clock, variables: { OPENTEXT_VERSION_INTERVAL_MS: "3600000" } });
}, 2 * STARTING.timeout);
afterAll(() => graph.stop());

describe("the world is decided as by the tables here", () => {
  it("with all nine decisions", () => {
    expect(expected.errors).toEqual([]);
    expect(expected.decisions.size).toBeGreaterThan(20_000);
  });

  it.each(behaviours)("where OpenText behaves as %j", { timeout: 60_000 }, async (behaviour) => {
    const first = behaviour === behaviours.at(0) || behaviour === behaviours.at(-1) ? Infinity : FIRST;
    const opentext = graph.sandbox("opentext");
    await put(`${opentext.origin}/sandbox/behaviour`, behaviour);
    // A deployment: nothing that was answered before counts.
    version += 1;
    for (const key of graph.decibel.pipeline.models.keys())
      await put(`${opentext.origin}/sandbox/tables/${key}/version`, { version });
    // The same moments as those of the local graph.
    clock = NOW;
    await graph.decibel.pipeline.versions.refresh();
    await opentext.forget();

    const { decisions, errors } = await everyDecision(graph, { beforePage, first });
    expect(errors).toEqual([]);
    expect(decisions.size).toBeGreaterThan(first === Infinity ? 20_000 : 1500);
    expect(decisions).toEqual(new Map(Array.from(decisions.keys(), (path) => [path, expected.decisions.get(path)])));
    const { executes } = await opentext.calls();
    expect(executes).toBeGreaterThan(0);
    expect(executes).toBeLessThan(decisions.size / 2);
  });
});

async function put(url: string, body: object): Promise<void> {
  const { ok, status } = await fetch(url, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!ok) throw new Error(`expected ${url} to be set but got ${status}`);
}
