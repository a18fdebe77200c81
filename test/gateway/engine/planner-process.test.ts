/** Whatever an operation does to the planner, only its own client sees an error. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { createPlannerProcess } from "../../../gateway/engine/planner-process.ts";
import type { PlanDocument, PlannerProcessOptions } from "../../../gateway/engine/planner-process.ts";
import { SUPERGRAPH } from "../../../schema/rover.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";

const PLANTED = join(import.meta.dirname, "planted-planner.ts");

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function start(options: PlannerProcessOptions = {}) {
  const planners = createPlannerProcess({ child: PLANTED, ...options });
  cleanups.push(() => {
    const pid = planners.pid();
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  });
  return planners;
}

const planned = (operation: string) => ({ kind: "QueryPlan", node: { operation } });

/** Asks for many plans at once, of which one is at fault. */
async function besides(plan: PlanDocument, fault: string): Promise<unknown> {
  const others = Array.from({ length: 12 }, (_none, index) => `{ a${index} }`);
  const plans = others.map(plan);
  const refused = plan(fault).then(
    () => expect.fail(`${fault} has a plan`),
    (error: unknown) => error,
  );
  const later = others.map(plan);
  for (const [index, other] of [...others, ...others].entries())
    expect(await [...plans, ...later][index]).toMatchObject(planned(other));
  return refused;
}

/** A process that has ended is still listed until its parent, or the first process, has seen that. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("the planner in Rust, in its process", () => {
  it("plans over several supergraphs, and says what it cannot plan", async () => {
    const planners = createPlannerProcess();
    await expect(planners.load("type Query {")).rejects.toThrow("arse");
    const plan = await planners.load(await readFile(join(projectRoot(), SUPERGRAPH), "utf8"));
    const pid = planners.pid();
    expect(await plan("{ campaigns(first: 1) { totalCount } }")).toMatchObject({
      node: { kind: "Fetch", serviceName: "campaigns" },
    });
    await expect(plan("{ nothing }")).rejects.toThrow("nothing");
    expect(planners.pid()).toBe(pid);
    process.kill(pid ?? 0, "SIGKILL");
  });

  it("gets neither flags nor variables of its parent", async () => {
    const plan = await start().load("supergraph");
    expect(await plan("flags")).toMatchObject(planned("[[],[]]"));
  });

  it("is kept by signals to all processes of a terminal", async () => {
    const planners = start();
    const plan = await planners.load("supergraph");
    const pid = planners.pid() ?? 0;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(pid, signal);
    expect(await plan("{ a }")).toMatchObject(planned("{ a }"));
    expect(planners.pid()).toBe(pid);
  });

  it("reads a supergraph again that it had to forget", async () => {
    const planners = start();
    const plans = await Promise.all(Array.from({ length: 40 }, () => planners.load("supergraph")));
    for (const plan of [...plans, ...plans]) expect(await plan("{ a }")).toMatchObject(planned("{ a }"));
  });
});

describe("an operation", () => {
  it.each(["abort", "exit", "garbage"])("that ends the planner is refused, and no other is: %s", async (fault) => {
    const planners = start();
    const plan = await planners.load("supergraph");
    const before = planners.pid() ?? 0;
    expect(await besides(plan, fault)).toMatchObject({
      message: "Cannot execute: the planner fails on this operation",
      extensions: { code: "PLANNING_FAILED" },
    });
    expect(isRunning(before)).toBe(false);
    expect(await plan("{ a }")).toMatchObject(planned("{ a }"));
  });

  it("that ends the planner is refused with what the planner wrote", async () => {
    const plan = await start().load("supergraph");
    await expect(plan("abort")).rejects.toMatchObject({
      originalError: { message: expect.stringMatching(/^the planner's process ended: SIGABRT planted panic\n/) },
    });
  });

  it.each(["hang", "loop", "burn"])("that takes too long is refused, and no other is: %s", async (fault) => {
    const planners = start({ deadlineMs: 2000 });
    const plan = await planners.load("supergraph");
    const before = planners.pid() ?? 0;
    expect(await besides(plan, fault)).toMatchObject({
      message: "Cannot execute: the operation takes longer to plan than 2000 ms",
      extensions: { code: "LIMIT_EXCEEDED" },
    });
    expect(await plan("{ a }")).toMatchObject(planned("{ a }"));
    await expect.poll(() => isRunning(before)).toBe(false);
  });

  it("is refused beside others at fault", async () => {
    const plan = await start({ deadlineMs: 2000 }).load("supergraph");
    const faults = ["abort", "hang", "exit", "loop", "garbage"];
    const refusals = Promise.all(faults.map((fault) => plan(fault).catch((error: { extensions: unknown }) => error)));
    expect(await plan("{ a }")).toMatchObject(planned("{ a }"));
    const [failed, late] = [{ code: "PLANNING_FAILED" }, { code: "LIMIT_EXCEEDED" }];
    expect((await refusals).map((error) => "extensions" in error && error.extensions)).toEqual([
      failed,
      late,
      failed,
      late,
      failed,
    ]);
  });

  it("that cannot be planned ends nothing", async () => {
    const planners = start();
    const plan = await planners.load("supergraph");
    const before = planners.pid();
    await expect(plan("invalid")).rejects.toThrow("planted: invalid operation");
    await expect(plan("nonsense")).rejects.toThrow("Cannot plan an operation: the planner answered unexpectedly");
    await expect(planners.load("invalid")).rejects.toThrow("planted: invalid supergraph");
    expect(planners.pid()).toBe(before);
  });
});

describe("a planner that does not start", () => {
  it("is tried again, refuses all that waits, and plans as soon as it starts", async () => {
    const folder = await mkdtemp(join(tmpdir(), "planner-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    const child = join(folder, "child.mjs");
    await writeFile(child, `throw new Error("planted");`);
    const planners = start({ child, retryMs: 5 });
    const refused = {
      message: "Cannot plan: the planner does not start",
      cause: { message: expect.stringContaining("planted") },
    };
    const starts = [planners.start(), planners.load("a"), planners.load("b")];
    for (const started of starts) await expect(started).rejects.toMatchObject(refused);
    await expect(planners.start()).rejects.toMatchObject(refused);
    await writeFile(child, `await import(${JSON.stringify(PLANTED)});`);
    const plan = await planners.load("supergraph");
    expect(await plan("{ a }")).toMatchObject(planned("{ a }"));
  });

  it("for too long is one too", async () => {
    const folder = await mkdtemp(join(tmpdir(), "planner-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    const child = join(folder, "child.mjs");
    await writeFile(child, `process.on("message", () => {});`);
    await expect(start({ child, retryMs: 5, startMs: 50 }).start()).rejects.toThrow("the planner does not start");
  });

  it("because there is none for the platform is not tried again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "planner-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    const child = join(folder, "child.mjs");
    await writeFile(child, `process.send({ kind: "started", unavailable: "planted" }); setInterval(() => {}, 1000);`);
    await expect(start({ child, retryMs: 60_000 }).start()).rejects.toThrow("planted");
  });
});

describe("the process of the planner", () => {
  /** Runs a process that plans, until it has printed the id of its planner's. */
  async function parent(...last: readonly string[]) {
    const child = spawn(process.execPath, [join(import.meta.dirname, "planner-parent.ts"), PLANTED, ...last], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    cleanups.push(() => child.kill("SIGKILL"));
    const ended = once(child, "exit");
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    return { child, ended, planner: Number(line) };
  }

  it("does not keep its parent alive, and ends with it", async () => {
    const { ended, planner } = await parent();
    expect(await ended).toEqual([0, null]);
    await expect.poll(() => isRunning(planner)).toBe(false);
  });

  it("ends with a parent that is killed, though it plans something that does not end", async () => {
    const { child, ended, planner } = await parent("burn");
    expect(isRunning(planner)).toBe(true);
    child.kill("SIGKILL");
    expect(await ended).toEqual([null, "SIGKILL"]);
    await expect.poll(() => isRunning(planner)).toBe(false);
  });
});
