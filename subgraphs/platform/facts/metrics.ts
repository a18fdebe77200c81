/** How often were facts known, and how often was an upstream asked? */
import { Counter } from "prom-client";
import type { Registry } from "prom-client";
import type { FactMetrics } from "./kind.ts";

/** Counts on this registry, once for each. */
export function createFactMetrics(registry: Registry): FactMetrics {
  const facts = new Counter({
    name: "decibel_facts_total",
    help: "Facts of upstreams that were asked for, by how they were known",
    labelNames: ["fact", "how"],
    registers: [registry],
  });
  return {
    answered(fact, how, count) {
      if (count > 0) facts.inc({ fact, how }, count);
    },
  };
}
