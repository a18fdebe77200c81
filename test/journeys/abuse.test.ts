/**
 * Deciding while everything goes wrong that a remote service can do wrong. Whatever it is: subjects are answered, a
 * decision that could not be made is null with its own error and code, none that was made differs from what the rules say
 * of its subject, and the graph comes back by itself.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import type { Table } from "../../subgraphs/pipeline/table/table.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { NOW, startTestDecibel } from "../support/decibel.ts";
import type { Answer, TestDecibel } from "../support/decibel.ts";
import { createOracle } from "../support/oracle.ts";
import { verify } from "../support/verdicts.ts";
import type { Verified } from "../support/verdicts.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DECISION = "{ verdict eligible origin model { version } reasons { code } }";
const CAMPAIGNS = `campaigns(first: 10) { nodes { __typename id name targeting ${DECISION} activation ${DECISION} } }`;
const EPISODES = `episodes(first: 40) {
  nodes { __typename id title publishing ${DECISION} placement0: placement(campaignId: $campaign) ${DECISION} }
}`;
const LOCATIONS = `locations(first: 20) { nodes { __typename id name playback ${DECISION} } }`;
const LISTENERS = `listeners(first: 50) {
  nodes { __typename id country segments ${DECISION} lead ${DECISION} activation0: activation(campaignId: $campaign) ${DECISION} }
}`;
const CASES = `desk: campaigns(first: 30) { nodes { cases(first: 5) { nodes { __typename id routing ${DECISION} } } } }`;
const FEW = `
  episodes(first: 5) { nodes { __typename id publishing ${DECISION} placement0: placement(campaignId: $campaign) ${DECISION} } }
  listeners(first: 5) {
    nodes { __typename id segments ${DECISION} lead ${DECISION} activation0: activation(campaignId: $campaign) ${DECISION} }
  }`;
const SUBJECTS = 10 + 40 + 20 + 50;
const DECISIONS = 2 * 10 + 2 * 40 + 20 + 3 * 50;
/** More than one query has to ask. */
const QUEUE_LIMIT = 400;
const VARIABLES = {
  // Longer than a busy machine takes for anything.
  OPENTEXT_TIMEOUT_MS: "10000",
  OPENTEXT_BATCH_TIMEOUT_MS: "15000",
  OPENTEXT_RECOVERY_MS: "50",
  OPENTEXT_QUEUE_LIMIT: String(QUEUE_LIMIT),
  // Only where a test looks.
  OPENTEXT_VERSION_INTERVAL_MS: "3600000",
};

/** Where the service is slow, or wants so many pauses that a batch does not come to its end. */
const HASTY = { OPENTEXT_TIMEOUT_MS: "500", OPENTEXT_BATCH_TIMEOUT_MS: "1500" };

interface Node {
  readonly name?: string;
  readonly title?: string;
  readonly country?: string;
}
type Board = Readonly<
  Record<"campaigns" | "episodes" | "locations" | "listeners", { readonly nodes: readonly Node[] }>
>;

interface Abused {
  readonly graph: TestDecibel;
  readonly ask: (...lists: readonly string[]) => Promise<Answer<Board>>;
  /** By the table here, or by what may run in its place. */
  readonly verified: (answer: Answer<unknown>, tables?: (here: Table) => readonly Table[]) => Verified;
}

async function start(variables: Record<string, string> = {}, now: () => number = () => NOW): Promise<Abused> {
  const graph = await startTestDecibel({ variables: { ...VARIABLES, ...variables }, now });
  const { sandboxes, pipeline } = graph.decibel;
  const oracle = await createOracle(sandboxes, now);
  const [campaign = ""] = oracle.campaigns;
  const running = (key: string): Table => {
    const table = pipeline.models.get(key)?.compiled.table;
    if (!table) throw new RangeError(`no table is called ${key}`);
    return table;
  };
  return {
    graph,
    ask: (...lists) => graph.query<Board>(`query ($campaign: ID!) { ${lists.join("\n")} }`, { campaign }),
    verified: (answer, tables = (table) => [table]) =>
      verify(answer, { oracle, tables: (key) => tables(running(key)), campaigns: [campaign] }),
  };
}

const board = ({ ask }: Abused): Promise<Answer<Board>> => ask(CAMPAIGNS, EPISODES, LOCATIONS, LISTENERS);

/** How many subjects came with what is not decided of them. */
function subjects({ data }: Answer<Board>): number {
  const { campaigns, episodes, locations, listeners } = data;
  const nodes = [campaigns, episodes, locations, listeners].flatMap(({ nodes }) => nodes);
  return nodes.filter(({ name, title, country }) => [name, title, country].some(Boolean)).length;
}

function codes(...answers: readonly Answer<unknown>[]): ReadonlySet<string> {
  const errors = answers.flatMap((answer) => answer.errors);
  return new Set(errors.map(({ extensions }) => `${String(extensions["code"])} ${String(extensions["retryable"])}`));
}

/** Where the decisions of each field came from; none where it is null wherever it is. */
function originsOf(value: unknown, found: Record<string, Set<string>> = {}): Readonly<Record<string, Set<string>>> {
  if (typeof value !== "object" || value === null) return found;
  const isSubject = "__typename" in value;
  for (const [key, field] of Object.entries(value)) {
    if (!isSubject || typeof field === "string") originsOf(field, found);
    else {
      found[key] ??= new Set();
      if (field !== null) found[key].add(String(field.origin));
    }
  }
  return found;
}

/** Where the errors are, in the order of their names. */
function paths({ errors }: Answer<unknown>): readonly string[] {
  return errors.map(({ path }) => path?.join(".") ?? "").toSorted();
}

/** A graph that is whole: everything decided, nothing wrong. */
const whole = { errors: [], decided: DECISIONS, wrong: [] };

async function untilWhole(abused: Abused): Promise<void> {
  const look = async (): Promise<unknown> => {
    const answer = await board(abused);
    const { decided, wrong } = abused.verified(answer);
    return { errors: answer.errors, decided, wrong };
  };
  await expect.poll(look, { interval: 60, timeout: 15_000 }).toEqual(whole);
}

/** The most evaluations that waited while `work` was done. */
async function mostWaiting({ graph }: Abused, work: Promise<unknown>): Promise<number> {
  const { turns } = graph.decibel.pipeline;
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, turns.waiting)), 1);
  await work.finally(() => clearInterval(watch));
  return most;
}

const idle = ({ graph }: Abused): unknown => {
  const { waiting, working } = graph.decibel.pipeline.turns;
  return { waiting, working };
};

const UNAVAILABLE = "DECISION_UNAVAILABLE true";
const TIMEOUT = "DECISION_TIMEOUT true";
const UNDETERMINED = "DECISION_UNDETERMINED false";

const denying = (table: Table): Table => ({
  ...table,
  version: table.version + 1,
  rules: table.rules.map((rule) => ({
    ...rule,
    row: { ...rule.row, verdict: "DENY", reason_code: `${String(rule.row["reason_code"])}_NOW` },
  })),
});

describe("a decision service that", { timeout: 30_000 }, () => {
  let patient: Abused;
  let hasty: Abused;
  let clock: number;
  let before: readonly string[];
  beforeAll(async () => {
    before = process.getActiveResourcesInfo();
    clock = NOW;
    patient = await start({}, () => clock);
    hasty = await start(HASTY, () => clock);
  });
  afterAll(() => Promise.all([patient, hasty].map(({ graph }) => graph.stop())));

  const facing = ({ latencyMs, status, requestsPerSecond }: Faults): Abused =>
    latencyMs !== undefined || requestsPerSecond !== undefined || status === 429 ? hasty : patient;

  /** Nothing that is known is fresh any more; which tables run is known again. */
  async function later({ graph }: Abused): Promise<void> {
    clock += HOUR_MS;
    await graph.decibel.pipeline.versions.refresh();
  }

  const nothing: readonly (readonly [title: string, faults: Faults, codes: readonly string[]])[] = [
    ["is busy for everybody", { status: 429 }, [UNAVAILABLE, TIMEOUT]],
    ["answers 500", { status: 500 }, [UNAVAILABLE]],
    ["breaks the connection in the middle of its answers", { body: "reset" }, [UNAVAILABLE]],
    ["answers what is not JSON", { body: "malformed" }, [UNAVAILABLE]],
    ["answers values of wrong types", { rows: "wrong" }, [UNDETERMINED]],
    ["answers a verdict nobody knows", { rows: "unknown" }, [UNDETERMINED]],
    ["answers no rows", { rows: "empty" }, [UNDETERMINED]],
    // After a few timeouts it is not asked any more.
    ["takes ten seconds", { latencyMs: 10_000 }, [TIMEOUT, UNAVAILABLE]],
    ["hands out no tokens", { status: 503, only: "token" }, [UNAVAILABLE]],
    ["takes ten seconds for a token", { latencyMs: 10_000, only: "token" }, [TIMEOUT, UNAVAILABLE]],
    ["refuses our account", { status: 401, only: "token" }, ["DECISION_UNAVAILABLE false"]],
  ];
  it.each(nothing)("%s decides nothing, and all else is answered", async (_title, faults, expected) => {
    const abused = facing(faults);
    const opentext = abused.graph.sandbox("opentext");
    await later(abused);
    // The look at the versions has renewed the token: it has to be old again.
    if (faults.only === "token") clock += HOUR_MS;
    await opentext.misbehave(faults);
    const answers = Promise.all([board(abused), board(abused), board(abused)]);
    expect(await mostWaiting(abused, answers)).toBeLessThanOrEqual(QUEUE_LIMIT);
    for (const answer of await answers) {
      const { decided, undecided, wrong } = abused.verified(answer);
      expect([subjects(answer), decided, wrong]).toEqual([SUBJECTS, 0, []]);
      expect(undecided).toHaveLength(DECISIONS);
      // To each its own error.
      expect(paths(answer)).toEqual(undecided.toSorted());
    }
    const said = codes(...(await answers));
    expect([...said].filter((code) => !expected.includes(code))).toEqual([]);
    expect(said).toContain(expected[0]);
    await expect.poll(() => idle(abused), { timeout: 5000 }).toEqual({ waiting: 0, working: 0 });
    await opentext.behave();
    await untilWhole(abused);
  });

  const something: readonly (readonly [title: string, faults: Faults])[] = [
    ["is busy after the first few calls", { requestsPerSecond: 60 }],
    ["fails now and then", { status: 500, share: 0.6 }],
    ["answers no rows now and then", { rows: "empty", share: 0.5 }],
    ["breaks the connection now and then", { body: "reset", share: 0.6 }],
    ["is slow now and then", { latencyMs: 10_000, share: 0.05 }],
  ];
  it.each(something)("%s decides some of it, and that is right", async (_title, faults) => {
    const abused = facing(faults);
    const opentext = abused.graph.sandbox("opentext");
    await later(abused);
    await opentext.misbehave(faults);
    const answer = await board(abused);
    const { decided, undecided, wrong } = abused.verified(answer);
    expect([subjects(answer), decided + undecided.length, wrong]).toEqual([SUBJECTS, DECISIONS, []]);
    expect([decided > 0, undecided.length > 0]).toEqual([true, true]);
    expect(paths(answer)).toEqual(undecided.toSorted());
    await opentext.behave();
    await untilWhole(abused);
  });

  it("lets all tokens expire in the middle of a batch is asked again with fresh ones", async () => {
    const { graph, ask, verified } = patient;
    const opentext = graph.sandbox("opentext");
    await later(patient);
    await opentext.forget();
    await opentext.misbehave({ latencyMs: 100, only: "execute" });
    const answer = ask(CAMPAIGNS, EPISODES);
    await expect.poll(() => graph.decibel.pipeline.turns.working, { interval: 5 }).toBeGreaterThan(0);
    clock += 2 * HOUR_MS;
    const { errors } = await answer;
    expect([errors, verified(await answer).wrong]).toEqual([[], []]);
    const { recent, tokens } = await opentext.calls();
    expect(recent.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
    expect(tokens).toBe(1);
    await opentext.behave();
  });

  it("is away lets cases be routed and music play as it last said, for a while and marked, and decides nothing else", async () => {
    const { graph, ask, verified } = patient;
    const opentext = graph.sandbox("opentext");
    await later(patient);
    const look = async (): Promise<Readonly<Record<string, ReadonlySet<string>>>> => {
      const answer = await ask(CASES, LOCATIONS, FEW);
      expect(verified(answer).wrong).toEqual([]);
      return originsOf(answer.data);
    };
    const others = {
      placement0: new Set(),
      publishing: new Set(),
      segments: new Set(),
      lead: new Set(),
      activation0: new Set(),
    };
    const [stale, none] = [new Set(["STALE"]), new Set()];
    await look();
    await opentext.misbehave({ status: 503 });
    clock += 11 * MINUTE_MS;
    expect(await look()).toEqual({ routing: stale, playback: stale, ...others });
    clock += 10 * MINUTE_MS;
    expect(await look()).toEqual({ routing: stale, playback: none, ...others });
    clock += 15 * MINUTE_MS;
    expect(await look()).toEqual({ routing: none, playback: none, ...others });
    await opentext.behave();
    await untilWhole(patient);
  });

  it("is asked again where a clock jumps, and where one is set back too", async () => {
    const opentext = patient.graph.sandbox("opentext");
    for (const jump of [20 * HOUR_MS, -15 * HOUR_MS, 1, -1]) {
      clock += jump;
      await untilWhole(patient);
    }
    clock += 2 * HOUR_MS;
    await untilWhole(patient);
    // What is known was decided in an hour from now: it must not live an hour longer than its freshness.
    clock -= HOUR_MS;
    await opentext.misbehave({ status: 500 });
    expect(patient.verified(await board(patient)).decided).toBe(0);
    await opentext.behave();
    await untilWhole(patient);
  });

  describe("has a table deployed", () => {
    const table = (): Table => {
      const found = patient.graph.decibel.pipeline.models.get("placement_review")?.compiled.table;
      if (!found) throw new Error("placement_review is not there");
      return found;
    };
    const deploy = (deployed: Table): void => patient.graph.decibel.sandboxes.opentext?.deploy(compile(deployed));

    it("and taken back keeps no decision of its own", async () => {
      await later(patient);
      deploy(denying(table()));
      // Not noticed yet: what is decided now is taken for a decision of the version before.
      expect((await patient.ask(EPISODES)).data.episodes.nodes[0]).toMatchObject({
        placement0: { verdict: "DENY", model: { version: String(table().version) } },
      });
      for (const deployed of [denying(table()), table()]) {
        deploy(deployed);
        clock += 1000;
        await patient.graph.decibel.pipeline.versions.refresh();
      }
      await untilWhole(patient);
    });

    it("that answers a number where a text belongs decides nothing", async () => {
      await later(patient);
      const { rules, ...rest } = table();
      deploy({ ...rest, rules: rules.map(({ row, ...rule }) => Object.assign(rule, { row: { ...row, queue: 7 } })) });
      const answer = await patient.ask(EPISODES);
      const { decided, undecided, wrong } = patient.verified(answer);
      expect([decided, undecided.length, wrong, codes(answer)]).toEqual([40, 40, [], new Set([UNDETERMINED])]);
      deploy(table());
      clock += HOUR_MS;
      await untilWhole(patient);
    });
  });

  it("did all of that leaves nothing behind where the graph stops: no timer, no connection, and no bug in its log", async () => {
    for (const { graph } of [patient, hasty]) {
      expect(graph.logged.filter(({ level }) => level >= 50)).toEqual([]);
      await graph.stop();
    }
    const left = (): readonly string[] => {
      const others = [...before];
      return process.getActiveResourcesInfo().filter((resource) => {
        const known = others.indexOf(resource);
        if (known !== -1) others.splice(known, 1);
        return known === -1;
      });
    };
    await expect.poll(left, { interval: 100, timeout: 8000 }).toEqual([]);
  });
});

describe("more than can wait", { timeout: 30_000 }, () => {
  it("is refused at once, and the rest is right", async () => {
    const abused = await start({ OPENTEXT_QUEUE_LIMIT: "20", OPENTEXT_CONCURRENCY: "4" });
    try {
      const answer = board(abused);
      expect(await mostWaiting(abused, answer)).toBeLessThanOrEqual(20);
      const { decided, undecided, wrong } = abused.verified(await answer);
      expect([subjects(await answer), decided > 0, undecided.length > 0, wrong]).toEqual([SUBJECTS, true, true, []]);
      expect(codes(await answer)).toEqual(new Set([UNAVAILABLE]));
      await untilWhole(abused);
    } finally {
      await abused.graph.stop();
    }
  });
});

describe("a table that changes under load", { timeout: 30_000 }, () => {
  it("decides as before or as it does now, and only as now once that is noticed; back again, as before", async () => {
    const abused = await start({ OPENTEXT_VERSION_INTERVAL_MS: "20" });
    const { decibel } = abused.graph;
    try {
      await untilWhole(abused);
      const before = decibel.pipeline.models.get("placement_review")?.compiled.table;
      const opentext = decibel.sandboxes.opentext;
      if (!before || !opentext) throw new Error("placement_review is not in the sandbox");
      const now = denying(before);
      const isNow = (): boolean => decibel.pipeline.versions.running(now.key) === now.version;
      const either = (table: Table): readonly Table[] => (table.key === now.key ? [table, now] : [table]);
      const only = (table: Table): readonly Table[] => (table.key === now.key ? [now] : [table]);

      const during: Answer<Board>[] = [];
      const load = async (until: () => boolean): Promise<void> => {
        do during.push(...(await Promise.all([board(abused), board(abused), board(abused)])));
        while (!until());
      };
      const changing = load(isNow);
      opentext.deploy(compile(now));
      await changing;
      for (const answer of during.splice(0)) expect(abused.verified(answer, either).wrong).toEqual([]);

      for (const answer of await Promise.all([board(abused), board(abused)])) {
        expect([answer.errors, abused.verified(answer, only).wrong]).toEqual([[], []]);
        const placements = answer.data.episodes.nodes.map((node) => (node as Record<string, unknown>)["placement0"]);
        expect(placements).toHaveLength(40);
        for (const placement of placements) {
          expect(placement).toMatchObject({ eligible: false, model: { version: String(now.version) } });
          expect(placement).not.toMatchObject({ origin: "EQUIVALENT" });
        }
      }

      const back = load(() => !isNow());
      opentext.deploy(compile(before));
      await back;
      for (const answer of during) expect(abused.verified(answer, either).wrong).toEqual([]);
      await untilWhole(abused);
    } finally {
      await abused.graph.stop();
    }
  });
});
