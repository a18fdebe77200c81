/**
 * Whose verdict has changed?
 *
 * Each subject that somebody watches is asked for again when something that its decision is made from may have changed: a
 * record or a fact of it or of its campaign, the version of its table, the time. It is asked for once, however many watch it.
 * Who watches it is told where the verdict is another one, and reads it for itself. A change on the way while a subject is
 * asked for asks again.
 */
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { withAllRights } from "../../subgraphs/platform/caller.ts";
import type { Event, Events } from "../../subgraphs/platform/events.ts";
import type { Subject } from "./subjects.ts";
import type { Decided, ReadVerdicts } from "./verdicts.ts";

export interface Watches {
  /** `changed` is called where the verdict may be another than before. */
  watch(subject: Subject, changed: () => void): Watching;
  close(): void;
}

export interface Watching {
  /** What the watcher has read after it began to watch: nobody has to ask again for that. */
  learn(decided: Decided): void;
  end(): void;
}

export interface WatchOptions {
  readonly events: Events;
  readonly read: ReadVerdicts;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Watch {
  readonly subject: Subject;
  readonly watchers: Set<() => void>;
  /** As it was read last; undefined until it could be. */
  decided: Decided | undefined;
  /** When it is asked for again, whatever happens, in milliseconds since the epoch. */
  dueAt: number;
}

const WATCHER = withAllRights("eligibility-watch");
/** For what changes without a word, such as opening hours, or an upstream. */
const MAX_AGE_MS = 60_000;
const LOOK_MS = 1000;
const RETRY_MS = 2000;
/** Subjects that are asked for at once. */
const MAX_SUBJECTS = 256;

export function createWatches({ events, read, log, now }: WatchOptions): Watches {
  const watches = new Map<string, Watch>();
  /** By the ids of subjects and campaigns. */
  const byId = new Map<string, Set<Watch>>();
  const disturbed = new Set<Watch>();
  let asking: Promise<void> | undefined;
  let looking: NodeJS.Timeout | undefined;
  const stopListening = events.listen(hear);

  return {
    watch(subject, changed) {
      const watch = watches.get(subject.key) ?? begin(subject);
      // Another object for each watcher: one may watch twice.
      const watcher = (): void => changed();
      watch.watchers.add(watcher);
      return {
        learn(decided) {
          watch.decided ??= decided;
          watch.dueAt = Math.min(watch.dueAt, dueAfter(decided));
        },
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
    const watch: Watch = { subject, watchers: new Set(), decided: undefined, dueAt: now() + MAX_AGE_MS };
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
    const time = now();
    disturb([...watches.values()].filter(({ dueAt }) => dueAt <= time));
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
        retry(batch);
      }
    }
  }

  async function ask(batch: readonly Watch[]): Promise<void> {
    const answers = await read(
      batch.map(({ subject }) => subject),
      WATCHER,
      randomUUID(),
    );
    const failed: Watch[] = [];
    for (const watch of batch) {
      const answer = answers.get(watch.subject);
      watch.dueAt = now() + MAX_AGE_MS;
      if (answer instanceof Error) failed.push(watch);
      if (!answer || answer instanceof Error) continue;
      const isOther = answer.verdict !== watch.decided?.verdict;
      watch.decided = answer;
      watch.dueAt = dueAfter(answer);
      if (isOther) for (const changed of watch.watchers) changed();
    }
    retry(failed);
  }

  function retry(failed: readonly Watch[]): void {
    if (failed.length === 0) return;
    setTimeout(() => disturb(failed.filter((watch) => watches.get(watch.subject.key) === watch)), RETRY_MS).unref();
  }

  function dueAfter({ expiresAt }: Decided): number {
    return Math.min(now() + MAX_AGE_MS, expiresAt === null ? Infinity : Number(new Date(expiresAt)) + 1);
  }
}

function idsOf({ id, campaignId }: Subject): readonly string[] {
  return campaignId === undefined ? [id] : [id, campaignId];
}
