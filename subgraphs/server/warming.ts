/**
 * What is asked when a model has a new version, before anybody needs it?
 *
 * Whatever present data would have asked: under a new version no answer counts any more, and trust begins anew (trust.ts), so the
 * first page after a deployment would wait for hundreds of calls. All that the model decides about is put into classes by the
 * table here, and asked class by class, those with the most members first; what answers already cover is left out. Clients come
 * first: a few are asked at a time, and only while the service has capacity to spare. Where it runs another table than the one
 * here, there are no classes, and it ends.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { FactTypes, FactsOf } from "../pipeline/decision.ts";
import { matchedRules } from "../pipeline/identity.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Model } from "../pipeline/models.ts";
import type { Facts } from "../pipeline/table/table.ts";
import { serviceContext } from "../platform/context.ts";
import { inBackground } from "../platform/facts/urgency.ts";
import type { Population } from "./populations.ts";

export interface Warming {
  /** A model has another version. Never rejects; later changes of the same model end it. */
  changed(model: string): Promise<void>;
  close(): Promise<void>;
}

export interface WarmingOptions {
  readonly pipeline: Pick<Pipeline, "decide" | "models" | "versions" | "trust" | "scheduler">;
  readonly populations: readonly Population[];
  /** Calls of the service for each new version; 0: nothing is asked. */
  readonly maxCalls: number;
  readonly log: Logger;
}

/** In the ledger. */
const CALLER = "warming";
/** Asked at once. */
const BATCH = 4;
/** Of each population: what is beyond them is asked when it is needed. */
const MAX_MEMBERS = 100_000;
/** Until it is looked again whether the service has capacity to spare. */
const PATIENCE_MS = 50;

interface Asked {
  readonly subject: string;
  readonly facts: Facts;
}

export function createWarming({ pipeline, populations, maxCalls, log }: WarmingOptions): Warming {
  const { decide, models, versions, trust, scheduler } = pipeline;
  /** By model. */
  const latest = new Map<string, object>();
  const running = new Set<Promise<void>>();
  let isClosed = false;

  return {
    changed(key) {
      const model = models.get(key);
      if (!model || maxCalls === 0 || isClosed) return Promise.resolve();
      const turn = {};
      latest.set(key, turn);
      const work = inBackground(() => warm(model, () => !isClosed && latest.get(key) === turn))
        .catch((error: unknown) => log.warn({ err: error, decision: key }, "not all of a new version is asked ahead"))
        .finally(() => running.delete(work));
      running.add(work);
      return work;
    },
    async close() {
      isClosed = true;
      await Promise.all(running);
    },
  };

  async function warm(model: Model, isLatest: () => boolean): Promise<void> {
    const { key } = model.decision;
    const classes = await classesOf(model, isLatest);
    const members = [...classes.entries()]
      .toSorted(([, left], [, right]) => right.length - left.length)
      .flatMap(([rules, asks]) => asks.map((ask) => ({ rules, ask })));
    let calls = 0;
    for (let next = 0; next < members.length && calls < maxCalls && isLatest() && trust.trusts(key);) {
      const version = versions.running(key);
      if (version === undefined) break;
      const batch: Asked[] = [];
      for (; next < members.length && batch.length < BATCH; next += 1) {
        const { rules, ask } = members[next] ?? {};
        if (rules !== undefined && ask && !trust.covers(key, version, rules, ask.facts)) batch.push(ask);
      }
      await spare(isLatest);
      calls += await askAll(model, batch);
    }
    log.info({ decision: key, classes: classes.size, members: members.length, calls }, "new version asked ahead");
  }

  /** By the rules that match, as far as facts are known. */
  async function classesOf(model: Model, isLatest: () => boolean): Promise<ReadonlyMap<string, readonly Asked[]>> {
    const { decision, compiled } = model;
    const classes = new Map<string, Asked[]>();
    const context = serviceContext(log, CALLER);
    for (const population of populations.filter(({ model: key }) => key === decision.key)) {
      // Those that were read before an upstream failed, or its limit was reached, are asked all the same.
      await addAll(population).catch((error: unknown) =>
        log.warn({ err: error, field: population.field }, "not all of a new version is asked ahead"),
      );
    }
    return classes;

    async function addAll({ members }: Population): Promise<void> {
      let count = 0;
      for await (const batch of members(context)) {
        for (const { subject, facts } of batch) {
          const rules = facts instanceof Error ? undefined : matchedRules(compiled, facts);
          if (facts instanceof Error || rules === undefined) continue;
          const others = classes.get(rules) ?? [];
          classes.set(rules, others);
          others.push({ subject, facts });
        }
        count += batch.length;
        await delay(0);
        if (count >= MAX_MEMBERS || !isLatest()) return;
      }
    }
  }

  async function spare(isLatest: () => boolean): Promise<void> {
    while (!scheduler.hasSpare && isLatest()) await delay(PATIENCE_MS, undefined, { ref: false });
  }

  /** How many of them the service answered. Each request has its own loaders: nothing is kept of earlier ones. */
  async function askAll({ decision }: Model, batch: readonly Asked[]): Promise<number> {
    const context = serviceContext(log, CALLER);
    const decided = await Promise.allSettled(
      batch.map(({ subject, facts }) =>
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- members have the facts of their decision
        decide(context, decision, facts as FactsOf<FactTypes>, subject),
      ),
    );
    const failed = decided.find((one) => one.status === "rejected");
    // Nobody waits for the others: whoever needs them gets the error, or an answer.
    if (failed && decided.every((one) => one.status === "rejected")) throw failed.reason;
    return decided.filter((one) => one.status === "fulfilled" && one.value.origin === "SERVICE").length;
  }
}
