/**
 * Which locations need attention, and in which order?
 *
 * Those whose verdict is not ALLOW, those whose licence needs an action, and those with priority 3 or more urgent. Those
 * that could not be decided come first, because they may be urgent; those that could not be read keep their place. All
 * locations are kept in our records with what was decided, also those that need no attention now: the time may change that.
 */
import type DataLoader from "dataloader";
import { locationId } from "../../../schema/id.ts";
import { worklistOf } from "../../../schema/worklist.ts";
import type { Ranking } from "../../../schema/worklist.ts";
import { DecisionError } from "../../pipeline/ask.ts";
import type { Questions } from "../../pipeline/questions.ts";
import { accountsFor, businessesIn } from "../../platform/accounts.ts";
import type { AccountsOf } from "../../platform/accounts.ts";
import { serviceContext } from "../../platform/context.ts";
import type { Context } from "../../platform/context.ts";
import { useFacts } from "../../platform/facts/used.ts";
import { ItemError, readable, reportUnreadable } from "../../platform/items.ts";
import { withoutErrors } from "../../platform/results.ts";
import { UpstreamError, upstreamCodeOf, upstreamErrorIn } from "../../platform/upstream-error.ts";
import type { LocationWorklistRecords, WorklistLocation } from "../../records/locations/types.ts";
import { createWorklist, isAnswered } from "../../records/worklists/worklist.ts";
import type { KeptWorklist, Next, WorklistOptions, WorklistWork } from "../../records/worklists/worklist.ts";
import type { SoundtrackAccount, SoundtrackLocation } from "../../sources/soundtrack/replies.ts";
import { decodeLocation, encodeLocation } from "../../sources/soundtrack/snapshot.ts";
import { locationPlayback, playbackChangesAt } from "../decisions/location-playback.ts";
import type { PlaybackDecision } from "../decisions/location-playback.ts";
import type { LocationServices } from "../services.ts";
import type { Escalation, KeepDecided } from "./escalations.ts";
import { toLocation } from "./location.ts";
import type { Location } from "./location.ts";

export const locationWorklist = worklistOf("locationWorklist");

export interface LocationWorklist extends KeptWorklist {
  /** By what is kept, once it can be shown. */
  readonly accountsOf: AccountsOf;
  /** What is kept of the caller's accounts, once it can be shown. */
  open(context: Context): Promise<Ranking<Location>>;
  /** Decides these locations anew, by what Soundtrack last said of them. Never rejects: what fails is decided later. */
  decide(locationIds: readonly string[]): Promise<void>;
}

export interface LocationWorklistTools extends WorklistOptions {
  readonly records: LocationWorklistRecords;
  /** Writes to the same records. */
  readonly keep: KeepDecided;
  readonly questions: Questions;
  /** When the running version of its table was first seen, in milliseconds since the epoch. */
  readonly changedAt: () => number;
}

/** What was read of a location. */
interface Read {
  readonly accountId: string;
  readonly source: SoundtrackLocation;
  /** In milliseconds since the epoch. */
  readonly asOf: number;
}

/** What accounts had, and why some could not be read. */
interface Swept {
  readonly count: number;
  readonly failures: readonly Error[];
}

const NAME = "locations";
/** In the ledger. */
const CALLER = "worklist";
const UNDECIDED = 0;
/** A less urgent location needs no attention for its priority alone. */
const LEAST_URGENT_PRIORITY = 3;
/** Decided together: the process does other work between two batches. */
const BATCH = 250;
/** One that could not be decided is decided again. */
const RETRY_MS = 15_000;

export function createLocationWorklist(services: LocationServices, tools: LocationWorklistTools): LocationWorklist {
  const { records } = tools;
  const work = workOf(services, tools);
  const kept = createWorklist(work, tools);
  return {
    ...kept,
    decide: work.decide,
    async accountsOf(ids) {
      await kept.ready();
      return records.accountsOf(ids);
    },
    async open(context) {
      const accounts = accountsFor(context);
      const businesses = accounts && businessesIn(accounts);
      const asOf = await kept.ready();
      const { location } = services.load(context);
      return {
        asOf,
        items: async (limit, after) =>
          Promise.all(
            (await records.items(limit, after, businesses)).map(async ({ position, node }) => ({
              position,
              node: node && (await shownAs(node, asOf, location)),
            })),
          ),
        hasUpTo: (place) => records.hasUpTo(place, businesses),
        count: () => records.count(businesses),
      };
    },
  };
}

/** null if it does not exist any more. A sweep has confirmed what has not been written since, unless it could not be read. */
async function shownAs(
  { locationId: id, location, asOf, error }: WorklistLocation,
  sweptAsOf: Date | null,
  loader: DataLoader<string, Location | null>,
): Promise<Location | null> {
  const source = decodeLocation(location);
  const isConfirmed = error?.startsWith("UPSTREAM_") !== true;
  const confirmedAt = isConfirmed ? Number(sweptAsOf ?? 0) : 0;
  return source ? toLocation(source, Math.max(Number(asOf), confirmedAt)) : loader.load(id);
}

function workOf(
  services: LocationServices,
  { records, keep, questions, log, changedAt }: LocationWorklistTools,
): WorklistWork & Pick<LocationWorklist, "decide"> {
  const { soundtrack, now } = services;
  /** When each account was read, in milliseconds since the epoch. */
  const readAt = new Map<string, number>();

  return {
    name: NAME,
    sweep,
    isDue: async () => (await records.due(new Date(now()), 1)).length > 0,
    async settle(next) {
      for (let due = await dueNow(); due.length > 0; due = await dueNow()) {
        await next();
        await decideAgain(due);
      }
    },
    changedAt,
    async decide(ids) {
      try {
        await decideAgain(await records.byIds(ids));
      } catch (error) {
        log.warn({ err: error, worklist: NAME }, "what a command changed could not be decided, and will be later");
      }
    },
  };

  async function sweep(next: Next): Promise<number | undefined> {
    const context = serviceContext(log, CALLER);
    const all = await soundtrack.accounts(context);
    // Those first that were read longest ago, or never: an upstream's limit may end a sweep before the last ones.
    const accounts = readable(log, all).toSorted(
      (left, right) => (readAt.get(left.id) ?? 0) - (readAt.get(right.id) ?? 0),
    );
    const swept: Swept[] = [];
    for (const group of groupsOf(accounts)) {
      await next();
      swept.push(await sweepAccounts(group, context, next));
    }
    const failures = swept.flatMap((one) => one.failures);
    const [first] = failures;
    // A list of which nothing can be read is not empty.
    if (first && swept.every(({ count }) => count === 0)) throw first;
    // That an upstream's limit is reached is no news: the next sweep goes on.
    const level = failures.every((error) => upstreamErrorIn(error)?.retryAfterMs !== undefined) ? "debug" : "warn";
    if (first) log[level]({ err: first, worklist: NAME }, "what could not be read keeps its place in a worklist");
    if (all.length === accounts.length) await records.removeOtherAccounts(accounts.map(({ id }) => id));
    return first ? undefined : context.used.asOf;
  }

  async function sweepAccounts(ids: readonly string[], context: Context, next: Next): Promise<Swept> {
    const lists = await soundtrack.locationsOf(context, ids);
    for (const [index, list] of lists.entries()) {
      if (!(list instanceof Error)) readAt.set(ids[index] ?? "", list.found[0]?.asOf ?? now());
    }
    const kept = await records.ofAccounts(ids.filter((_id, index) => !(lists[index] instanceof Error)));
    const unreadable = withoutErrors(lists).flatMap((list) => list.unreadable);
    reportUnreadable(log, unreadable);
    const found = latestOfEach(
      withoutErrors(lists).flatMap((list) =>
        list.found.map(({ location, position, asOf }) => ({ accountId: position.accountId, source: location, asOf })),
      ),
    );
    for (let start = 0; start < found.length; start += BATCH) {
      if (start > 0) await next();
      await decideAll(found.slice(start, start + BATCH), kept);
    }
    const foundIds = new Set(found.map(({ source }) => source.id));
    const missing = kept.filter((one) => !foundIds.has(one.locationId));
    // One that is not in a list which could not be read in full may still exist.
    if (unreadable.length > 0) await decideById(missing.slice(0, BATCH), context);
    else await records.remove(missing.map((one) => one.locationId));
    const failures = [...lists.filter((list) => list instanceof Error), ...unreadable.filter(isMoreThanAnItem)];
    return { count: found.length, failures };
  }

  async function decideById(kept: readonly WorklistLocation[], context: Context): Promise<void> {
    const facts = await useFacts(
      context,
      soundtrack.location,
      kept.map((one) => one.locationId),
    );
    const gone: string[] = [];
    const unread: WorklistLocation[] = [];
    const read: Read[] = [];
    for (const [index, one] of kept.entries()) {
      const fact = facts[index];
      if (fact === undefined || fact instanceof Error)
        unread.push({ ...one, dueAt: null, error: codeOf(fact), question: null, decidedAt: null });
      else if (fact.value === null) gone.push(one.locationId);
      else read.push({ accountId: one.accountId, source: fact.value, asOf: fact.asOf });
    }
    await records.remove(gone);
    // The next sweep reads them again.
    await records.put(unread);
    await decideAll(read, kept);
  }

  /** By what Soundtrack last said of them. */
  async function decideAgain(kept: readonly WorklistLocation[]): Promise<void> {
    const sources = kept.map((one) => decodeLocation(one.location));
    const read = kept.flatMap(({ accountId, asOf }, index): readonly Read[] => {
      const source = sources[index];
      return source ? [{ accountId, source, asOf: Number(asOf) }] : [];
    });
    await decideAll(read, kept);
    await decideById(
      kept.filter((_one, index) => !sources[index]),
      serviceContext(log, CALLER),
    );
  }

  function dueNow(): Promise<readonly WorklistLocation[]> {
    return records.due(new Date(now()), BATCH);
  }

  /** Writes what has changed. `kept` was read before anything that is decided by, so no later change is overwritten. */
  async function decideAll(read: readonly Read[], kept: readonly WorklistLocation[]): Promise<void> {
    const context = serviceContext(log, CALLER);
    const keptById = new Map(kept.map((one) => [one.locationId, one]));
    const decided = await Promise.all(read.map((one) => decideOne(one, keptById.get(one.source.id), context)));
    await keep(
      decided.flatMap(({ location, escalation }) => {
        const before = keptById.get(location.locationId);
        const after = { ...location, revision: before?.revision ?? 0 };
        return before && !escalation && isSame(before, after) ? [] : [after];
      }),
      decided.flatMap(({ escalation }) => escalation ?? []),
    );
  }

  async function decideOne(
    { accountId, source, asOf }: Read,
    kept: WorklistLocation | undefined,
    context: Context,
  ): Promise<Decided> {
    const profile = await services.load(context).profile.load(source.id);
    const { decision, ...ranked } = await orWhyNot(rankOf(source, kept, context));
    const changesAt = playbackChangesAt({ timezone: source.timezone, profile }, now());
    const dueAt = Math.min(changesAt ?? Infinity, ranked.error === null ? Infinity : now() + RETRY_MS);
    const location = {
      ...ranked,
      locationId: source.id,
      subject: locationId.encode(source.id),
      accountId,
      endsAt: Number(profile.licence?.expiresAt ?? Number.MAX_SAFE_INTEGER),
      location: encodeLocation(source),
      asOf: new Date(asOf),
      dueAt: dueAt === Infinity ? null : new Date(dueAt),
    };
    if (decision?.licenceAction !== "ESCALATE") return { location };
    return { location, escalation: { locationId: source.id, licence: profile.licence, decision } };
  }

  async function rankOf(
    source: SoundtrackLocation,
    kept: WorklistLocation | undefined,
    context: Context,
  ): Promise<Ranked> {
    const { key } = locationPlayback;
    const facts = await services.load(context).playback.load(source);
    if (kept && isAnswered({ ...kept, at: kept.decidedAt }, questions.of(key, facts), now())) {
      const { isListed, priority, error, question, decidedAt } = kept;
      return { isListed, priority, error, question, decidedAt };
    }
    const decided = await services.decide(context, locationPlayback, facts, locationId.encode(source.id));
    const question = questions.answered(key, facts, decided) ?? null;
    return {
      isListed: needsAttention(decided),
      priority: decided.priority,
      error: null,
      question,
      decidedAt: question === null ? null : new Date(now()),
      decision: decided,
    };
  }
}

/** One that has moved to another account is still in the list of the old one while that was read earlier. */
function latestOfEach(all: readonly Read[]): readonly Read[] {
  const latest = new Map<string, Read>();
  for (const one of all) {
    const other = latest.get(one.source.id);
    if (!other || one.asOf > other.asOf) latest.set(one.source.id, one);
  }
  return [...latest.values()];
}

interface Ranked extends Pick<WorklistLocation, "isListed" | "priority" | "error" | "question" | "decidedAt"> {
  /** Absent where it was not decided anew. */
  readonly decision?: Attention & Escalation["decision"];
}

interface Decided {
  readonly location: Omit<WorklistLocation, "revision">;
  readonly escalation?: Escalation;
}

/** The rank, or why the decision service or an upstream failed; other errors are rethrown. */
async function orWhyNot(ranked: Promise<Ranked>): Promise<Ranked> {
  try {
    return await ranked;
  } catch (error) {
    if (!(error instanceof DecisionError || error instanceof UpstreamError)) throw error;
    return { isListed: true, priority: UNDECIDED, error: codeOf(error), question: null, decidedAt: null };
  }
}

function codeOf(error: Error | undefined): string {
  if (error instanceof DecisionError) return error.code;
  return error instanceof UpstreamError ? upstreamCodeOf(error) : "UPSTREAM_UNAVAILABLE";
}

/** An account, say. */
function isMoreThanAnItem(error: Error): boolean {
  return !(error instanceof ItemError);
}

type Attention = Pick<PlaybackDecision, "eligible" | "licenceAction" | "priority">;

function needsAttention({ eligible, licenceAction, priority }: Attention): boolean {
  return !eligible || licenceAction !== "NONE" || priority <= LEAST_URGENT_PRIORITY;
}

/** When it was read does not count: a sweep confirms that. */
function isSame(before: WorklistLocation, after: WorklistLocation): boolean {
  return (
    before.subject === after.subject &&
    before.accountId === after.accountId &&
    before.isListed === after.isListed &&
    before.priority === after.priority &&
    before.endsAt === after.endsAt &&
    before.location === after.location &&
    before.error === after.error &&
    before.question === after.question &&
    Number(before.decidedAt) === Number(after.decidedAt) &&
    Number(before.dueAt) === Number(after.dueAt)
  );
}

/** Consecutive accounts with as many locations as fit a batch; one that is larger, or was not counted, is by itself. */
function groupsOf(accounts: readonly SoundtrackAccount[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let count = Infinity;
  for (const { id, locations } of accounts) {
    count += locations ?? BATCH;
    if (count > BATCH) {
      groups.push([]);
      count = locations ?? BATCH;
    }
    groups.at(-1)?.push(id);
  }
  return groups;
}
