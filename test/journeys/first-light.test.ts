/** The first job: campaigns and episodes with their decisions, in one query. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstQuery } from "../../gateway/http/graphiql.ts";
import { campaignId } from "../../schema/id.ts";
import type { Facts } from "../../subgraphs/pipeline/table/table.ts";
import { expectFew } from "../support/asks.ts";
import { FACTS_KEPT, NOW } from "../support/decibel.ts";
import { QUERIES_FOR_ALL, startDeployment } from "../support/start-deployment.ts";
import type { Answer } from "../support/decibel.ts";
import type { Deployment } from "../support/deployment.ts";
import { readWorldFacts } from "../support/world-facts.ts";

interface Decision {
  readonly verdict: "ALLOW" | "REVIEW" | "DENY";
  readonly eligible?: boolean;
  readonly origin: "SERVICE" | "CACHE" | "EQUIVALENT";
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
}
interface Board {
  readonly campaigns: {
    readonly totalCount: number;
    readonly nodes: readonly { readonly id: string; readonly targeting: Decision | null }[];
  };
  readonly episodes: {
    readonly nodes: readonly {
      readonly title: string;
      readonly publishing: Decision | null;
      readonly placement: Decision | null;
    }[];
  };
}

let graph: Deployment;
let query: string;
let adsId: string;
beforeAll(async () => {
  graph = await startDeployment();
  const first = await graph.query<Board>("{ campaigns(first: 1) { nodes { id } } }");
  const id = first.data.campaigns.nodes[0]?.id ?? "";
  [adsId] = campaignId.decode(id);
  query = firstQuery(id);
});
afterAll(() => graph.stop());

const decisionsOf = ({ data }: Answer<Board>): (Decision | null)[] => [
  ...data.campaigns.nodes.map(({ targeting }) => targeting),
  ...data.episodes.nodes.flatMap(({ publishing, placement }) => [publishing, placement]),
];
const decided = (answer: Answer<Board>): Decision[] => decisionsOf(answer).filter((decision) => decision !== null);

/** The number of distinct questions, computed from the local tables. */
async function distinctIdentities(): Promise<number> {
  const { sandboxes, pipeline } = graph.decibel;
  const { targeting, publishing, placement } = await readWorldFacts(sandboxes, () => NOW);
  const classes = (key: string, facts: readonly Facts[]): number =>
    new Set(facts.map((one) => pipeline.models.get(key)?.compiled.identity(one))).size;
  return (
    classes("campaign_targeting", targeting.slice(0, 20)) +
    classes("episode_publishing", publishing.slice(0, 100)) +
    classes("placement_review", (placement.get(adsId) ?? []).slice(0, 100))
  );
}

describe("20 campaigns with targeting and 100 episodes with publishing and placement", () => {
  it("are all decided by few executes for each distinct question, and by none the second time", async () => {
    const distinct = await distinctIdentities();
    const opentext = graph.sandbox("opentext");
    await opentext.forget();

    const answer = await graph.query<Board>(query);
    expect(answer.errors).toEqual([]);
    expect([
      answer.data.campaigns.nodes.length,
      answer.data.campaigns.totalCount,
      answer.data.episodes.nodes.length,
    ]).toEqual([20, 60, 100]);
    expect(decided(answer)).toHaveLength(220);
    for (const { verdict, reasons, eligible } of decided(answer)) {
      expect(reasons.length).toBeGreaterThan(0);
      expect(eligible ?? verdict === "ALLOW").toBe(verdict === "ALLOW");
    }
    const { executes } = await opentext.calls();
    // oxlint-disable-next-line no-console -- a figure people ask for
    console.log(`220 decisions, ${distinct} distinct questions, ${executes} executes`);
    expectFew(executes, distinct);

    for (let asked = 1; asked < QUERIES_FOR_ALL; asked += 1) await graph.query<Board>(query);
    await opentext.forget();
    const again = await graph.query<Board>(query);
    expect((await opentext.calls()).executes).toBe(0);
    expect(new Set(decided(again).map(({ origin }) => origin))).toEqual(new Set(["CACHE", "EQUIVALENT"]));
    expect(decided(again).map(({ verdict, reasons }) => ({ verdict, reasons }))).toEqual(
      decided(answer).map(({ verdict, reasons }) => ({ verdict, reasons })),
    );
  });

  it("cost each upstream one request per page, not one per node", async () => {
    const fresh = await startDeployment({ variables: FACTS_KEPT });
    try {
      await fresh.query<Board>(query);
      const counts = await Promise.all(
        ["spotify-ads", "spotify-web", "megaphone"].map((name) => fresh.sandbox(name).calls()),
      );
      const paths = counts.flatMap(({ recent }) =>
        recent.map(({ path }) =>
          String(path)
            .replace(/\?.*$/, "")
            .replaceAll(/[0-9a-f-]{36}/g, ":id"),
        ),
      );
      const requests = Object.fromEntries(
        [...Map.groupBy(paths, (path) => path)].map(([path, all]) => [path, all.length]),
      );
      expect(requests).toEqual({
        "/api/token": 2,
        "/ads/v3/ad_accounts/sandbox/campaigns": 1,
        // The ad sets of 20 campaigns fill two pages.
        "/ads/v3/ad_accounts/sandbox/ad_sets": 2,
        "/ads/v3/ad_categories": 1,
        "/v1/episodes": 2,
        "/api/networks/sandbox/podcasts": 1,
        "/api/networks/sandbox/podcasts/:id/episodes": 3,
      });
    } finally {
      await fresh.stop();
    }
  });

  it("have origin EQUIVALENT under whatever number the service runs the local table", async () => {
    const fresh = await startDeployment();
    try {
      const opentext = fresh.sandbox("opentext");
      const before = await fresh.query<Board>(query);
      const equivalent = decided(before).filter(({ origin }) => origin === "EQUIVALENT").length;
      expect(equivalent).toBeGreaterThan(0);

      for (const key of ["placement_review", "campaign_targeting", "episode_publishing"]) {
        await fetch(`${opentext.origin}/sandbox/tables/${key}/version`, {
          method: "PUT",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ version: 99 }),
        });
      }
      await fresh.decibel.pipeline.versions.refresh();
      await opentext.forget();
      const renumbered = await fresh.query<Board>(query);
      expect(decided(renumbered).filter(({ origin }) => origin === "EQUIVALENT").length).toBe(equivalent);
      expect((await opentext.calls()).executes).toBeLessThanOrEqual(220 - equivalent);
      expect(decided(renumbered).map(({ verdict }) => verdict)).toEqual(decided(before).map(({ verdict }) => verdict));
    } finally {
      await fresh.stop();
    }
  });
});

describe("while OpenText fails", () => {
  it.each([
    ["answers 500", { status: 500 }, "5000", ["DECISION_UNAVAILABLE true"]],
    ["answers no rows", { rows: "empty" }, "5000", ["DECISION_UNDETERMINED false"]],
    // After a few timeouts its circuit is open.
    ["does not answer", { latencyMs: 60_000 }, "300", ["DECISION_TIMEOUT true", "DECISION_UNAVAILABLE true"]],
  ] as const)(
    "because it %s: entities come back, each decision is null with its own error, nothing is eligible",
    async (_title, faults, timeoutMs, codes) => {
      const fresh = await startDeployment({
        variables: { OPENTEXT_TIMEOUT_MS: timeoutMs, OPENTEXT_RECOVERY_MS: "50" },
      });
      try {
        await fresh.sandbox("opentext").misbehave(faults);
        const { data, errors } = await fresh.query<Board>(query);
        expect(data.episodes.nodes.filter(({ title }) => title !== "")).toHaveLength(100);
        expect(decisionsOf({ data, errors })).toEqual(Array.from({ length: 220 }, () => null));
        expect(errors).toHaveLength(220);
        const codesOfErrors = errors.map(
          ({ extensions }) => `${String(extensions["code"])} ${String(extensions["retryable"])}`,
        );
        expect(new Set(codesOfErrors)).toEqual(new Set(codes));
        expect(new Set(errors.map(({ path }) => path?.join("."))).size).toBe(220);

        await fresh.sandbox("opentext").behave();
        // After a moment the open circuit lets a call probe the service.
        const healed = () => fresh.query<Board>(query).then((answer) => [answer.errors, decided(answer).length]);
        await expect.poll(healed, { interval: 60, timeout: 30_000 }).toEqual([[], 220]);
      } finally {
        await fresh.stop();
      }
    },
  );
});
