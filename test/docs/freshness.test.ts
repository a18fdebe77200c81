/** docs/freshness.md has every kind of facts, with the times that it declares. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { expect, it } from "vitest";
import { createFacts } from "../../subgraphs/platform/facts/facts.ts";
import type { Facts } from "../../subgraphs/platform/facts/facts.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { connectUpstreams, upstreams } from "../../subgraphs/registry.ts";

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

function said(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms >= one && ms % one === 0) ?? ["millisecond", 1];
  return `${ms / size} ${unit}${ms === size ? "" : "s"}`;
}

it("docs/freshness.md says how long each fact is fresh and stale", async () => {
  const declared: string[] = [];
  const real = createFacts({ now: Date.now, log: pino({ enabled: false }) });
  const facts: Facts = {
    of(upstream, account) {
      const { kind } = real.of(upstream, account);
      return {
        kind(options) {
          const { entity, freshForMs, staleForMs } = options;
          declared.push(`| \`${upstream} ${entity}\` | ${said(freshForMs)} | ${said(staleForMs)} |`);
          return kind(options);
        },
      };
    },
  };
  const clients: { close(): Promise<unknown> }[] = [];
  const anywhere = { baseUrl: "http://127.0.0.1:9", tokenUrl: "http://127.0.0.1:9", url: "http://127.0.0.1:9" };
  const secret = `whsec_${Buffer.alloc(32).toString("base64")}`;
  const accounts = Object.values(upstreams).map(({ settings: { name } }) => [name, { ...anywhere, secret }]);
  connectUpstreams(Object.fromEntries(accounts), { facts }, (client) => (clients.push(client), client));
  await Promise.all(clients.map((client) => client.close()));
  const table = readFileSync(join(projectRoot(), "docs/freshness.md"), "utf8").match(/^\| `.*$/gm) ?? [];
  expect(table.map((row) => row.replaceAll(/ +/g, " ")).toSorted()).toEqual(declared.toSorted());
});
