/**
 * Whose verdict has changed?
 *
 * Each subject that somebody watches is asked for again when something that its decision is made from may have changed: a
 * record or a fact of it or of its campaign, the version of its table, the time. It is asked for once, however many watch it.
 * Who knows another verdict is told so, and reads it for itself: it may be answered by another replica, which has heard of
 * the change later. A change on the way while a subject is asked for asks again, and so does what could not be answered, less
 * and less often.
 */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { withAllRights } from "../../subgraphs/platform/caller.ts";
import type { Clock } from "../../subgraphs/platform/clock.ts";
import type { Event, Events } from "../../subgraphs/platform/events.ts";
import type { Verdict } from "../../schema/verdict.ts";
import type { Subject } from "./subjects.ts";
import type { Decided, ReadVerdicts } from "./verdicts.ts";

export interface Watches {
  watch(subject: Subject, watcher: Watcher): Watching;
  close(): void;
}

export interface Watcher {
  /** What it knows; null where it knows none. */
  verdict(): Verdict | null;
  /** Called where that may not hold any more. */
  changed(): void;
}

export interface Watching {
  /** What the watcher has read after it began to watch: nobody has to ask again for that. */
  learn(decided: Decided): void;
  /** It could not be read: it is asked for again soon. */
  failed(): void;
  end(): void;
}

export interface WatchOptions extends Clock {
  readonly events: Events;
  readonly read: ReadVerdicts;
  readonly log: Logger;
}

interface Watch {
  readonly subject: Subject;
  readonly watchers: Set<Watcher>;
  /** As it was read last; undefined until it could be. */
  decided: Decided | undefined;
  /** By `elapsed`. */
  askedAt: number;
  /** In sequence. */
  failures: number;
  /** It is asked for again after the last one. */
  isRetried: boolean;
}

const WATCHER = withAllRights("eligibility-watch");
/** For what changes without a word, such as opening hours, or an upstream. */
const MAX_AGE_MS = 60_000;
const LOOK_MS = 1000;
/** After a failure; it doubles with each. */
const RETRY_MS = 2000;
const MAX_RETRY_MS = 30_000;
/** Subjects that are asked for at once. */
const MAX_SUBJECTS = 256;

export function createWatches({ events, read, log, now, elapsed }: WatchOptions): Watches {
  const watches = new Map<string, Watch>();
  /** By the ids of subjects and campaigns. */
  const byId = new Map<string, Set<Watch>>();
  const disturbed = new Set<Watch>();
  let asking: Promise<void> | undefined;
  let looking: NodeJS.Timeout | undefined;
  const stopListening = events.listen(hear);

  return {
    watch(subject, watcher) {
      const watch = watches.get(subject.key) ?? begin(subject);
      watch.watchers.add(watcher);
      return {
        learn: (decided) => void (watch.decided ??= decided),
        failed: () => failed([watch]),
        end() {
          watch.watchers.delete(watcher);
          if (watch.watchers.size === 0 && watches.get(subject.key) === watch) forget(watch);
        },
      };
    },
    close() {
      stopListening();
      clearInterval(looking);
    },
  };

  function begin(subject: Subject): Watch {
    const watch: Watch = {
      subject,
      watchers: new Set(),
      decided: undefined,
      askedAt: elapsed(),
      failures: 0,
      isRetried: false,
    };
    watches.set(subject.key, watch);
    for (const id of idsOf(subject)) byId.set(id, (byId.get(id) ?? new Set()).add(watch));
    looking ??= setInterval(look, LOOK_MS).unref();
    return watch;
  }

  function forget(watch: Watch): void {
    watches.delete(watch.subject.key);
    disturbed.delete(watch);
    for (const id of idsOf(watch.subject)) {
      const others = byId.get(id);
      others?.delete(watch);
      if (others?.size === 0) byId.delete(id);
    }
    if (watches.size > 0) return;
    clearInterval(looking);
    looking = undefined;
  }

  function hear(event: Event): void {
    if (event.kind === "missed" || (event.kind === "factsChanged" && event.subject === undefined)) {
      disturb(watches.values());
    } else if (event.kind === "factsChanged") {
      disturb(byId.get(event.subject ?? "") ?? []);
    } else if (event.kind === "modelChanged") {
      disturb([...watches.values()].filter(({ decided }) => (decided?.model.key ?? event.model) === event.model));
    }
  }

  function look(): void {
    disturb([...watches.values()].filter((watch) => !watch.isRetried && isDue(watch)));
  }

  function isDue({ decided, askedAt }: Watch): boolean {
    const ageMs = elapsed() - askedAt;
    if (ageMs >= MAX_AGE_MS) return true;
    const expiresAt = decided?.expiresAt ?? null;
    // One that is told although it has expired is asked for again, but not at each look.
    return expiresAt !== null && Number(new Date(expiresAt)) < now() && ageMs >= RETRY_MS;
  }

  function disturb(all: Iterable<Watch>): void {
    for (const watch of all) disturbed.add(watch);
    if (disturbed.size > 0) asking ??= askAll().finally(() => (asking = undefined));
  }

  async function askAll(): Promise<void> {
    // What is told together is asked together.
    await new Promise(setImmediate);
    while (disturbed.size > 0) {
      const batch = [...disturbed].slice(0, MAX_SUBJECTS);
      for (const watch of batch) disturbed.delete(watch);
      try {
        await ask(batch);
      } catch (error) {
        log.error({ err: error, subjects: batch.length }, "watched subjects could not be asked for: trying again");
        failed(batch);
      }
    }
  }

  async function ask(batch: readonly Watch[]): Promise<void> {
    const answers = await read(
      batch.map(({ subject }) => subject),
      WATCHER,
      randomUUID(),
    );
    const unanswered: Watch[] = [];
    for (const watch of batch) {
      const answer = answers.get(watch.subject);
      watch.askedAt = elapsed();
      if (answer instanceof Error) {
        unanswered.push(watch);
        continue;
      }
      watch.failures = 0;
      if (!answer) continue;
      watch.decided = answer;
      for (const watcher of watch.watchers) if (watcher.verdict() !== answer.verdict) watcher.changed();
    }
    failed(unanswered);
  }

  /** Those that have failed as often are asked for again together. */
  function failed(all: readonly Watch[]): void {
    const others = all.filter((watch) => !watch.isRetried);
    for (const watch of others) {
      watch.isRetried = true;
      watch.failures += 1;
    }
    for (const [failures, some] of Map.groupBy(others, (watch) => watch.failures)) {
      const again = (): void => {
        for (const watch of some) watch.isRetried = false;
        disturb(some.filter((watch) => watches.get(watch.subject.key) === watch));
      };
      setTimeout(again, Math.min(RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS)).unref();
    }
  }
}

function idsOf({ id, campaignId }: Subject): readonly string[] {
  return campaignId === undefined ? [id] : [id, campaignId];
}
