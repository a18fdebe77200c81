/**
 * How are locations and sound zones read from Soundtrack, and how is a source assigned to a zone?
 *
 * Soundtrack lists the locations of one account; here all accounts are one list, in Soundtrack's order. Queries cost
 * tokens of a small budget, so a page is one query even across accounts (and one for those with many zones), reads by id are
 * batched, and reads are cached (`ttlMs`, and for the whole list at least until the tokens for it are there again): the
 * price is a result that old. The source of a zone is never cached.
 */
import DataLoader from "dataloader";
import type { z } from "zod";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { monotonic } from "../../platform/clock.ts";
import { createLoadCache } from "../../platform/load-cache.ts";
import { requireAll, results, withoutErrors } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import { assignSource } from "./assignment.ts";
import { connectSoundtrack, failureOf, problemWithin } from "./connection.ts";
import type { SoundtrackAnswer, SoundtrackConnection, SoundtrackOptions } from "./connection.ts";
import { AccountsReply, LOCATION_FIELDS, LocationReply, NowPlayingReply } from "./replies.ts";
import type { SoundtrackAccount, SoundtrackLocation } from "./replies.ts";
import { readAliased } from "./aliases.ts";
import { withAllZones } from "./more-zones.ts";
import { PRICES } from "./prices.ts";
import { partsOf, readParts } from "./walk.ts";
import type { LocationList, PlacedLocation, SoundtrackPosition } from "./walk.ts";

/** All methods reject with an `UpstreamError`. */
export interface Soundtrack {
  /** In the order of their names. */
  accounts(): Promise<Results<SoundtrackAccount>>;
  /** Up to `first` locations after a position, or from the start; fewer only at the end. */
  locations(part: { readonly first: number; readonly after?: SoundtrackPosition | undefined }): Promise<LocationList>;
  /** The whole list. */
  everyLocation(): Promise<LocationList>;
  /** Aligned with the ids: null if it does not exist, or its error. */
  locationsById(ids: readonly string[]): Promise<Results<SoundtrackLocation | null>>;
  /** The titles that play in sound zones, null if nothing plays. Aligned as `locationsById`. */
  nowPlaying(zoneIds: readonly string[]): Promise<Results<string | null>>;
  /**
   * After the current track, the zones play from this source: the id of a playlist or a schedule in Soundtrack. UNCHANGED if
   * all of them do already. Rejects with status 404 if a zone or the source does not exist.
   */
  assignSource(zoneIds: readonly string[], source: string): Promise<"CHANGED" | "UNCHANGED">;
  close(): Promise<void>;
}

const ACCOUNTS_TTL_MS = 5 * 60_000;
/** About 1 KB each. */
const MAX_LOCATIONS = 10_000;
const MAX_PAGES = 200;
const ACCOUNTS_PER_PAGE = 100;
const MAX_IDS_PER_QUERY = 100;
const MAX_LOCATIONS_PER_QUERY = 250;
/** A malformed id is not sent. */
const ID = /^[\w+/-]{1,256}={0,2}$/;

export function createSoundtrack(options: SoundtrackOptions): Soundtrack {
  const { now = monotonic, ttlMs = 60_000 } = options;
  const soundtrack = connectSoundtrack(options);
  /** Of the whole list, as documented. */
  let allTokens = 0;
  const index = createLoadCache<Results<SoundtrackAccount>>({ ttlMs: ACCOUNTS_TTL_MS, maxEntries: 1, now });
  const pages = createLoadCache<LocationList>({ ttlMs, maxEntries: MAX_PAGES, now });
  const groups = createLoadCache<LocationList>({
    ttlMs: () => Math.max(ttlMs, ttlMs && soundtrack.refillMs("locations", allTokens)),
    maxEntries: MAX_LOCATIONS,
    now,
  });
  const singles = createLoadCache<SoundtrackLocation | null>({ ttlMs, maxEntries: MAX_LOCATIONS, now });
  // Reads in the same tick share a query, across requests.
  const byId = new DataLoader<string, SoundtrackLocation | null>((ids) => readById(soundtrack, ids), {
    cache: false,
    maxBatchSize: MAX_IDS_PER_QUERY,
  });
  const playing = new DataLoader<string, string | null>((ids) => readNowPlaying(soundtrack, ids), {
    cache: false,
    maxBatchSize: MAX_IDS_PER_QUERY,
  });

  return {
    accounts,
    locations: ({ first, after }) =>
      pages.getOrLoad("", JSON.stringify([first, after]), async () => {
        const all = await accounts();
        const { found, unreadable } = await take(withoutErrors(all), first, after);
        return requireSome({ found, unreadable: [...errorsOf(all), ...unreadable] });
      }),
    everyLocation,
    locationsById: (ids) => resultsById(ids, (id) => singles.getOrLoad("", id, () => byId.load(id))),
    nowPlaying: (zoneIds) => resultsById(zoneIds, (id) => playing.load(id)),
    assignSource: (zoneIds, source) => assignSource(soundtrack, zoneIds, source),
    close: () => soundtrack.close(),
  };

  function accounts(): Promise<Results<SoundtrackAccount>> {
    return index.getOrLoad("", "", () => readAccounts(soundtrack));
  }

  function locationsPerQuery(): number {
    return Math.min(MAX_LOCATIONS_PER_QUERY, soundtrack.piece("locations", PRICES.location));
  }

  /** One query a round; a second round only for accounts that have shrunk, and for long lists. */
  async function take(
    of: readonly SoundtrackAccount[],
    first: number,
    after: SoundtrackPosition | undefined,
  ): Promise<LocationList> {
    const found: PlacedLocation[] = [];
    const unreadable: Error[] = [];
    for (let position = after; found.length < first;) {
      const parts = partsOf(of, position, Math.min(first - found.length, locationsPerQuery()));
      if (parts.length === 0) break;
      const read = await readParts(soundtrack, parts);
      found.push(...read.found);
      unreadable.push(...read.unreadable);
      position = read.end;
    }
    for (const { location } of found) void singles.getOrLoad("", location.id, async () => location);
    return { found, unreadable };
  }

  /** In groups of accounts: they do not wait for each other, and a failure of one keeps the results of the others. */
  async function everyLocation(): Promise<LocationList> {
    const all = await accounts();
    const known = withoutErrors(all);
    allTokens = known.reduce((sum, { locations }) => sum + 1 + (locations ?? 0) * PRICES.location, 0);
    const keyOf = (of: readonly SoundtrackAccount[]): string => of.map(({ id }) => id).join();
    const parts = accountGroups(known).map((of) =>
      groups.getOrLoad("", keyOf(of), () => take(of, Infinity, undefined)),
    );
    const lists = requireAll(await results(parts));
    return requireSome({
      found: lists.flatMap(({ found }) => found),
      unreadable: [...errorsOf(all), ...lists.flatMap(({ unreadable }) => unreadable)],
    });
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
    if (isLast || after === null) return accounts;
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

/** A list of which nothing can be read is not empty. */
function requireSome(list: LocationList): LocationList {
  const [first] = list.unreadable;
  if (first && list.found.length === 0) throw first;
  return list;
}

function errorsOf(all: Results<unknown>): readonly Error[] {
  return all.filter((one) => one instanceof Error);
}

/** Aligned with the ids: an UpstreamError is a result; any other error is a bug and rejects. */
function resultsById<T>(ids: readonly string[], load: (id: string) => Promise<T | null>): Promise<Results<T | null>> {
  return Promise.all(
    ids.map(async (id) => {
      if (!ID.test(id)) return null;
      try {
        return await load(id);
      } catch (error) {
        if (error instanceof UpstreamError) return error;
        throw error;
      }
    }),
  );
}
