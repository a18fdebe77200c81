/** The impact of a table is what happens when it is deployed: everybody is asked before and after. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCandidate } from "../../subgraphs/pipeline/candidate.ts";
import type { Model } from "../../subgraphs/pipeline/models.ts";
import { rulesCommand } from "../../subgraphs/pipeline/rules/command.ts";
import { asCallers, callerOf } from "../support/as-caller.ts";
import type { AsCaller } from "../support/as-caller.ts";
import { FACTS_KEPT, NOW, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { everyDecision } from "../support/every-decision.ts";
import type { EveryDecision } from "../support/every-decision.ts";
import { changedTable, deploy } from "../support/table-files.ts";
import { MINUTE_MS } from "../support/times.ts";

let graph: TestDecibel;
let as: AsCaller;
let clock = NOW;
const beforePage = (): void => void (clock += MINUTE_MS);

beforeAll(async () => {
  // By the clock that jumps: a version is believed for some intervals.
  const variables = { ...FACTS_KEPT, OPENTEXT_VERSION_INTERVAL_MS: "3600000" };
  graph = await startTestDecibel({ variables, now: () => clock });
  as = await asCallers(graph);
}, 60_000);
afterAll(() => graph.stop());

/** At the same moments each time. */
async function everybody(): Promise<EveryDecision> {
  clock = NOW;
  await graph.decibel.pipeline.versions.refresh();
  return everyDecision(graph, { beforePage });
}

interface Part {
  readonly considered: number;
  readonly unknown: number;
  readonly changed: number;
  readonly isComplete: boolean;
  readonly changes: readonly { readonly from: string | null; readonly to: string | null; readonly count: number }[];
  readonly flips: {
    readonly totalCount: number;
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
    readonly nodes: readonly {
      readonly field: string | null;
      readonly subject: string;
      readonly about: string | null;
      readonly from: string | null;
      readonly to: string | null;
      readonly rulesBefore: readonly number[];
      readonly rules: readonly number[];
    }[];
  };
}
interface Impact {
  readonly state: string;
  readonly problem: string | null;
  readonly today: Part;
  readonly ledger: Part;
}

const PART = `considered unknown changed isComplete changes { from to count rules { rule count } }
  flips(first: 200, after: $after) { totalCount pageInfo { endCursor hasNextPage }
    nodes { field subject about from to rulesBefore rules } }`;

/** Asked again until it is there, with all pages of what would change today. */
async function impactOf(model: string, table: string): Promise<Impact> {
  const nodes: Part["flips"]["nodes"][number][] = [];
  for (let after: string | null = null; ;) {
    const { data, errors } = await graph.query<{ changeImpact: Impact }>(
      `query ($model: String!, $table: String!, $after: String) {
        changeImpact(model: $model, table: $table) { state problem today { ${PART} } ledger { ${PART} } } }`,
      { model, table, after },
    );
    expect(errors).toEqual([]);
    const impact: Impact = data.changeImpact;
    if (impact.state === "RUNNING") continue;
    nodes.push(...impact.today.flips.nodes);
    const { hasNextPage, endCursor } = impact.today.flips.pageInfo;
    if (!hasNextPage) return { ...impact, today: { ...impact.today, flips: { ...impact.today.flips, nodes } } };
    after = endCursor;
  }
}

/** Of each table, its file and the fields that it decides, by where they stand in every decision. */
const TABLES: Readonly<Record<string, { readonly path: string; readonly fields: Readonly<Record<string, RegExp>> }>> = {
  campaign_targeting: {
    path: "campaigns/campaign_targeting.otdt",
    fields: { "Campaign.targeting": /^campaigns\.(?<subject>[^.]+)\.targeting$/ },
  },
  marketing_activation: {
    path: "campaigns/marketing_activation.otdt",
    fields: {
      "Campaign.activation": /^campaigns\.(?<subject>[^.]+)\.activation$/,
      "Listener.activation": /^listeners\.(?<subject>[^.]+)\.(?<about>about\d)$/,
    },
  },
  placement_review: {
    path: "campaigns/placement_review.otdt",
    fields: {
      "Episode.placement": /^episodes\.(?<subject>[^.]+)\.(?<about>about\d)$/,
      "Sponsorship.decision": /\.(?<subject>sponsorship_[^.]+)\.decision$/,
    },
  },
  case_routing: {
    path: "campaigns/case_routing.otdt",
    fields: { "SupportCase.routing": /\.(?<subject>case_[^.]+)\.routing$/ },
  },
  episode_publishing: {
    path: "episodes/episode_publishing.otdt",
    fields: { "Episode.publishing": /^episodes\.(?<subject>[^.]+)\.publishing$/ },
  },
  location_playback: {
    path: "locations/location_playback.otdt",
    fields: { "Location.playback": /^locations\.(?<subject>[^.]+)\.playback$/ },
  },
  playlist_request: {
    path: "locations/playlist_request.otdt",
    fields: { "PlaylistRequest.decision": /\.(?<subject>playlist-request_[^.]+)\.decision$/ },
  },
  audience_segment: {
    path: "listeners/audience_segment.otdt",
    fields: { "Listener.segments": /^listeners\.(?<subject>[^.]+)\.segments$/ },
  },
  lead_routing: {
    path: "listeners/lead_routing.otdt",
    fields: { "Listener.lead": /^listeners\.(?<subject>[^.]+)\.lead$/ },
  },
};

const NEXT: Readonly<Record<string, string>> = { ALLOW: "REVIEW", REVIEW: "DENY", DENY: "ALLOW" };
/** Every third rule gives another verdict. */
const otherTable = (path: string): string =>
  changedTable(path, (name, text, rule) => (name === "verdict" && rule % 3 === 0 ? NEXT[text] : undefined));

/** What is decided, by `field subject about`. */
function verdictsOf({ decisions }: EveryDecision, fields: Readonly<Record<string, RegExp>>): Map<string, string> {
  return new Map(
    [...decisions].flatMap(([path, { verdict }]) =>
      Object.entries(fields).flatMap(([field, pattern]) => {
        const { subject, about = "" } = pattern.exec(path)?.groups ?? {};
        return subject === undefined ? [] : [[`${field} ${subject} ${about}`, verdict] as const];
      }),
    ),
  );
}

/** As after a restart with the new file: the table here and the service's are the same again. */
async function deployEverywhere(files: Readonly<Record<string, string>>): Promise<void> {
  const models = graph.decibel.pipeline.models as Map<string, Model>;
  for (const [key, file] of Object.entries(files)) {
    const model = models.get(key);
    if (model) models.set(key, readCandidate(model, file, "table"));
    await deploy(graph, file);
  }
}

describe("the impact of another table is what its deployment changes", () => {
  const tables = Object.fromEntries(Object.entries(TABLES).map(([model, { path }]) => [model, otherTable(path)]));
  const impacts = new Map<string, Impact>();
  const campaigns = new Map<string, string>();
  let before: EveryDecision;
  let after: EveryDecision;
  let unresolved: ReadonlySet<string>;
  /** Of OpenText, while the impacts were found. */
  let asked: number;

  beforeAll(async () => {
    const { data } = await graph.query<{
      campaigns: { nodes: readonly { id: string }[] };
      caseWorklist: { nodes: readonly { id: string }[]; pageInfo: { hasNextPage: boolean } };
    }>("{ campaigns(first: 3) { nodes { id } } caseWorklist(first: 200) { nodes { id } pageInfo { hasNextPage } } }");
    for (const [index, { id }] of data.campaigns.nodes.entries()) campaigns.set(id, `about${index}`);
    unresolved = new Set(data.caseWorklist.nodes.map(({ id }) => id));
    before = await everybody();
    await graph.sandbox("opentext").forget();
    for (const [model, table] of Object.entries(tables)) impacts.set(model, await impactOf(model, table));
    asked = (await graph.sandbox("opentext").calls()).executes;
    await deployEverywhere(tables);
    after = await everybody();
    await deployEverywhere(
      Object.fromEntries(
        Object.entries(TABLES).map(([model, { path }]) => [model, changedTable(path, () => undefined)]),
      ),
    );
  }, 300_000);

  it("asks OpenText nothing", () => {
    expect(asked).toBe(0);
  });

  it.each(Object.keys(TABLES))("%s", (model) => {
    const impact = impacts.get(model);
    if (!impact) throw new Error(`there is no impact of ${model}`);
    expect(impact).toMatchObject({ state: "DONE", problem: null, today: { isComplete: true, unknown: 0 } });
    const fields = TABLES[model]?.fields ?? {};
    const [was, is] = [verdictsOf(before, fields), verdictsOf(after, fields)];
    // A case that is resolved is still decided where somebody asks, but it is of no consequence.
    const isAsked = (name: string): boolean =>
      was.has(name) && (model !== "case_routing" || unresolved.has(name.split(" ")[1] ?? ""));
    const found = [...was].flatMap(([name, verdict]) => {
      const to = is.get(name) ?? null;
      return to === verdict || !isAsked(name) ? [] : [`${name} ${verdict} ${to}`];
    });
    const flips = impact.today.flips.nodes.flatMap(({ field, subject, about, from, to }) => {
      const name = `${field} ${subject} ${about === null ? "" : campaigns.get(about)}`;
      return isAsked(name) ? [`${name} ${from} ${to}`] : [];
    });
    expect(found.length).toBeGreaterThan(0);
    expect(flips.toSorted()).toEqual(found.toSorted());
    expect(impact.today.changes.reduce((sum, { count }) => sum + count, 0)).toBe(impact.today.changed);
    for (const { to, rules, rulesBefore } of impact.today.flips.nodes.slice(0, 50)) {
      expect(rules.length).toBeGreaterThan(to === null ? -1 : 0);
      expect(rulesBefore.length).toBeGreaterThan(0);
    }
    expect(impact.ledger.considered).toBeGreaterThan(0);
  });
});

describe("the impact of a table", () => {
  it("is nothing where it says the same", async () => {
    const { state, today } = await impactOf(
      "case_routing",
      changedTable("campaigns/case_routing.otdt", () => undefined),
    );
    expect(state).toBe("DONE");
    expect(today).toMatchObject({ changed: 0, changes: [], isComplete: true });
    expect(today.considered).toBeGreaterThan(0);
  });

  it("is printed by npm run rules, for people and for programs", async () => {
    const folder = await mkdtemp(join(tmpdir(), "impact-"));
    try {
      const file = join(folder, "location_playback.otdt");
      await writeFile(file, otherTable("locations/location_playback.otdt"));
      const run = (...args: readonly string[]) =>
        rulesCommand(["impact", file, "--graph", graph.decibel.url, "--days", "0", ...args], { decisions: [] });
      const { text } = await run();
      expect(text).toMatch(/^## location_playback: \d+ of \d+ verdicts would change\n/);
      expect(text).toMatch(/\| ALLOW \| REVIEW \| \d+ \| \d+ \(\d+\)/);
      const json = await run("--json", "--fail-on", "opening");
      expect(JSON.parse(json.text)).toMatchObject({ model: "location_playback", state: "DONE", days: 0 });
      expect(json.failed).toBe(JSON.parse(json.text).today.changes.some(({ to }: { to: string }) => to === "ALLOW"));
      await writeFile(
        file,
        changedTable("locations/location_playback.otdt", (name) => (name === "reason_code" ? "ONE" : undefined)),
      );
      await expect(run()).rejects.toThrow('have the same reason_code "ONE"');
      await expect(rulesCommand(["impact"], { decisions: [] })).rejects.toThrow(/^usage: /);
      await writeFile(file, otherTable("locations/location_playback.otdt"));
      await expect(
        rulesCommand(["impact", file, "--graph", "http://127.0.0.1:9/graphql"], { decisions: [] }),
      ).rejects.toThrow("Cannot ask the graph at http://127.0.0.1:9/graphql: it cannot be reached");
      const keyFile = join(folder, "key");
      await expect(run("--key-file", keyFile)).rejects.toThrow(
        `Cannot read --key-file ${keyFile}: there is no such file or folder`,
      );
      for (const key of ["", "two\nlines"]) {
        await writeFile(keyFile, key);
        await expect(run("--key-file", keyFile)).rejects.toThrow(
          `Cannot read --key-file ${keyFile}: expected one API key or token`,
        );
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("is of the caller's accounts", async () => {
    const query = `query ($table: String!) { changeImpact(model: "location_playback", table: $table) {
      state today { considered flips(first: 200) { nodes { subject } } } ledger { considered } } }`;
    const table = changedTable("locations/location_playback.otdt", (name) => (name === "verdict" ? "DENY" : undefined));
    const { data } = await graph.query<{ locations: { nodes: readonly { id: string; accountId: string }[] } }>(
      "{ locations(first: 200) { nodes { id accountId } } }",
    );
    const [first] = data.locations.nodes;
    const caller = callerOf("own", [first?.accountId ?? ""]);
    const ask = async () => JSON.parse(await as.ask(caller, query, { table })).data.changeImpact;
    let impact = await ask();
    while (impact.state === "RUNNING") impact = await ask();
    const own = data.locations.nodes.filter(({ accountId }) => accountId === first?.accountId).map(({ id }) => id);
    expect(impact.today.considered).toBeGreaterThan(0);
    expect(impact.today.considered).toBeLessThanOrEqual(own.length);
    for (const { subject } of impact.today.flips.nodes) expect(own).toContain(subject);
  });

  it("needs the scopes of the ledger and of listeners", async () => {
    const caller = { ...callerOf("auditor"), scopes: new Set(["audit:read"]) };
    const answer = await as.ask(caller, '{ changeImpact(model: "case_routing", table: "") { state } }');
    expect(JSON.parse(answer).errors[0].extensions.code).toBe("FORBIDDEN");
  });

  it("is refused of a table that cannot decide, with all that is wrong with it", async () => {
    const asked = async (model: string, table: string) =>
      (
        await graph.query(
          "query ($model: String!, $table: String!) { changeImpact(model: $model, table: $table) { state } }",
          { model, table },
        )
      ).errors[0];
    expect((await asked("case_routing", "no table"))?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      argument: "table",
      fields: { table: [expect.stringMatching(/^Cannot read case_routing\.otdt: /)] },
    });
    const other = changedTable("locations/location_playback.otdt", () => undefined);
    expect((await asked("case_routing", other))?.message).toBe(
      "Cannot use this table for case_routing: its key is location_playback, expected case_routing",
    );
    const empty = changedTable("campaigns/case_routing.otdt", (name) => (name === "reason_code" ? "SAME" : undefined));
    expect((await asked("case_routing", empty))?.extensions["fields"]).toEqual({
      table: [expect.stringMatching(/have the same reason_code "SAME"$/)],
    });
    expect((await asked("nothing", ""))?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "model" });
  });
});
