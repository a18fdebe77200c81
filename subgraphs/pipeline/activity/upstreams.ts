/**
 * How does each upstream stand, by what all processes know?
 *
 * It answers; or it does, but not every call; or it does not, because its last calls all failed or the circuit of the decision
 * service is open. Of a limit that processes share, the one that knows it best is believed; one that each process has for itself
 * is added up.
 */
import type { HealthFailure, HealthMinute } from "../../platform/health/health.ts";
import type { NotedBudget, ProcessNotes, Standing } from "./note.ts";

export interface UpstreamStanding {
  /** As in logs: `spotify-ads`. */
  readonly name: string;
  /** Undefined where it was not called in the last hour. */
  readonly state: "answering" | "degraded" | "not answering" | undefined;
  /** In the last five minutes. */
  readonly calls: number;
  readonly failures: number;
  readonly answeredAt: number | undefined;
  readonly lastFailure: HealthFailure | undefined;
  readonly budgets: readonly UpstreamBudget[];
}

export interface UpstreamBudget {
  readonly name: string;
  readonly left: number;
  readonly total: number;
  /** Undefined where it is full. */
  readonly fullAt: number | undefined;
}

/** In logs, and the name of its circuits' owner. */
export const OPENTEXT = "opentext";
const COUNTED_MS = 5 * 60_000;
/** So many calls in a row are no accident. */
const IN_A_ROW = 3;

export function upstreamsOf(
  names: readonly string[],
  processes: readonly ProcessNotes[],
  standings: readonly Standing[],
  now: number,
): readonly UpstreamStanding[] {
  return names.map((name) => {
    const notes = processes.flatMap(({ minutes }) =>
      Array.from(minutes, ([at, { upstreams }]) => ({ at, note: upstreams[name] })),
    );
    const recent = notes.flatMap(({ at, note }) => (note && at > now - COUNTED_MS ? [note] : []));
    const lasts = processes.flatMap(({ minutes }) => lastOf(minutes, name));
    const answeredAt = latestOf(lasts.map((note) => note.answeredAt ?? undefined));
    const failures = lasts.flatMap(({ lastFailure }) => lastFailure ?? []);
    const lastFailure = failures.toSorted((one, other) => other.at - one.at)[0];
    const failed = recent.reduce((sum, { failures: count }) => sum + count, 0);
    const circuits = name === OPENTEXT ? standings.flatMap((standing) => Object.entries(standing.circuits)) : [];
    const isCut = circuits.some(([circuit, state]) => circuit === "service" && state === "open");
    const isFailing = failedInARow(lasts, answeredAt) >= IN_A_ROW;
    const isHurt =
      failed > 0 || failedInARow(lasts, answeredAt) > 0 || circuits.some(([, state]) => state !== "closed");
    return {
      name,
      state: isCut || isFailing ? "not answering" : isHurt ? "degraded" : lasts.length > 0 ? "answering" : undefined,
      calls: recent.reduce((sum, { calls }) => sum + calls, 0),
      failures: failed,
      answeredAt,
      lastFailure,
      budgets: budgetsOf(name, processes, standings, now),
    };
  });
}

function lastOf(minutes: ProcessNotes["minutes"], name: string): readonly HealthMinute[] {
  const called = Array.from(minutes).filter(([, { upstreams }]) => upstreams[name]);
  const [last] = called.toSorted(([one], [other]) => other - one);
  return last?.[1].upstreams[name] ? [last[1].upstreams[name]] : [];
}

/** Of the processes that have failed since any of them was answered. */
function failedInARow(lasts: readonly HealthMinute[], answeredAt: number | undefined): number {
  return lasts
    .filter(({ lastFailure }) => lastFailure !== null && lastFailure.at >= (answeredAt ?? 0))
    .reduce((sum, last) => sum + last.failedInARow, 0);
}

function latestOf(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function budgetsOf(
  name: string,
  processes: readonly ProcessNotes[],
  standings: readonly Standing[],
  now: number,
): readonly UpstreamBudget[] {
  const shared = processes.flatMap(({ standing }) => standing.budgets[name] ?? []).filter((one) => !one.isOfProcess);
  const ofProcesses = standings.flatMap(({ budgets }) => budgets[name] ?? []).filter((one) => one.isOfProcess);
  const known = Map.groupBy([...shared, ...ofProcesses], ({ name: limit }) => limit);
  return [...known.values()].map((given) => {
    const current = given.map((budget) => (budget.fullAt <= now ? { ...budget, left: budget.total } : budget));
    const [best] = current.toSorted((one, other) => other.knownAt - one.knownAt);
    const counted = best && !best.isOfProcess ? [best] : current;
    return addedUp(counted);
  });
}

function addedUp(budgets: readonly NotedBudget[]): UpstreamBudget {
  const left = budgets.reduce((sum, budget) => sum + budget.left, 0);
  const total = budgets.reduce((sum, budget) => sum + budget.total, 0);
  const fullAt = left < total ? Math.max(...budgets.map((budget) => budget.fullAt)) : undefined;
  return { name: budgets[0]?.name ?? "", left, total, fullAt };
}
