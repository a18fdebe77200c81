/**
 * What is known of the entities of one kind, how old may it be, and who has to ask the upstream?
 *
 * By entity, not by request: what is fresh is given from memory, or from the store that processes share; what is stale is
 * given too, and read anew behind the back of whoever asked; the rest of a batch is one read, which everybody joins who asks
 * for the same meanwhile. That an entity does not exist is known as well. A failed read is never kept. `drop` forgets what
 * we have changed ourselves, everywhere, and a read that was under way then is not kept either.
 */
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import { MAX_CLOCK_DIFFERENCE_MS, isFresh } from "../clock.ts";
import { ItemError } from "../items.ts";
import { createLru } from "../lru.ts";
import type { Results } from "../results.ts";
import { upstreamErrorIn } from "../upstream-error.ts";
import { spanHere, spanning } from "../tracing/span.ts";
import type { Span } from "../tracing/span.ts";
import { ALWAYS_WANTED, wantedHere, whileWanted } from "../wanted.ts";
import type { IsWanted } from "../wanted.ts";
import { ANY_GROUP } from "./shared.ts";
import type { SharedFact, SharedFacts } from "./shared.ts";
import { inBackground, isInBackground } from "./urgency.ts";

export interface KindOptions<Value> {
  /** Unique in its upstream: `campaign`. */
  readonly entity: string;
  /** The version of their shape, which other versions of this code may not know. */
  readonly shape: number;
  /** For how many milliseconds a value counts as what the upstream says now. 0: none is kept. */
  readonly freshForMs: number;
  /** For how many milliseconds more it is given while it is read anew. */
  readonly staleForMs: number;
  /** How many are kept in memory. */
  readonly max: number;
  /** Aligned with the keys, which are all different. */
  readonly load: (keys: readonly string[]) => Promise<Results<Value | MadeOfFacts<Value>>>;
  /** What is dropped together. Default: each key by itself. */
  readonly groupOf?: (key: string) => string;
  /** The id in the graph of whom a group is about; undefined where no decision uses it. Default: decisions on any use it. */
  readonly subjectOf?: (group: string) => string | undefined;
}

/** A value that was made of other facts: it is as old as the oldest of them. */
export class MadeOfFacts<Value> {
  readonly value: Value;
  readonly asOf: number;

  constructor(value: Value, asOf: number) {
    this.value = value;
    this.asOf = asOf;
  }
}

export interface Fact<Value> {
  readonly value: Value;
  /** When the read of it began, in milliseconds since the epoch. */
  readonly asOf: number;
  /** When it is no longer fresh. */
  readonly freshUntil: number;
}

export interface Kind<Value> {
  readonly name: string;
  /**
   * Aligned with the keys; an Error for each that could not be read. `anew` reads all of them from the upstream. What is not
   * wanted any more is not read; default: as it is wanted where `get` is called.
   */
  get(keys: readonly string[], anew?: boolean, isWanted?: IsWanted): Promise<Results<Fact<Value>>>;
  /** What is in memory and fresh. */
  peek(key: string): Fact<Value> | undefined;
  /** Keeps what another read tells of this kind, such as that of a list, and shares it, unless it was dropped meanwhile. */
  learn<Reply>(read: () => Promise<Reply>, told: (reply: Reply) => ReadonlyMap<string, Value>): Promise<Reply>;
  /** Forgets these groups, here and in every other process. */
  drop(groups: readonly string[]): Promise<void>;
  /** Forgets these groups here, or all: another process has changed them, or may have. */
  forget(groups?: readonly string[]): void;
}

export interface KindTools {
  /** `spotify-ads` */
  readonly upstream: string;
  /** Whose they are: facts of other accounts are others. */
  readonly account: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
  /** Between processes. Default: none. */
  readonly shared?: SharedFacts | undefined;
  readonly metrics?: FactMetrics | undefined;
  /** Tells every other process that these groups were dropped. */
  readonly announce: (kind: string, groups: readonly string[]) => Promise<void>;
  /** False while this process may miss what others announce: then nothing is kept. */
  readonly hears: () => boolean;
  /** Told of a subject whose facts are others than before, or may be; undefined for any. */
  readonly changed: (subject: string | undefined) => void;
}

export type FactSource = "fresh" | "stale" | "joined" | "shared" | "loaded" | "failed";

export interface FactMetrics {
  /** So many asks for facts of a kind were answered in this way. */
  answered(kind: string, how: FactSource, count: number): void;
}

interface Kept<Value> {
  readonly value: Value;
  readonly asOf: number;
  /** Without errors in place of what could not be read. */
  readonly isWhole: boolean;
}

interface Loading<Value> {
  /** Whoever joined, and whoever began. */
  readonly askers: IsWanted[];
  readonly answer: Promise<Fact<Value> | Error>;
  readonly settle: (answer: Fact<Value> | Error) => void;
  /** Nobody waited for it when it began. */
  readonly isBehind: boolean;
}
type Batch<Value> = ReadonlyMap<string, Loading<Value>>;

interface Reading {
  readonly asOf: number;
  readonly forgotten: Set<string>;
  isVoid: boolean;
}

/** How long stale ones are collected, so that they are read in few requests. */
const COLLECT_MS = 25;
/** After a read in the background that failed, unless the upstream says more. */
const PAUSE_MS = 2000;
/** An item that cannot be read is what the upstream says; it is asked for again soon, in case that was a mistake. */
const UNREADABLE_MS = 10_000;
/** Of what one list tells: a page, and not all that there is. */
const MAX_SHARED = 500;
/** Groups whose drop is remembered. */
const MAX_DROPPED = 10_000;

export function createKind<Value>(options: KindOptions<Value>, tools: KindTools): Kind<Value> {
  const { entity, freshForMs, staleForMs, load, groupOf = (key: string) => key, subjectOf } = options;
  const { upstream, account, now, log, shared, announce, hears, metrics, changed } = tools;
  const name = `${upstream} ${entity}`;
  const behind = freshForMs > 0 ? shared : undefined;
  const sharedName = `${name} ${options.shape} ${account}`;
  const memory = createLru<string, Kept<Value>>(options.max);
  const loading = new Map<string, Loading<Value>>();
  const readings = new Set<Reading>();
  const outdated = new Set<string>();
  /** When this process heard of the drop of a group: the store may have lost it. */
  const droppedAt = createLru<string, number>(MAX_DROPPED);
  let collecting: NodeJS.Timeout | undefined;
  /** After a read in the background that failed. */
  let pause = { at: 0, ms: 0 };

  return { name, get, peek, learn, drop, forget };

  function get(keys: readonly string[], anew = false, isWanted = wantedHere()): Promise<Results<Fact<Value>>> {
    const span = spanHere()?.begin(`facts ${name}`, {
      "decibel.upstream": upstream,
      "decibel.facts.keys": keys.length,
    });
    return spanning(span, () => getAll(keys, anew, isWanted, span));
  }

  async function getAll(
    keys: readonly string[],
    anew: boolean,
    isWanted: IsWanted,
    span: Span | undefined,
  ): Promise<Results<Fact<Value>>> {
    const answers = new Map<string, Fact<Value> | Promise<Fact<Value> | Error>>();
    const missing: string[] = [];
    const found = { fresh: 0, stale: 0, joined: 0 };
    const behindOthers: string[] = [];
    for (const key of new Set(keys)) {
      const kept = anew ? undefined : known(key);
      const running = anew ? undefined : joinable(key);
      if (kept && isCurrent(kept)) {
        found.fresh += 1;
        answers.set(key, factOf(kept));
      } else if (kept && isUsable(kept)) {
        found.stale += 1;
        answers.set(key, factOf(kept));
        if (!running) refresh(key);
      } else if (running) {
        found.joined += 1;
        running.askers.push(isWanted);
        answers.set(key, running.answer);
        if (running.isBehind && !isInBackground()) behindOthers.push(key);
      } else missing.push(key);
    }
    for (const how of ["fresh", "stale", "joined"] as const) metrics?.answered(name, how, found[how]);
    span?.set({
      "decibel.facts.fresh": found.fresh,
      "decibel.facts.stale": found.stale,
      "decibel.facts.joined": found.joined,
      "decibel.facts.missing": missing.length,
    });
    if (missing.length > 0) {
      // Before the first await: nobody else may begin to read the same in between.
      const batch = begin(missing, isWanted);
      for (const [key, { answer }] of batch) answers.set(key, answer);
      void fill(batch, anew ? "anew" : "stale allowed");
    }
    const all = await Promise.all([...answers].map(async ([key, answer]) => [key, await answer] as const));
    const byKey = new Map(all);
    // It may have given way to whoever waits, as this caller does.
    const gaveWay = behindOthers.filter((key) => isTooMany(byKey.get(key)));
    if (gaveWay.length > 0)
      for (const [index, fact] of (await getAll(gaveWay, false, isWanted, undefined)).entries())
        byKey.set(gaveWay[index] ?? "", fact);
    return keys.map((key) => byKey.get(key) ?? new RangeError(`${name} ${key} was not answered`));
  }

  /** What nobody waits for any more is not read to its end: whoever asks now begins anew. */
  function joinable(key: string): Loading<Value> | undefined {
    const running = loading.get(key);
    return running?.askers.some((isWanted) => isWanted()) ? running : undefined;
  }

  function begin(keys: readonly string[], isWanted: IsWanted, isBehind = isInBackground()): Batch<Value> {
    return new Map(
      keys.map((key) => {
        const { promise: answer, resolve: settle } = Promise.withResolvers<Fact<Value> | Error>();
        const begun: Loading<Value> = { askers: [isWanted], answer, settle, isBehind };
        loading.set(key, begun);
        return [key, begun];
      }),
    );
  }

  /** Settles every key of the batch, whatever happens. */
  async function fill(batch: Batch<Value>, may: "stale allowed" | "fresh only" | "anew"): Promise<void> {
    try {
      const keys = [...batch.keys()];
      const { facts, epochs } = (await behind?.read(sharedName, keys, keys.map(groupOf))) ?? NOTHING_SHARED;
      const open = keys.filter((key, index) => {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the name of its kind has the version of its shape
        const found = facts[index] as Pick<Kept<Value>, "value" | "asOf"> | undefined;
        const fact = found && !isOfBeforeDrop(key, found.asOf) ? { ...found, isWhole: true } : undefined;
        if (may === "anew" || !fact || !(isCurrent(fact) || (may === "stale allowed" && isUsable(fact)))) return true;
        if (isOpen(batch, key)) keep(key, fact);
        settle(batch, key, factOf(fact));
        metrics?.answered(name, isCurrent(fact) ? "shared" : "stale", 1);
        if (!isCurrent(fact)) refresh(key);
        return false;
      });
      if (open.length > 0) await read(batch, open, epochs);
    } catch (error) {
      for (const key of batch.keys()) settle(batch, key, error instanceof Error ? error : new Error(String(error)));
    }
  }

  async function read(batch: Batch<Value>, keys: readonly string[], epochs: readonly string[]): Promise<void> {
    const startedAt = now();
    const isWanted = (): boolean => keys.some((key) => batch.get(key)?.askers.some((asks) => asks()));
    const loaded = await whileWanted(isWanted, () => load(keys));
    const all = [...batch.keys()];
    const toShare: SharedFact[] = [];
    let failures = 0;
    for (const [index, key] of keys.entries()) {
      const one = loaded[index];
      if (one === undefined || one instanceof Error) {
        failures += 1;
        const leftOut = new RangeError(`${name} has to load every key, but ${key} was left out`);
        settle(batch, key, one instanceof Error ? one : leftOut);
        continue;
      }
      const { value, asOf } = one instanceof MadeOfFacts ? one : { value: one, asOf: startedAt };
      const kept = { value, asOf, isWhole: !hasErrors(value) };
      if (isOpen(batch, key)) {
        keep(key, kept);
        const epoch = epochs[all.indexOf(key)];
        if (epoch !== undefined && kept.isWhole) toShare.push({ key, value, asOf, epoch });
      }
      settle(batch, key, factOf(kept));
    }
    metrics?.answered(name, "loaded", keys.length - failures);
    metrics?.answered(name, "failed", failures);
    if (toShare.length > 0) await behind?.write(sharedName, toShare, freshForMs + staleForMs);
  }

  function settle(batch: Batch<Value>, key: string, answer: Fact<Value> | Error): void {
    if (isOpen(batch, key)) loading.delete(key);
    batch.get(key)?.settle(answer);
  }

  /** False once the key was dropped, or is read anew by somebody else. */
  function isOpen(batch: Batch<Value>, key: string): boolean {
    return loading.get(key) === batch.get(key);
  }

  /** Unless it is known by a later read. */
  function keep(key: string, kept: Kept<Value>): void {
    const before = memory.peek(key);
    const isOlder = before !== undefined && before.asOf <= now() && before.asOf > kept.asOf;
    if (isOlder || freshForMs === 0 || !hears()) return;
    memory.set(key, kept);
    if (before && isDecidedBy(groupOf(key)) && !isDeepStrictEqual(before.value, kept.value))
      tellChanged([groupOf(key)]);
  }

  function isDecidedBy(group: string): boolean {
    return !subjectOf || subjectOf(group) !== undefined;
  }

  function tellChanged(groups: readonly string[] | undefined): void {
    if (!groups || !subjectOf) return changed(undefined);
    for (const group of groups) {
      const subject = subjectOf(group);
      if (subject !== undefined) changed(subject);
    }
  }

  /** Collects for a moment, so that what became stale together is read together. */
  function refresh(key: string): void {
    if (isFresh(pause.at, pause.ms, now())) return;
    outdated.add(key);
    collecting ??= setTimeout(() => void refreshAll(), COLLECT_MS).unref();
  }

  async function refreshAll(): Promise<void> {
    const keys = [...outdated].filter((key) => !joinable(key));
    outdated.clear();
    collecting = undefined;
    if (keys.length === 0) return;
    const batch = begin(keys, ALWAYS_WANTED, true);
    await inBackground(() => fill(batch, "fresh only"));
    const answers = await Promise.all([...batch.values()].map(({ answer }) => answer));
    const failed = answers.find((answer) => answer instanceof Error && !(answer instanceof ItemError));
    if (!(failed instanceof Error)) return;
    pause = { at: now(), ms: Math.max(PAUSE_MS, upstreamErrorIn(failed)?.retryAfterMs ?? 0) };
    log.debug({ err: failed, kind: name }, "facts could not be refreshed, and are given as they were");
  }

  function peek(key: string): Fact<Value> | undefined {
    const kept = known(key);
    return kept && isCurrent(kept) ? factOf(kept) : undefined;
  }

  /** In memory, unless it may have been dropped since. */
  function known(key: string): Kept<Value> | undefined {
    return hears() ? memory.get(key) : undefined;
  }

  async function learn<Reply>(
    read: () => Promise<Reply>,
    told: (reply: Reply) => ReadonlyMap<string, Value>,
  ): Promise<Reply> {
    const reading: Reading = { asOf: now(), forgotten: new Set(), isVoid: false };
    readings.add(reading);
    try {
      const [epoch] = (await behind?.read(sharedName, [], [ANY_GROUP]))?.epochs ?? [];
      const reply = await read();
      if (reading.isVoid) return reply;
      const { asOf } = reading;
      const learned = [...told(reply)].filter(([key]) => !reading.forgotten.has(groupOf(key)));
      for (const [key, value] of learned) keep(key, { value, asOf, isWhole: !hasErrors(value) });
      if (epoch !== undefined && learned.length <= MAX_SHARED) void shareLearned(learned, asOf, epoch);
      return reply;
    } finally {
      readings.delete(reading);
    }
  }

  /** Unless anything of the kind was dropped since it was of this epoch: their groups' epochs may be later ones. */
  async function shareLearned(learned: readonly (readonly [string, Value])[], asOf: number, epoch: string) {
    const whole = learned.filter(([, value]) => !hasErrors(value));
    const groups = whole.map(([key]) => groupOf(key));
    if (groups.length === 0 || !behind) return;
    const { epochs } = await behind.read(sharedName, [], [...groups, ANY_GROUP]);
    if (epochs.at(-1) !== epoch) return;
    const facts = whole.map(([key, value], index) => ({ key, value, asOf, epoch: epochs[index] ?? epoch }));
    await behind.write(sharedName, facts, freshForMs + staleForMs);
  }

  async function drop(groups: readonly string[]): Promise<void> {
    if (groups.length === 0) return;
    leave(groups);
    try {
      await Promise.all([behind?.drop(sharedName, groups, freshForMs + staleForMs), announce(name, groups)]);
    } finally {
      tellChanged(groups);
    }
  }

  function forget(groups?: readonly string[]): void {
    leave(groups);
    tellChanged(groups);
  }

  function leave(groups?: readonly string[]): void {
    const dropped = groups && new Set(groups);
    const isDropped = (key: string): boolean => dropped?.has(groupOf(key)) ?? true;
    for (const group of groups ?? []) droppedAt.set(group, now());
    for (const key of memory.keys()) if (isDropped(key)) memory.delete(key);
    // Whoever waits for them still gets an answer, but it is not kept, and nobody joins any more.
    for (const key of loading.keys()) if (isDropped(key)) loading.delete(key);
    for (const reading of readings) {
      if (!groups) reading.isVoid = true;
      else for (const group of groups) reading.forgotten.add(group);
    }
  }

  /** By the clock of whoever read it. */
  function isOfBeforeDrop(key: string, asOf: number): boolean {
    const at = droppedAt.get(groupOf(key));
    return at !== undefined && isFresh(at, freshForMs + staleForMs, now()) && asOf < at + MAX_CLOCK_DIFFERENCE_MS;
  }

  function isCurrent({ isWhole, asOf }: Kept<Value>): boolean {
    return isFresh(asOf, freshTime(isWhole), now());
  }

  function freshTime(isWhole: boolean): number {
    return isWhole ? freshForMs : Math.min(UNREADABLE_MS, freshForMs);
  }

  function isUsable({ isWhole, asOf }: Kept<Value>): boolean {
    return isWhole && freshForMs > 0 && isFresh(asOf, freshForMs + staleForMs, now());
  }

  /** Another clock may have dated it ahead of this one. */
  function factOf({ value, asOf: dated, isWhole }: Kept<Value>): Fact<Value> {
    const asOf = Math.min(dated, now());
    return { value, asOf, freshUntil: asOf + freshTime(isWhole) };
  }
}

const NOTHING_SHARED = { facts: [], epochs: [] };

/** The limit, as the upstream or our own count of it says. */
function isTooMany(answer: unknown): boolean {
  return answer instanceof Error && upstreamErrorIn(answer)?.status === 429;
}

/** Errors stand in the place of single items of a list, and of single figures. */
function hasErrors(value: unknown): boolean {
  if (value instanceof Error) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasErrors);
}
