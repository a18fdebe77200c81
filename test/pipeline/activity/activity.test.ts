/** The activity of several processes: counts are added up, and an upstream stands as all of them know it. */
import { describe, expect, it } from "vitest";
import { createActivityReader } from "../../../subgraphs/pipeline/activity/activity.ts";
import type { Activity } from "../../../subgraphs/pipeline/activity/activity.ts";
import { createDecided } from "../../../subgraphs/pipeline/activity/decided.ts";
import { createHere } from "../../../subgraphs/pipeline/activity/here.ts";
import type { Here } from "../../../subgraphs/pipeline/activity/here.ts";
import { Note } from "../../../subgraphs/pipeline/activity/note.ts";
import type { BreakerState } from "../../../subgraphs/pipeline/service/breakers.ts";
import type { KnownBudget } from "../../../subgraphs/platform/budget/budget.ts";
import { createHealth } from "../../../subgraphs/platform/health/health.ts";
import type { ToldMinute } from "../../../subgraphs/platform/store/shared-minutes.ts";
import { UpstreamError } from "../../../subgraphs/platform/upstream-error.ts";
import { NOW } from "../../support/now.ts";

const MINUTE_MS = 60_000;
const clock = { now: NOW };
const now = (): number => clock.now;
const failed = (name = "crm") => new UpstreamError(name, "STATUS", "it answered 503", { status: 503 });

function startProcess() {
  const decided = createDecided(now);
  const health = createHealth({ now });
  const breakers = new Map<string, BreakerState>([["service", "closed"]]);
  const scheduler = { waiting: 0, working: 0 };
  const here = createHere({
    minutes: decided.minutes,
    states: { scheduler, breakers: () => breakers },
    health,
    now,
  });
  return { decided, health, breakers, scheduler, here };
}

/** As `one` reads it: the others tell through JSON, as they do over Redis. */
async function readBy(one: Here, others: readonly Here[] | undefined): Promise<Activity> {
  const told = others?.flatMap((here, index) =>
    Array.from(here.notes(0), ([at, note]): ToldMinute<Note> => {
      const read = Note.parse(JSON.parse(JSON.stringify(note)));
      return { process: String(index), at, note: read };
    }),
  );
  const shared = { others: async () => told, isShared: true };
  return createActivityReader({ here: one, shared, upstreams: ["opentext", "crm"], now })();
}
const crmIn = ({ upstreams }: Activity) => upstreams.find(({ name }) => name === "crm");
const opentextIn = ({ upstreams }: Activity) => upstreams.find(({ name }) => name === "opentext");

describe("the activity of several processes", () => {
  it("adds up what each has counted", async () => {
    const [one, two] = [startProcess(), startProcess()];
    one.decided.answered("placement_review", "SERVICE", "ALLOW");
    one.decided.called("placement_review", "answered", 5);
    two.decided.answered("placement_review", "SERVICE", "ALLOW");
    two.decided.answered("placement_review", "CACHE", "ALLOW");
    two.decided.failed("placement_review", "DECISION_UNAVAILABLE");
    clock.now += MINUTE_MS;
    two.decided.answered("case_routing", "LOCAL", "DENY");
    two.scheduler.working = 2;
    one.scheduler.waiting = 1;
    const activity = await readBy(one.here, [two.here]);
    const kind = { model: "placement_review", verdict: "ALLOW", code: null };
    expect(activity).toMatchObject({ processes: 2, reach: "all", waiting: 1, working: 2 });
    expect(activity.minutes).toEqual([
      {
        at: NOW,
        calls: 1,
        counts: [
          { ...kind, origin: "SERVICE", count: 2 },
          { ...kind, origin: "CACHE", count: 1 },
          { ...kind, verdict: null, origin: null, code: "DECISION_UNAVAILABLE", count: 1 },
        ],
      },
      {
        at: NOW + MINUTE_MS,
        calls: 0,
        counts: [{ model: "case_routing", verdict: "DENY", origin: "LOCAL", code: null, count: 1 }],
      },
    ]);
    clock.now = NOW;
  });

  it("is that of one process where the others cannot be read, and says so", async () => {
    const one = startProcess();
    one.decided.answered("placement_review", "SERVICE", "ALLOW");
    expect(await readBy(one.here, undefined)).toMatchObject({ processes: 1, reach: "cut off" });
  });

  it("has the worst state of each circuit, of processes that told it lately", async () => {
    const [one, two, three] = [startProcess(), startProcess(), startProcess()];
    for (const { breakers, decided } of [two, three]) {
      breakers.set("service", "open").set("case_routing", "half open");
      decided.failed("case_routing", "DECISION_UNAVAILABLE");
    }
    three.breakers.set("case_routing", "closed");
    const told = [...two.here.notes(0), ...three.here.notes(0)];
    const activity = await readBy(one.here, [two.here, three.here]);
    expect(activity.circuits).toEqual([
      { name: "service", state: "open", processes: 2 },
      { name: "case_routing", state: "half open", processes: 1 },
    ]);
    expect(opentextIn(activity)?.state).toBe("not answering");
    clock.now += MINUTE_MS;
    const shared = {
      others: async () => told.map(([at, note], index) => ({ process: String(index), at, note })),
      isShared: true,
    };
    const later = await createActivityReader({ here: one.here, shared, upstreams: [], now })();
    expect([later.circuits, later.processes]).toEqual([[{ name: "service", state: "closed", processes: 1 }], 3]);
    clock.now = NOW;
  });
});

describe("an upstream", () => {
  it("has no state before it is called", async () => {
    const { here } = startProcess();
    expect(crmIn(await readBy(here, []))).toEqual({
      name: "crm",
      state: undefined,
      calls: 0,
      failures: 0,
      answeredAt: undefined,
      lastFailure: undefined,
      budgets: [],
    });
  });

  it("answers, is degraded by failures of the last five minutes, and recovers", async () => {
    const { health, here } = startProcess();
    const crm = health.of("crm");
    const standing = async () => {
      const { state, calls, failures } = crmIn(await readBy(here, [])) ?? {};
      return [state, calls, failures];
    };
    crm.answered();
    expect(await standing()).toEqual(["answering", 1, 0]);
    crm.failed(failed());
    expect(await standing()).toEqual(["degraded", 2, 1]);
    crm.failed(failed());
    crm.failed(failed());
    expect(await standing()).toEqual(["not answering", 4, 3]);
    crm.answered();
    expect(await standing()).toEqual(["degraded", 5, 3]);
    clock.now += 5 * MINUTE_MS;
    expect(await standing()).toEqual(["answering", 0, 0]);
    clock.now = NOW;
  });

  it("does not answer where the last calls failed, whichever process made them", async () => {
    const [one, two] = [startProcess(), startProcess()];
    one.health.of("crm").failed(failed());
    two.health.of("crm").failed(failed());
    two.health.of("crm").failed(failed());
    expect(crmIn(await readBy(one.here, [two.here]))).toMatchObject({ state: "not answering", calls: 3, failures: 3 });
    clock.now += 1;
    one.health.of("crm").answered();
    expect(crmIn(await readBy(one.here, [two.here]))).toMatchObject({ state: "degraded", answeredAt: NOW + 1 });
    expect(crmIn(await readBy(two.here, [one.here]))).toMatchObject({ state: "degraded", answeredAt: NOW + 1 });
    clock.now = NOW;
  });

  it("is degraded while a circuit of the service is not closed", async () => {
    const { health, breakers, here } = startProcess();
    health.of("opentext").answered();
    breakers.set("case_routing", "half open");
    expect(opentextIn(await readBy(here, []))?.state).toBe("degraded");
  });

  it("has the budget of whoever knows it best, until it is full again", async () => {
    const [one, two] = [startProcess(), startProcess()];
    const limit: KnownBudget = {
      name: "requests",
      left: 60,
      total: 60,
      fullInMs: 0,
      agoMs: undefined,
      isOfProcess: false,
    };
    one.health.of("crm").limitedBy(() => [limit]);
    const known = { ...limit, left: 12, fullInMs: 90_000, agoMs: 1000 };
    two.health.of("crm").limitedBy(() => [known]);
    two.health.of("crm").answered();
    const told = [...two.here.notes(0)].map(([at, note]) => ({ process: "two", at, note }));
    const shared = { others: async () => told, isShared: true };
    const read = createActivityReader({ here: one.here, shared, upstreams: ["crm"], now });
    const full = { name: "requests", left: 60, total: 60, fullAt: undefined };
    expect(crmIn(await read())?.budgets).toEqual([{ ...full, left: 12, fullAt: NOW + 90_000 }]);
    clock.now += 90_000;
    expect(crmIn(await read())?.budgets).toEqual([full]);
    clock.now = NOW;
  });

  it("has a budget in each process where it limits each", async () => {
    const [one, two] = [startProcess(), startProcess()];
    const limit: KnownBudget = { name: "requests", left: 2, total: 5, fullInMs: 600, agoMs: 0, isOfProcess: true };
    one.health.of("opentext").limitedBy(() => [limit]);
    two.health.of("opentext").limitedBy(() => [{ ...limit, left: 5, fullInMs: 0 }]);
    two.health.of("opentext").answered();
    expect(opentextIn(await readBy(one.here, [two.here]))?.budgets).toEqual([
      { name: "requests", left: 7, total: 10, fullAt: NOW + 600 },
    ]);
  });
});
