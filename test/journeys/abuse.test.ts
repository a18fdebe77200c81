/**
 * Deciding while the decision service fails in every way that a remote service can. In each case subjects are answered, an
 * undecided decision is null with an error and code of its own, no decision differs from what the rules say of its
 * subject, and the graph recovers by itself.
 *
 * Each test stands alone: it starts from a service without faults, an hour after whatever was decided before. Over 200
 * lines, because all failures are compared with one oracle.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import type { Table } from "../../subgraphs/pipeline/table/table.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { NOW } from "../support/decibel.ts";
import { QUERIES_FOR_ALL, STARTING, inOneProcess, startDeployment } from "../support/start-deployment.ts";
import type { Answer } from "../support/decibel.ts";
import type { Deployment } from "../support/deployment.ts";
import { createOracle } from "../support/oracle.ts";
import { verify } from "../support/verdicts.ts";
import type { Verified } from "../support/verdicts.ts";
import { HOUR_MS, MINUTE_MS } from "../support/times.ts";

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
/** More than the questions of one query. */
const QUEUE_LIMIT = 400;
const VARIABLES = {
  // Longer than any test takes on a busy machine.
  OPENTEXT_TIMEOUT_MS: "10000",
  OPENTEXT_BATCH_TIMEOUT_MS: "15000",
  OPENTEXT_RECOVERY_MS: "50",
  OPENTEXT_QUEUE_LIMIT: String(QUEUE_LIMIT),
  // Versions are refreshed only by the tests.
  OPENTEXT_VERSION_INTERVAL_MS: "3600000",
};

/** For a service so slow, or with so many pauses, that a batch does not finish. */
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
  readonly graph: Deployment;
  readonly ask: (...lists: readonly string[]) => Promise<Answer<Board>>;
  /** Against the local tables, or against those that may run instead. */
  readonly verified: (answer: Answer<unknown>, tables?: (local: Table) => readonly Table[]) => Verified;
}

async function start(variables: Record<string, string> = {}, now: () => number = () => NOW): Promise<Abused> {
  const graph = await startDeployment({ variables: { ...VARIABLES, ...variables }, now });
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

/** The number of subjects whose fields, except decisions, are not null. */
function subjects({ data }: Answer<Board>): number {
  const { campaigns, episodes, locations, listeners } = data;
  const nodes = [campaigns, episodes, locations, listeners].flatMap(({ nodes }) => nodes);
  return nodes.filter(({ name, title, country }) => [name, title, country].some(Boolean)).length;
}

function codes(...answers: readonly Answer<unknown>[]): ReadonlySet<string> {
  const errors = answers.flatMap((answer) => answer.errors);
  return new Set(errors.map(({ extensions }) => `${String(extensions["code"])} ${String(extensions["retryable"])}`));
}

/** The origins of the decisions of each field; none where all of them are null. */
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

/** The paths of the errors, sorted. */
function paths({ errors }: Answer<unknown>): readonly string[] {
  return errors.map(({ path }) => path?.join(".") ?? "").toSorted();
}

/** Expects that everything is decided, and in accordance with the rules. */
const recovered = { errors: [], decided: DECISIONS, wrong: [] };

async function untilRecovered(abused: Abused): Promise<void> {
  const look = async (): Promise<unknown> => {
    const answer = await board(abused);
    const { decided, wrong } = abused.verified(answer);
    return { errors: answer.errors, decided, wrong };
  };
  await expect.poll(look, { interval: 60, timeout: 30_000 }).toEqual(recovered);
}

/** The maximum of waiting evaluations during `work`. */
async function maxWaiting({ graph }: Abused, work: Promise<unknown>): Promise<number> {
  const { scheduler } = graph.decibel.pipeline;
  let max = 0;
  const watch = setInterval(() => (max = Math.max(max, scheduler.waiting)), 1);
  await work.finally(() => clearInterval(watch));
  return max;
}

const idle = ({ graph }: Abused): unknown => {
  const { waiting, working } = graph.decibel.pipeline.scheduler;
  return { waiting, working };
};

/** Of several processes, one may ask another version of a table than it knows of, and say that it differs. */
const isOfDeployment = (msg: string | undefined): boolean =>
  !inOneProcess && msg?.startsWith("decision service disagrees with the table here") === true;

const UNAVAILABLE = "DECISION_UNAVAILABLE true";
const TIMEOUT = "DECISION_TIMEOUT true";
const UNDETERMINED = "DECISION_UNDETERMINED false";

const denying = (table: Table): Table => ({
  ...table,
  version: table.version + 1,
  // Rows of a table that is not the one here are sorted by their codes.
  rules: table.rules.map((rule) => ({
    ...rule,
    row: { ...rule.row, verdict: "DENY", queue: "desk", reason_code: `NOW_${String(rule.number).padStart(2, "0")}` },
  })),
});

describe("deciding while the decision service", { timeout: 30_000 }, () => {
  let patient: Abused;
  let hasty: Abused;
  let clock: number;
  /** Lines in the log of each before the test. */
  let logged: readonly number[];
  beforeAll(async () => {
    clock = NOW;
    patient = await start({}, () => clock);
    hasty = await start(HASTY, () => clock);
  });
  beforeEach(async () => {
    // No decision of an earlier test is fresh any more.
    clock += HOUR_MS;
    await Promise.all([patient, hasty].map(reset));
    logged = [patient, hasty].map(({ graph }) => graph.logged.length);
  });
  afterEach(() => {
    const lines = [patient, hasty].flatMap(({ graph }, index) => graph.logged.slice(logged[index]));
    // That our account is refused is told at this level.
    const error = lines.find(({ level, renew, msg }) => level >= 50 && renew === undefined && !isOfDeployment(msg));
    if (error) throw new Error(`expected no errors in the log, got ${JSON.stringify(error)}`);
  });
  afterAll(() => Promise.all([patient, hasty].map(({ graph }) => graph.stop())));

  /** Ends faults and deployments of a test that failed half-way. */
  async function reset({ graph }: Abused): Promise<void> {
    const { sandboxes, pipeline } = graph.decibel;
    await graph.sandbox("opentext").behave();
    for (const { compiled } of pipeline.models.values()) sandboxes.opentext?.deploy(compiled);
    await pipeline.versions.refresh();
  }

  const facing = ({ latencyMs, status, requestsPerSecond }: Faults): Abused =>
    latencyMs !== undefined || requestsPerSecond !== undefined || status === 429 ? hasty : patient;

  const nothing: readonly (readonly [title: string, faults: Faults, codes: readonly string[]])[] = [
    ["answers 429", { status: 429 }, [UNAVAILABLE, TIMEOUT]],
    ["answers 500", { status: 500 }, [UNAVAILABLE]],
    ["breaks connections in the middle of answers", { body: "reset" }, [UNAVAILABLE]],
    ["answers malformed JSON", { body: "malformed" }, [UNAVAILABLE]],
    ["answers values of wrong types", { rows: "wrong" }, [UNDETERMINED]],
    ["answers an unknown verdict", { rows: "unknown" }, [UNDETERMINED]],
    ["answers no rows", { rows: "empty" }, [UNDETERMINED]],
    // After a few timeouts the circuit opens.
    ["takes ten seconds", { latencyMs: 10_000 }, [TIMEOUT, UNAVAILABLE]],
    ["issues no tokens", { status: 503, only: "token" }, [UNAVAILABLE]],
    ["takes ten seconds for a token", { latencyMs: 10_000, only: "token" }, [TIMEOUT, UNAVAILABLE]],
    ["refuses our account", { status: 401, only: "token" }, ["DECISION_UNAVAILABLE false"]],
  ];
  it.each(nothing)("%s decides nothing, and answers everything else", async (_title, faults, expected) => {
    const abused = facing(faults);
    const opentext = abused.graph.sandbox("opentext");
    // The refresh of the versions renewed the token: it must expire again.
    if (faults.only === "token") clock += HOUR_MS;
    await opentext.misbehave(faults);
    const answers = Promise.all([board(abused), board(abused), board(abused)]);
    expect(await maxWaiting(abused, answers)).toBeLessThanOrEqual(QUEUE_LIMIT);
    for (const answer of await answers) {
      const { decided, undecided, wrong } = abused.verified(answer);
      expect([subjects(answer), decided, wrong]).toEqual([SUBJECTS, 0, []]);
      expect(undecided).toHaveLength(DECISIONS);
      // Each has an error of its own.
      expect(paths(answer)).toEqual(undecided.toSorted());
    }
    const actual = codes(...(await answers));
    expect([...actual].filter((code) => !expected.includes(code))).toEqual([]);
    expect(actual).toContain(expected[0]);
    await expect.poll(() => idle(abused), { timeout: 30_000 }).toEqual({ waiting: 0, working: 0 });
    await opentext.behave();
    await untilRecovered(abused);
  });

  const something: readonly (readonly [title: string, faults: Faults])[] = [
    ["answers 429 after the first few calls", { requestsPerSecond: 60 }],
    ["answers 500 at random", { status: 500, share: 0.6 }],
    ["answers no rows at random", { rows: "empty", share: 0.5 }],
    ["breaks connections at random", { body: "reset", share: 0.6 }],
    ["is slow at random", { latencyMs: 10_000, share: 0.05 }],
  ];
  it.each(something)("%s decides in part, and as the rules say", async (_title, faults) => {
    const abused = facing(faults);
    const opentext = abused.graph.sandbox("opentext");
    await opentext.misbehave(faults);
    const answer = await board(abused);
    const { decided, undecided, wrong } = abused.verified(answer);
    expect([subjects(answer), decided + undecided.length, wrong]).toEqual([SUBJECTS, DECISIONS, []]);
    expect([decided > 0, undecided.length > 0]).toEqual([true, true]);
    expect(paths(answer)).toEqual(undecided.toSorted());
    await opentext.behave();
    // It may have asked for a second's patience, and this clock stands still.
    clock += 1000;
    await untilRecovered(abused);
  });

  it("expires all tokens in the middle of a batch retries with a fresh token", async () => {
    const { graph, ask, verified } = patient;
    const opentext = graph.sandbox("opentext");
    // All upstreams have tokens that are valid until the jump: one that is fetched during it would be expired. The
    // decisions are not fresh any more.
    await ask(CAMPAIGNS, EPISODES);
    clock += HOUR_MS / 2;
    await opentext.forget();
    await opentext.misbehave({ latencyMs: 100, only: "execute" });
    const answer = ask(CAMPAIGNS, EPISODES);
    await expect.poll(() => graph.decibel.pipeline.scheduler.working, { interval: 5 }).toBeGreaterThan(0);
    clock += 2 * HOUR_MS;
    await graph.settle();
    const { errors } = await answer;
    expect([errors, verified(await answer).wrong]).toEqual([[], []]);
    const { recent, tokens } = await opentext.calls();
    expect(recent.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
    // One for each process that decides.
    expect(tokens).toBeLessThanOrEqual(inOneProcess ? 1 : 2);
    await opentext.behave();
  });

  it("is down gives stale case routing and playback for a while, and decides nothing else", async () => {
    const { graph, ask, verified } = patient;
    const opentext = graph.sandbox("opentext");
    const origins = async (): Promise<Readonly<Record<string, ReadonlySet<string>>>> => {
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
    // Each process trusts what it has compared itself.
    for (let asked = 0; asked < QUERIES_FOR_ALL; asked += 1) await origins();
    await opentext.misbehave({ status: 503 });
    clock += 11 * MINUTE_MS;
    expect(await origins()).toEqual({ routing: stale, playback: stale, ...others });
    clock += 10 * MINUTE_MS;
    expect(await origins()).toEqual({ routing: stale, playback: none, ...others });
    clock += 15 * MINUTE_MS;
    expect(await origins()).toEqual({ routing: none, playback: none, ...others });
    await opentext.behave();
    await untilRecovered(patient);
  });

  it("sees a clock jump forward and back decides anew", async () => {
    const opentext = patient.graph.sandbox("opentext");
    const startedAt = clock;
    for (const jump of [20 * HOUR_MS, -15 * HOUR_MS, 1, -1]) {
      clock += jump;
      await untilRecovered(patient);
    }
    clock += 2 * HOUR_MS;
    await untilRecovered(patient);
    // Cached outcomes are now an hour in the future: they must not stay fresh for an hour longer.
    clock -= HOUR_MS;
    await opentext.misbehave({ status: 500 });
    expect(patient.verified(await board(patient)).decided).toBe(0);
    await opentext.behave();
    await untilRecovered(patient);
    // Past everything that was decided in the future, which would be fresh again in later tests.
    clock = startedAt + 21 * HOUR_MS;
  });

  describe("has a table deployed", () => {
    const table = (): Table => {
      const model = patient.graph.decibel.pipeline.models.get("placement_review");
      if (!model) throw new Error("there is no model placement_review");
      return model.compiled.table;
    };
    const deploy = (deployed: Table): void => patient.graph.decibel.sandboxes.opentext?.deploy(compile(deployed));

    it("and rolled back keeps no decision of that table", async () => {
      deploy(denying(table()));
      // The versions are not refreshed yet: what is decided now seems to be of the version before.
      expect((await patient.ask(EPISODES)).data.episodes.nodes[0]).toMatchObject({
        placement0: { verdict: "DENY", model: { version: String(table().version) } },
      });
      for (const deployed of [denying(table()), table()]) {
        deploy(deployed);
        clock += 1000;
        await patient.graph.decibel.pipeline.versions.refresh();
      }
      await untilRecovered(patient);
    });

    it("that answers a number for a text decides nothing", async () => {
      const { rules, ...rest } = table();
      deploy({ ...rest, rules: rules.map(({ row, ...rule }) => Object.assign(rule, { row: { ...row, queue: 7 } })) });
      const answer = await patient.ask(EPISODES);
      const { decided, undecided, wrong } = patient.verified(answer);
      expect([decided, undecided.length, wrong, codes(answer)]).toEqual([40, 40, [], new Set([UNDETERMINED])]);
      deploy(table());
      clock += HOUR_MS;
      await untilRecovered(patient);
    });
  });
});

describe.runIf(inOneProcess)("a graph that stops after failures", { timeout: 30_000 }, () => {
  it("leaves no timer and no connection behind", async () => {
    const before = process.getActiveResourcesInfo();
    const abused = await start(HASTY);
    const opentext = abused.graph.sandbox("opentext");
    for (const faults of [{ body: "reset" }, { latencyMs: 10_000 }] as const) {
      await opentext.misbehave(faults);
      expect(abused.verified(await board(abused)).decided).toBe(0);
    }
    await abused.graph.stop();
    const left = (): readonly string[] => {
      const others = [...before];
      return process.getActiveResourcesInfo().filter((resource) => {
        const index = others.indexOf(resource);
        if (index !== -1) others.splice(index, 1);
        return index === -1;
      });
    };
    await expect.poll(left, { interval: 100, timeout: 30_000 }).toEqual([]);
  });
});

describe("a queue that is too short for a query", STARTING, () => {
  it("refuses the calls that do not fit at once, and decides the others as the rules say", async () => {
    const abused = await start({ OPENTEXT_QUEUE_LIMIT: "20", OPENTEXT_CONCURRENCY: "4" });
    try {
      const answer = board(abused);
      expect(await maxWaiting(abused, answer)).toBeLessThanOrEqual(20);
      const { decided, undecided, wrong } = abused.verified(await answer);
      expect([subjects(await answer), decided > 0, undecided.length > 0, wrong]).toEqual([SUBJECTS, true, true, []]);
      expect(codes(await answer)).toEqual(new Set([UNAVAILABLE]));
      await untilRecovered(abused);
    } finally {
      await abused.graph.stop();
    }
  });
});

describe("a table that changes under load", STARTING, () => {
  it("decides by the old or the new version, only by the new one once versions are refreshed, and the same when it is rolled back", async () => {
    const abused = await start({ OPENTEXT_VERSION_INTERVAL_MS: "20" });
    const { decibel } = abused.graph;
    try {
      await untilRecovered(abused);
      const before = decibel.pipeline.models.get("placement_review")?.compiled.table;
      const opentext = decibel.sandboxes.opentext;
      if (!before || !opentext) throw new Error("the sandbox has no placement_review");
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
      await untilRecovered(abused);
    } finally {
      await abused.graph.stop();
    }
  });
});
