/**
 * Decibel's gateway over the bench's subgraphs: `node --expose-gc decibel.js SUPERGRAPH_FILE PORT [embedded|workers|metrics|
 * telemetry COLLECTOR]`. Embedded, it runs the subgraphs itself and calls them as Decibel calls those of its process; with workers,
 * two processes answer; with metrics it counts, and with telemetry it also traces and logs each request.
 *
 * Told `heap`, it answers the bytes that are in use; told `profile`, it begins one, and told `profiled`, it answers it.
 */
import { readFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import { devNull } from "node:os";
import { pino } from "pino";
import { Registry } from "prom-client";
import { createGateway } from "../../../gateway/gateway.ts";
import type { GatewayOptions } from "../../../gateway/gateway.ts";
import { createGatewayMetrics } from "../../../gateway/telemetry/metrics.ts";
import type { TracingSettings } from "../../../subgraphs/platform/tracing/settings.ts";
import { openTracing } from "../../../subgraphs/platform/tracing/tracing.ts";
import { createWorkers } from "../../../gateway/workers.ts";
import { createMemoryTransport } from "../../../gateway/transport/memory.ts";
import { createExecuteCompiled } from "../../../subgraphs/server/compiled.ts";
import { createLogErrors } from "../../../subgraphs/server/errors.ts";
import { createLocalExecutor } from "../../../subgraphs/server/local-executor.ts";
import { benchSchema } from "./executor.ts";
import { SUBGRAPHS } from "./world.ts";

/** Microseconds between two looks at where the program is. */
const SAMPLE = 250;

const [file = "", port = "0", mode, collector = ""] = process.argv.slice(2);
const log = mode === "telemetry" ? pino({ level: "info" }, pino.destination(devNull)) : pino({ level: "warn" });
const transports = new Map(
  mode === "embedded"
    ? SUBGRAPHS.map((name) => {
        const schema = benchSchema(name);
        const options = { schema, execute: createExecuteCompiled(schema), log, logErrors: createLogErrors() };
        return [name, createMemoryTransport(createLocalExecutor(options))] as const;
      })
    : [],
);
const supergraph = await readFile(file, "utf8");
const gateway =
  mode === "workers"
    ? createWorkers({ count: 2, supergraph, log })
    : await createGateway({ supergraph, transports, log, ...(await telemetry()) });
process.stdout.write(`${await gateway.listen(Number(port))}\n`);

/** Each request is recorded: the most that it can cost. */
async function telemetry(): Promise<Pick<GatewayOptions, "metrics" | "tracing" | "logsAccess">> {
  if (mode !== "metrics" && mode !== "telemetry") return {};
  const metrics = createGatewayMetrics(new Registry());
  if (mode === "metrics") return { metrics };
  const settings: TracingSettings = {
    endpoint: collector,
    headers: {},
    serviceName: "bench",
    sampler: "always_on",
    ratio: 1,
    hasDocuments: false,
    toldUpstreams: [],
  };
  return { metrics, tracing: await openTracing(settings, { log, told: SUBGRAPHS }), logsAccess: true };
}

const session = new Session();
const answers: Readonly<Record<string, () => string | Promise<string>>> = {
  heap() {
    globalThis.gc?.();
    return String(process.memoryUsage().heapUsed);
  },
  async profile() {
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: SAMPLE });
    await session.post("Profiler.start");
    return "started";
  },
  async profiled() {
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    return JSON.stringify(profile);
  },
};
process.on("message", async (message) => {
  process.send?.(await answers[String(message)]?.());
});
