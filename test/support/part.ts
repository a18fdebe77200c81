/**
 * A process of a deployment under test, with the roles of its arguments, that is told by its parent what a test wants.
 *
 * It is what `npm run gateway` and the like start, except that its clock is the test's, and that it tells its parent its log and
 * what it does. It ends with its parent.
 */
import process from "node:process";
import { isDeepStrictEqual } from "node:util";
import { pino } from "pino";
import { startParts } from "../../subgraphs/decibel.ts";
import type { Running } from "../../subgraphs/decibel.ts";
import { addProcessMetrics, createMetrics } from "../../subgraphs/pipeline/metrics.ts";
import { compile } from "../../subgraphs/pipeline/table/compile.ts";
import type { Table } from "../../subgraphs/pipeline/table/table.ts";
import { SYSTEM_CLOCK } from "../../subgraphs/platform/clock.ts";
import { readEnvironment, variables } from "../../subgraphs/platform/environment.ts";
import { readRoles } from "../../subgraphs/platform/roles.ts";
import { configurable } from "../../subgraphs/registry.ts";
import { clockOf } from "./now.ts";

/** What its parent wants. All of it but the last is answered when it is done. */
export type Wish =
  /** First: `now` is undefined for the clock of the system. */
  | { readonly kind: "start"; readonly now: number | undefined }
  | { readonly kind: "time"; readonly now: number }
  | { readonly kind: "versions" }
  | { readonly kind: "worklists" }
  | { readonly kind: "deploy"; readonly table: Table }
  | { readonly kind: "stop" };
export type Wished = Wish & { readonly id: number };

export interface State {
  /** Evaluations that wait, and those that run. */
  readonly waiting: number;
  readonly working: number;
  /** Model → the version that it believes to run. */
  readonly versions: Readonly<Record<string, number | undefined>>;
}
export const NO_STATE: State = { waiting: 0, working: 0, versions: {} };
/** What it tells its parent. */
export type Told =
  | { readonly kind: "done"; readonly id: number; readonly parts: Running["parts"]; readonly error?: string }
  | { readonly kind: "log"; readonly line: string }
  | { readonly kind: "state"; readonly state: State };

const STATE_MS = 10;

function run(args: readonly string[]): void {
  let now = 0;
  let running: Running | undefined;
  process.on("message", (message) => {
    const wished = message as Wished;
    fulfil(wished).then(
      () => tell({ kind: "done", id: wished.id, parts: running?.parts ?? [] }),
      (error: unknown) => tell({ kind: "done", id: wished.id, parts: [], error: String(error) }),
    );
  });
  process.on("disconnect", () => process.exit());

  async function fulfil(wish: Wish): Promise<void> {
    if ("now" in wish && wish.now !== undefined) ({ now } = wish);
    switch (wish.kind) {
      case "start":
        running = await start(wish.now === undefined ? SYSTEM_CLOCK : clockOf(() => now));
        watch(running);
        break;
      case "versions":
        await running?.backend?.pipeline.versions.refresh();
        break;
      case "worklists":
        for (const worklist of running?.backend?.worklists ?? []) await worklist.catchUp();
        break;
      case "deploy":
        running?.sandboxes?.opentext?.deploy(compile(wish.table));
        break;
      case "stop":
        await running?.stop();
        break;
      case "time":
    }
  }

  function start(clock: typeof SYSTEM_CLOCK): Promise<Running> {
    const roles = readRoles(args, configurable.subgraphs);
    const log = pino({ level: "debug" }, { write: (line: string) => tell({ kind: "log", line }) });
    const metrics = createMetrics();
    addProcessMetrics(metrics);
    return startParts(readEnvironment(variables, configurable, roles), roles, log, clock, metrics, 0);
  }
}

function watch({ backend }: Running): void {
  if (!backend) return;
  const { scheduler, versions, models } = backend.pipeline;
  let told = NO_STATE;
  setInterval(() => {
    const running = Object.fromEntries(Array.from(models.keys(), (key) => [key, versions.running(key)]));
    const state = { waiting: scheduler.waiting, working: scheduler.working, versions: running };
    if (isDeepStrictEqual(state, told)) return;
    told = state;
    tell({ kind: "state", state });
  }, STATE_MS).unref();
}

function tell(told: Told): void {
  process.send?.(told);
}

if (import.meta.main) run(process.argv.slice(2));
