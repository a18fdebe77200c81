/**
 * How are locations and sound zones read from Soundtrack, and how is a source assigned to a zone?
 *
 * Soundtrack lists the locations of one account; here all accounts are one list, in Soundtrack's order. Queries cost
 * tokens of a small budget, so a page is one query even across accounts (and one for those with many zones), and reads by id
 * are batched. What was read is known for a while, also of the locations of a page; the whole list, which may cost more tokens
 * than there are in minutes, for an hour, account by account, as far as tokens are left. The source of a zone is never known.
 */
import DataLoader from "dataloader";
import { z } from "zod";
import { locationId } from "../../../schema/id.ts";
import type { UpstreamFacts } from "../../platform/facts/facts.ts";
import { MadeOfFacts } from "../../platform/facts/kind.ts";
import type { Kind } from "../../platform/facts/kind.ts";
import { useFacts } from "../../platform/facts/used.ts";
import type { FactContext } from "../../platform/facts/used.ts";
import { requireAll, results, withoutErrors } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { assignSource } from "./assignment.ts";
import { failureOf, isForbidden, problemWithin } from "./connection.ts";
import type { SoundtrackAnswer, SoundtrackConnection } from "./connection.ts";
import { AccountsReply, LOCATION_FIELDS, LocationReply, NowPlayingReply } from "./replies.ts";
import type { SoundtrackAccount, SoundtrackLocation } from "./replies.ts";
import { readAliased } from "./aliases.ts";
import { withAllZones } from "./more-zones.ts";
import { LOCATION_SHAPE } from "./snapshot.ts";
import { PRICES } from "./prices.ts";
import { partsIn, partsOf, readParts } from "./walk.ts";
import type { AccountPart, AccountRead, LocationList, PartsRead, PlacedLocation, SoundtrackPosition } from "./walk.ts";

/** All methods reject with an `UpstreamError`. */
export interface Soundtrack {
  /** In the order of their names. */
  accounts(context: FactContext): Promise<Results<SoundtrackAccount>>;
  /** Up to `first` locations after a position, or from the start; fewer only at the end. */
  locations(context: FactContext, range: LocationRange): Promise<DatedLocations>;
  /** The whole list. */
  everyLocation(context: FactContext): Promise<DatedLocations>;
  /** All locations of these accounts, aligned; an Error for each whose list cannot be read. */
  locationsOf(context: FactContext, accountIds: readonly string[]): Promise<Results<DatedLocations>>;
  /** By id; null if it does not exist, or is not accessible. */
  readonly location: Kind<SoundtrackLocation | null>;
  /** The titles that play in sound zones, null if nothing plays. Aligned with the ids. */
  nowPlaying(zoneIds: readonly string[]): Promise<Results<string | null>>;
  /**
   * After the current track, the zones play from this source: the id of a playlist or a schedule in Soundtrack. UNCHANGED if
   * all of them do already. Rejects with status 404 if a zone or the source does not exist; a source that `isNew` is awaited.
   */
  assignSource(zoneIds: readonly string[], source: string, isNew?: boolean): Promise<"CHANGED" | "UNCHANGED">;
  close(): Promise<void>;
}

export interface LocationRange {
  readonly first: number;
  readonly after?: SoundtrackPosition | undefined;
}

export interface DatedLocations extends LocationList {
  readonly found: readonly DatedLocation[];
}
export interface DatedLocation extends PlacedLocation {
  /** When it was read, in milliseconds since the epoch. */
  readonly asOf: number;
}

const MINUTE_MS = 60_000;
/** Of locations and pages, which cost few tokens. */
const CHEAP = { shape: LOCATION_SHAPE, freshForMs: MINUTE_MS, staleForMs: 10 * MINUTE_MS };
/** Of what costs many. */
const DEAR = { shape: LOCATION_SHAPE, freshForMs: MINUTE_MS, staleForMs: 60 * MINUTE_MS };
/** About 1 KB each. */
const MAX_LOCATIONS = 50_000;
const MAX_PAGES = 500;
const MAX_ACCOUNTS = 10_000;
const ACCOUNTS_PER_PAGE = 100;
const MAX_IDS_PER_QUERY = 100;
const MAX_LOCATIONS_PER_QUERY = 250;
/** A malformed id is not sent. */
const ID = /^[\w+/-]{1,256}={0,2}$/;
const ALL = "";
/** What lists say of locations is told of each. */
const NOBODY = (): undefined => undefined;
/** Locations of which at least one is accessible, if our account may read any. */
const SOME = 10;

export function createSoundtrack(soundtrack: SoundtrackConnection, { kind }: UpstreamFacts): Soundtrack {
  // Reads in the same tick share a query, across requests.
  const byId = new DataLoader<string, SoundtrackLocation | null>((ids) => readById(soundtrack, ids), {
    cache: false,
    maxBatchSize: MAX_IDS_PER_QUERY,
  });
  const playing = new DataLoader<string, string | null>((ids) => readNowPlaying(soundtrack, ids), {
    cache: false,
    maxBatchSize: MAX_IDS_PER_QUERY,
  });
  /** Of any location: refusals at the same time share it. */
  let reading: Promise<unknown> | undefined;
  const accountList = kind<Results<SoundtrackAccount>>({
    entity: "accounts",
    subjectOf: NOBODY,
    shape: 1,
    freshForMs: 5 * MINUTE_MS,
    staleForMs: 60 * MINUTE_MS,
    max: 1,
    load: async () => [await readAccounts(soundtrack)],
  });
  const location = kind<SoundtrackLocation | null>({
    entity: "location",
    subjectOf: (id) => locationId.encode(id),
    ...CHEAP,
    max: MAX_LOCATIONS,
    load: async (ids) => unlessNothingIsAccessible(await resultsById(ids, (id) => byId.load(id))),
  });
  const page = kind<LocationList>({
    entity: "location page",
    subjectOf: NOBODY,
    ...CHEAP,
    max: MAX_PAGES,
    load: (keys) => results(keys.map(readPage)),
  });
  const ofAccount: Kind<LocationList> = kind({
    entity: "locations of an account",
    subjectOf: NOBODY,
    ...DEAR,
    max: MAX_ACCOUNTS,
    load: async (ids) => {
      const known = new Map(withoutErrors(await knownAccounts()).map((account) => [account.id, account]));
      // One that was deleted meanwhile has none.
      const accounts = ids.map((id) => known.get(id) ?? { id, locations: 0 });
      return location.learn(() => readWhole(accounts), locationsInAll);
    },
  });

  return {
    accounts: async (context) => {
      const [all] = requireAll(await useFacts(context, accountList, [ALL]));
      return all?.value ?? [];
    },
    async locations(context, { first, after }) {
      const [fact] = requireAll(await useFacts(context, page, [JSON.stringify([first, after ?? null])]));
      if (!fact) throw new RangeError("a key has a fact");
      return dated(fact.value, fact.asOf);
    },
    async everyLocation(context) {
      const [accounts] = requireAll(await useFacts(context, accountList, [ALL]));
      const all = accounts?.value ?? [];
      const ids = withoutErrors(all).map(({ id }) => id);
      const whole = requireAll(await locationsOf(context, ids));
      return requireSome({
        found: whole.flatMap(({ found }) => found),
        unreadable: [...errorsOf(all), ...whole.flatMap(({ unreadable }) => unreadable)],
      });
    },
    locationsOf,
    location,
    nowPlaying: async (zoneIds) => (await resultsById(zoneIds, (id) => playing.load(id))).map(absentIfForbidden),
    assignSource: (zoneIds, source, isNew = false) => assignSource(soundtrack, zoneIds, source, isNew),
    close: () => soundtrack.close(),
  };

  /** With null for what is not accessible, if anything is. */
  async function unlessNothingIsAccessible<T>(read: Results<T | null>): Promise<Results<T | null>> {
    const isSomeForbidden = read.some(isForbidden);
    const isSomeFound = read.some((one) => one !== null && !(one instanceof Error));
    // Rejects if no location of our accounts is accessible.
    if (isSomeForbidden && !isSomeFound) await (reading ??= readSome().finally(() => (reading = undefined)));
    return read.map(absentIfForbidden);
  }

  async function readSome(): Promise<void> {
    const parts = partsOf(withoutErrors(await knownAccounts()), undefined, SOME);
    if (parts.length > 0) requireSome(await readParts(soundtrack, parts));
  }

  async function locationsOf(context: FactContext, accountIds: readonly string[]): Promise<Results<DatedLocations>> {
    const facts = await useFacts(context, ofAccount, accountIds);
    return facts.map((fact) => (fact instanceof Error ? fact : dated(fact.value, fact.asOf)));
  }

  async function knownAccounts(): Promise<Results<SoundtrackAccount>> {
    const [all] = requireAll(await accountList.get([ALL]));
    return all?.value ?? [];
  }

  async function readPage(key: string): Promise<LocationList | MadeOfFacts<LocationList>> {
    let asOf = Infinity;
    const list = await location.learn(
      () => readRange(rangeOf(key), (at) => void (asOf = Math.min(asOf, at))),
      // What was known tells nothing new.
      (read) => (asOf === Infinity ? locationsIn(read) : new Map()),
    );
    return asOf === Infinity ? list : new MadeOfFacts(list, asOf);
  }

  /** `known` is told how old what it takes from whole accounts is; without it, it takes nothing from there. */
  async function readRange({ first, after }: LocationRange, known?: (asOf: number) => void): Promise<LocationList> {
    const all = await knownAccounts();
    const { found, unreadable } = await take(withoutErrors(all), first, after, known);
    return requireSome({ found, unreadable: [...errorsOf(all), ...unreadable] });
  }

  function locationsPerQuery(): number {
    return Math.min(MAX_LOCATIONS_PER_QUERY, soundtrack.piece("locations", PRICES.location));
  }

  /** One query a round; a second round only for accounts that have shrunk, and for long lists. */
  async function take(
    of: readonly SoundtrackAccount[],
    first: number,
    after: SoundtrackPosition | undefined,
    known?: (asOf: number) => void,
  ): Promise<Omit<PartsRead, "end">> {
    const found: PlacedLocation[] = [];
    const unreadable: Error[] = [];
    const accounts: AccountRead[] = [];
    for (let position = after; found.length < first;) {
      const parts = partsOf(of, position, Math.min(first - found.length, locationsPerQuery()));
      if (parts.length === 0) break;
      const read = (known && remembered(parts, known)) ?? (await readParts(soundtrack, parts));
      accounts.push(...read.accounts);
      found.push(...read.found);
      unreadable.push(...read.unreadable);
      position = read.end;
      // Nor will the rest be accessible.
      if (found.length === 0 && unreadable.length > 0 && unreadable.every(isForbidden)) break;
    }
    return { found, unreadable, accounts };
  }

  /** Parts of accounts that were read as a whole: they cost nothing. */
  function remembered(parts: readonly AccountPart[], known: (asOf: number) => void): PartsRead | undefined {
    const facts = parts.flatMap(({ accountId }) => ofAccount.peek(accountId) ?? []);
    if (facts.length < parts.length) return undefined;
    for (const { asOf } of facts) known(asOf);
    return partsIn(
      facts.map(({ value }) => value),
      parts,
    );
  }

  /** Aligned. In groups of accounts: they do not wait for each other, and a failure of one keeps the results of the others. */
  async function readWhole(of: readonly SoundtrackAccount[]): Promise<Results<LocationList>> {
    const groups = accountGroups(of);
    const read = await results(groups.map(readGroup));
    return groups.flatMap((group, index): Results<LocationList> => {
      const lists = read[index];
      return lists instanceof Error ? group.map(() => lists) : (lists ?? []);
    });
  }

  async function readGroup(group: readonly SoundtrackAccount[]): Promise<Results<LocationList>> {
    const { found, unreadable, accounts } = await take(group, Infinity, undefined);
    const byId = Map.groupBy(found, ({ position }) => position.accountId);
    const readOf = Map.groupBy(accounts, ({ accountId }) => accountId);
    return results(
      group.map(async ({ id, locations }): Promise<LocationList> => {
        const own = readOf.get(id) ?? [];
        // It was left out for the same reason as those before it.
        if (own.length === 0 && locations !== 0) return { found: [], unreadable };
        const more = own.at(-1)?.more;
        // What has come to it since they were counted may be before what was read.
        if (more !== undefined) return listOf(await take([{ id, locations: more }], Infinity, undefined));
        return { found: byId.get(id) ?? [], unreadable: own.flatMap((one) => one.unreadable) };
      }),
    );
  }
}

/** Consecutive accounts, as many as fit one query; one that is too large, or was not counted, is a group of its own. */
function accountGroups(accounts: readonly SoundtrackAccount[]): readonly (readonly SoundtrackAccount[])[] {
  const groups: SoundtrackAccount[][] = [];
  let count = Infinity;
  for (const account of accounts) {
    const locations = account.locations ?? MAX_LOCATIONS_PER_QUERY;
    count += locations;
    if (count > MAX_LOCATIONS_PER_QUERY) {
      groups.push([]);
      count = locations;
    }
    groups.at(-1)?.push(account);
  }
  return groups;
}

async function readAccounts({ ask }: SoundtrackConnection): Promise<Results<SoundtrackAccount>> {
  const accounts: (SoundtrackAccount | Error)[] = [];
  for (let after: string | null = null, read = 0; ;) {
    const answer: SoundtrackAnswer<z.infer<typeof AccountsReply>> = await ask({
      text: `query ($first: Int!, $after: String) {
        me { ... on PublicAPIClient { accounts(first: $first, after: $after) {
          total
          edges { cursor node { id locations(first: 1) { total } } }
        } } }
      }`,
      variables: { first: ACCOUNTS_PER_PAGE, after },
      data: AccountsReply,
      kind: "accounts",
      tokens: ACCOUNTS_PER_PAGE * PRICES.account,
    });
    const list = answer.data.me?.accounts;
    // Whatever is wrong with `me`, forbidden or not found, is wrong with the whole list.
    if (!list) throw failureOf(answer.errors.find(({ path }) => path[0] === "me") ?? answer.errors[0]);
    const { total, edges } = list;
    for (const [index, { node }] of edges.entries()) {
      const account = node ?? problemWithin(["me", "accounts", "edges", index], answer.errors);
      if (account !== null) accounts.push(account);
    }
    read += edges.length;
    after = edges.findLast(({ cursor }) => cursor !== null)?.cursor ?? null;
    const isLast = total === null ? edges.length < ACCOUNTS_PER_PAGE : read >= total;
    if (isLast || after === null) return withoutForbidden(accounts);
  }
}

async function readById(connection: SoundtrackConnection, ids: readonly string[]) {
  const read = await readAliased(connection, {
    kind: "locations by id",
    ids,
    field: (id) => `location(id: ${id}) { ...LocationFields account { businessName } }`,
    object: "location",
    schema: LocationReply,
    fragments: LOCATION_FIELDS,
    tokens: ids.length * PRICES.locationById,
  });
  const starts = read.flatMap((one) => (one === null || one instanceof Error ? [] : [one]));
  const complete = await withAllZones(connection, starts);
  const byStart = new Map(starts.map((start, index) => [start, complete[index] ?? start.location]));
  return read.map((one) => (one === null || one instanceof Error ? one : (byStart.get(one) ?? one.location)));
}

function readNowPlaying(connection: SoundtrackConnection, ids: readonly string[]) {
  return readAliased(connection, {
    kind: "now playing",
    ids,
    field: (id) => `nowPlaying(soundZone: ${id}) { track { title } }`,
    object: "sound zone",
    schema: NowPlayingReply,
    tokens: ids.length * PRICES.nowPlaying,
  });
}

const Range = z.tuple([
  z.number(),
  z.object({ accountId: z.string(), cursor: z.string().nullable(), passed: z.number() }).nullable(),
]);

function rangeOf(key: string): LocationRange {
  const [first, after] = Range.parse(JSON.parse(key));
  return { first, after: after ?? undefined };
}

function dated({ found, unreadable }: LocationList, asOf: number): DatedLocations {
  return { found: found.map((placed) => ({ ...placed, asOf })), unreadable };
}

function listOf({ found, unreadable }: LocationList): LocationList {
  return { found, unreadable };
}

function locationsIn({ found }: LocationList): ReadonlyMap<string, SoundtrackLocation> {
  return new Map(found.map(({ location }) => [location.id, location]));
}

function locationsInAll(lists: Results<LocationList>): ReadonlyMap<string, SoundtrackLocation> {
  return new Map(withoutErrors(lists).flatMap((list) => Array.from(locationsIn(list))));
}

/** A list of which nothing can be read is not empty. What is not accessible is left out, if anything is. */
function requireSome<List extends LocationList>(list: List): List {
  const [first] = list.unreadable;
  if (first && list.found.length === 0) throw first;
  return { ...list, unreadable: list.unreadable.filter((error) => !isForbidden(error)) };
}

function withoutForbidden<T>(all: Results<T>): Results<T> {
  return all.every((one) => one instanceof Error) ? all : all.filter((one) => !isForbidden(one));
}

function absentIfForbidden<T>(result: T | null | Error): T | null | Error {
  return isForbidden(result) ? null : result;
}

function errorsOf(all: Results<unknown>): readonly Error[] {
  return all.filter((one) => one instanceof Error);
}

/** Aligned with the ids. */
function resultsById<T>(ids: readonly string[], load: (id: string) => Promise<T | null>): Promise<Results<T | null>> {
  return results(ids.map((id) => (ID.test(id) ? load(id) : Promise.resolve(null))));
}
