/** What decisions of the graph say of themselves: what would have to change, why exactly, and what is wrong with their tables. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Constraint, Given } from "../../subgraphs/pipeline/table/diagram/constraint.ts";
import type { Fact, Facts } from "../../subgraphs/pipeline/table/table.ts";
import { evaluations } from "../../subgraphs/records/decisions/tables.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { everyDecision } from "../support/every-decision.ts";
import { eventually } from "../support/mutations.ts";
import { withRules } from "../support/rules.ts";

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel();
});
afterAll(() => graph.stop());

interface Explained {
  readonly verdict: string;
  readonly id: string;
  readonly origin: string;
  readonly wouldAllow: {
    readonly possible: boolean;
    readonly changes: readonly { readonly input: string; readonly from: Fact; readonly to: Fact }[];
  } | null;
  readonly sufficient: readonly { readonly input: string; readonly value: Fact }[] | null;
}

const EXPLAINED = "id origin verdict wouldAllow { possible changes { input from to } } sufficient { input value }";

async function publishing(): Promise<readonly Explained[]> {
  const { data, errors } = await graph.query<{ episodes: { nodes: readonly { publishing: Explained }[] } }>(
    `{ episodes(first: 60) { nodes { publishing { ${EXPLAINED} } } } }`,
  );
  expect(errors).toEqual([]);
  return data.episodes.nodes.map((episode) => episode.publishing);
}

const CHANGEABLE = new Set(["submitted", "disclaimers", "approvals", "transcript", "markets", "audio"]);

/** The ledger is written a moment after a decision is answered. */
async function factsOf(ids: readonly string[]): Promise<ReadonlyMap<string, Facts>> {
  const recorded = async () => {
    const rows = await graph.decibel.database.db.select().from(evaluations);
    return new Map(rows.map(({ id, facts }) => [id, facts]));
  };
  await eventually(async () => {
    const facts = await recorded();
    return ids.filter((id) => !facts.has(id));
  }).toEqual([]);
  return recorded();
}

function verdictOf(key: string, facts: Facts): string | undefined {
  const evaluated = graph.decibel.pipeline.models.get(key)?.compiled.evaluate(facts);
  const rows = evaluated && "rows" in evaluated ? evaluated.rows : [];
  return ["DENY", "REVIEW", "ALLOW"].find((verdict) => rows.some((row) => row["verdict"] === verdict));
}

describe("a decision", () => {
  it("says what would have to change, in inputs that somebody can change", async () => {
    const found = await publishing();
    const facts = await factsOf(found.map(({ id }) => id));
    expect(new Set(found.map(({ verdict }) => verdict)).size).toBeGreaterThan(1);
    for (const { id, origin, verdict, wouldAllow } of found) {
      if (!wouldAllow) expect.fail("it is not explained");
      const { possible, changes } = wouldAllow;
      if (verdict === "ALLOW") expect(wouldAllow).toEqual({ possible: true, changes: [] });
      expect(changes.filter(({ input }) => !CHANGEABLE.has(input))).toEqual([]);
      const changed = { ...facts.get(id), ...Object.fromEntries(changes.map(({ input, to }) => [input, to])) };
      // Episodes of equivalent facts share an evaluation, of the facts of one of them.
      if (possible && origin === "SERVICE") expect(verdictOf("episode_publishing", changed)).toBe("ALLOW");
    }
    expect(found.some(({ wouldAllow }) => wouldAllow?.possible === true && wouldAllow.changes.length > 0)).toBe(true);
  });

  it("says which facts its verdict rests on", async () => {
    const found = await publishing();
    for (const { verdict, sufficient } of found) {
      if (verdict === "DENY") expect(sufficient?.length).toBeLessThanOrEqual(2);
      else expect(sufficient?.length).toBeGreaterThan(0);
    }
  });

  it("says neither where the service runs another table than the graph's copy", async () => {
    await withRules(graph, "episode_publishing", { verdict: "DENY" }, async () => {
      await publishing();
      const found = await publishing();
      expect(found.map(({ wouldAllow, sufficient }) => ({ wouldAllow, sufficient }))).toEqual(
        found.map(() => ({ wouldAllow: null, sufficient: null })),
      );
    });
  });
});

describe("an evaluation", () => {
  async function recorded() {
    const { data, errors } = await graph.query<{ evaluations: { nodes: readonly (Explained & { facts: Facts })[] } }>(
      `{ evaluations(first: 100, model: "episode_publishing") {
        nodes { id verdict facts wouldAllow { possible changes { input from to } } sufficient { input value } }
      } }`,
    );
    expect(errors).toEqual([]);
    return data.evaluations.nodes;
  }

  it("says of its own facts what would have to change, and which of them its verdict rests on", async () => {
    const current = new Set((await publishing()).map(({ id }) => id));
    const found = (await recorded()).filter(({ id }) => current.has(id));
    expect(found.length).toBeGreaterThan(2);
    for (const { facts, verdict, wouldAllow, sufficient } of found) {
      for (const { input, value } of sufficient ?? expect.fail("it is not explained"))
        expect(value).toEqual(facts[input]);
      const { possible, changes } = wouldAllow ?? expect.fail("it is not explained");
      if (verdict === "ALLOW") expect(changes).toEqual([]);
      for (const { input, from } of changes) expect(from).toEqual(facts[input]);
      const changed = { ...facts, ...Object.fromEntries(changes.map(({ input, to }) => [input, to])) };
      if (possible) expect(verdictOf("episode_publishing", changed)).toBe("ALLOW");
    }
  });

  it("says neither where another table than the graph's copy gave its answer", async () => {
    await withRules(graph, "episode_publishing", { verdict: "DENY" }, async () => {
      const current = new Set((await publishing()).map(({ id }) => id));
      const found = (await recorded()).filter(({ id }) => current.has(id));
      expect(found.length).toBeGreaterThan(0);
      for (const { wouldAllow, sufficient } of found) expect([wouldAllow, sufficient]).toEqual([null, null]);
    });
  });
});

describe("a decision model", () => {
  it("shows what is proven of its table", async () => {
    const { data, errors } = await graph.query<{ decisionModels: readonly object[] }>(`{
      decisionModels {
        key
        checks {
          gaps { witness } neverMatch neverDecide duplicates { rules }
          contradictions { rules witness } missing { input witness }
        }
      }
    }`);
    expect(errors).toEqual([]);
    expect(data.decisionModels).toHaveLength(9);
    for (const model of data.decisionModels) {
      expect(model).toMatchObject({ checks: { gaps: [], neverMatch: [], neverDecide: [], duplicates: [] } });
    }
    expect(data.decisionModels.find((model) => "key" in model && model.key === "episode_publishing")).toMatchObject({
      checks: { missing: [{ input: "sensitive_topics" }, { input: "duration_minutes" }] },
    });
  });
});

describe("the constraints of decisions", () => {
  it("hold for the facts of everything in the sandboxes' world", { timeout: 120_000 }, async () => {
    await everyDecision(graph, { first: 200 });
    await eventually(async () => (await modelsRecorded()).size).toBe(9);
    const recorded = await graph.decibel.database.db.select().from(evaluations);
    const broken = recorded.flatMap(({ model, facts }) => {
      const constraints = graph.decibel.pipeline.models.get(model)?.decision.constraints ?? [];
      return constraints.filter((each) => !holds(each, facts)).map((each) => ({ model, each, facts }));
    });
    expect(broken).toEqual([]);
  });

  async function modelsRecorded(): Promise<ReadonlySet<string>> {
    const rows = await graph.decibel.database.db.select().from(evaluations);
    return new Set(rows.map(({ model }) => model));
  }

  function holds(constraint: Constraint, facts: Facts): boolean {
    if ("where" in constraint) return !isGiven(constraint.where, facts) || isGiven(constraint.means, facts);
    if ("text" in constraint) return constraint.oneOf.some((text) => text === facts[constraint.text]);
    const { number, whole = false, from = -Infinity, to = Infinity } = constraint;
    const fact = Number(facts[number]);
    return fact >= from && fact <= to && (!whole || Number.isInteger(fact));
  }

  function isGiven(given: Given, facts: Facts): boolean {
    return Object.entries(given).every(([name, value]) => JSON.stringify(facts[name]) === JSON.stringify(value));
  }
});
