/** `/ready` says whether the process can do its work, also where several processes serve the gateway. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { pino } from "pino";
import { createReadiness } from "../../subgraphs/platform/readiness.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { startSmallGateway } from "../support/small-gateway.ts";

const log = pino({ enabled: false });
afterEach(() => vi.useRealTimers());

describe("readiness", () => {
  it("is one check for all probes that come meanwhile, and a new one afterwards", async () => {
    let checks = 0;
    const first = Promise.withResolvers<void>();
    const readiness = createReadiness(() => {
      checks += 1;
      return checks === 1 ? first.promise : Promise.resolve();
    }, log);
    const probes = [readiness(), readiness()];
    first.reject(new UpstreamError("database", "UNREACHABLE", "it only reads"));
    const reason = "Cannot ask database: it only reads";
    expect(await Promise.all(probes)).toEqual([reason, reason]);
    expect(await readiness()).toBeUndefined();
    expect(checks).toBe(2);
  });

  it("has a deadline", async () => {
    vi.useFakeTimers();
    const probe = createReadiness(() => new Promise(() => {}), log, 50)();
    await vi.advanceTimersByTimeAsync(50);
    expect(await probe).toBe("no answer within 50 ms");
  });
});

describe("a gateway that is not ready", () => {
  it("answers 503 with the reason at /ready, and 200 at /health", async () => {
    let reason: string | undefined = "Cannot ask database: it only reads (25006)";
    const gateway = await startSmallGateway({ readiness: async () => reason });
    const get = async (path: string): Promise<readonly [number, string]> => {
      const response = await fetch(new URL(path, gateway.url));
      return [response.status, await response.text()];
    };
    expect(await get("/ready")).toEqual([503, JSON.stringify({ status: "not ready", reason })]);
    expect(await get("/health")).toEqual([200, '{"status":"ok"}']);
    reason = undefined;
    expect(await get("/ready")).toEqual([200, '{"status":"ready"}']);
    await gateway.close();
  });
});
