/** How the upstreams answer this process: what counts as a call, and as a failure, and for how long. */
import { describe, expect, it } from "vitest";
import { BudgetError } from "../../subgraphs/platform/budget/budget.ts";
import { createHealth } from "../../subgraphs/platform/health/health.ts";
import { PatienceError } from "../../subgraphs/platform/patience.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import type { UpstreamErrorDetails, UpstreamFailure } from "../../subgraphs/platform/upstream-error.ts";
import { NOW } from "../support/now.ts";

const MINUTE_MS = 60_000;
const failing = (failure: UpstreamFailure, more: UpstreamErrorDetails = {}): UpstreamError =>
  new UpstreamError("crm", failure, "its secret is said here", more);
const answeredWith = (status: number, more: UpstreamErrorDetails = {}): UpstreamError =>
  failing("STATUS", { status, ...more });

function start() {
  const clock = { now: NOW };
  let changes = 0;
  const health = createHealth({ now: () => clock.now, noted: () => (changes += 1) });
  const minute = (at = clock.now) =>
    health
      .minutes()
      .get(at - (at % MINUTE_MS))
      ?.get("crm");
  return { clock, health, crm: health.of("crm"), minute, changes: () => changes };
}

describe("the health of an upstream", () => {
  it("counts calls by the minute, with the last of them", () => {
    const { clock, crm, minute, changes } = start();
    crm.answered();
    crm.failed(answeredWith(503, { retryAfterMs: 30_000 }));
    clock.now += 10_000;
    crm.failed(failing("TIMEOUT"));
    const lastFailure = { code: "UPSTREAM_TIMEOUT", status: null, at: NOW + 10_000, againAt: null };
    expect(minute()).toEqual({ calls: 3, failures: 2, answeredAt: NOW, lastFailure, failedInARow: 2 });
    expect(changes()).toBe(3);
    clock.now += MINUTE_MS;
    crm.answered();
    expect(minute()).toEqual({ calls: 1, failures: 0, answeredAt: clock.now, lastFailure, failedInARow: 0 });
    expect(minute(NOW)).toMatchObject({ calls: 3, failures: 2, failedInARow: 2 });
  });

  it.each([
    ["an id that does not exist", answeredWith(404)],
    ["an input that it refuses", answeredWith(422)],
    ["what we wrote ourselves and is not there yet", answeredWith(404, { isAwaited: true })],
  ])("is not hurt by %s", (_what, error) => {
    const { crm, minute } = start();
    crm.failed(error);
    expect(minute()).toMatchObject({ calls: 1, failures: 0, answeredAt: NOW, lastFailure: null });
  });

  it.each([
    ["nobody waits any more", failing("ABORTED")],
    ["it asked for patience", new PatienceError("crm", 1000)],
    ["its limit is used up", new BudgetError("crm", 1000)],
  ])("does not count what was not sent because %s", (_why, error) => {
    const { crm, minute, changes } = start();
    crm.failed(error);
    expect([minute(), changes()]).toEqual([undefined, 0]);
  });

  it.each([
    ["too many calls", answeredWith(429, { retryAfterMs: 5000 }), "UPSTREAM_UNAVAILABLE", 429, NOW + 5000],
    ["a refused account", answeredWith(401), "UPSTREAM_UNAVAILABLE", 401, null],
    ["a doubted account", answeredWith(403, { doubted: ["CRM_TOKEN"] }), "UPSTREAM_UNAVAILABLE", 403, null],
    ["no connection", failing("UNREACHABLE"), "UPSTREAM_UNAVAILABLE", null, null],
    ["a reply that cannot be read", failing("UNEXPECTED", { status: 200 }), "UPSTREAM_UNEXPECTED", 200, null],
  ])("is hurt by %s, of which it keeps no word", (_what, error, code, status, againAt) => {
    const { crm, minute } = start();
    crm.failed(error);
    expect(minute()?.lastFailure).toEqual({ code, status, at: NOW, againAt });
    expect(minute()?.failedInARow).toBe(1);
  });

  it("is forgotten after an hour", () => {
    const { clock, crm, health } = start();
    crm.answered();
    clock.now += 60 * MINUTE_MS - 1;
    expect([...health.minutes().keys()]).toEqual([NOW]);
    clock.now += 1;
    expect([...health.minutes().keys()]).toEqual([]);
  });

  it("has the limits of all its clients, also of one that was not called", () => {
    const { health, crm } = start();
    const limit = { name: "requests", left: 3, total: 10, fullInMs: 5, agoMs: 0, isOfProcess: false };
    crm.limitedBy(() => [limit]);
    health.of("crm").limitedBy(() => [{ ...limit, name: "reports" }]);
    health.of("megaphone");
    expect([...health.budgets()]).toEqual([
      ["crm", [limit, { ...limit, name: "reports" }]],
      ["megaphone", []],
    ]);
  });
});
