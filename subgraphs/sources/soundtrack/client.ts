/**
 * How are locations and sound zones read from Soundtrack, and how is a source assigned to a zone?
 *
 * Soundtrack lists the locations of one account; here all accounts are one list, in Soundtrack's order. Queries cost
 * tokens of a small budget, so a page is one query even across accounts, reads by id are batched, and reads are cached
 * (`ttlMs`): the price is a result that old. The source of a zone is never cached.
 */
import DataLoader from "dataloader";
import type { z } from "zod";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { createLoadCache } from "../../platform/load-cache.ts";
import { requireAll, results } from "../../platform/results.ts";
import { assignSource } from "./assignment.ts";
import { connectSoundtrack, failureOf, problemOf } from "./connection.ts";
import type { SoundtrackAnswer, SoundtrackConnection, SoundtrackOptions } from "./connection.ts";
import { AccountsReply, LOCATION_FIELDS, LocationReply, NowPlayingReply } from "./replies.ts";
import type { SoundtrackAccount, SoundtrackLocation } from "./replies.ts";
import { readAliased } from "./aliases.ts";
import { partsOf, readParts } from "./walk.ts";
import type { PlacedLocation, SoundtrackPosition } from "./walk.ts";

/** All methods reject with an `UpstreamError`. */
export interface Soundtrack {
  /** In the order of their names. */
  accounts(): Promise<readonly SoundtrackAccount[]>;
  /** Up to `first` locations after a position, or from the start; fewer only at the end. */
  locations(part: {
    readonly first: number;
    readonly after?: SoundtrackPosition | undefined;
  }): Promise<readonly PlacedLocation[]>;
  /** The whole list. */
  everyLocation(): Promise<readonly PlacedLocation[]>;
  /** Aligned with the ids: null if it does not exist, or its error. */
  locationsById(ids: readonly string[]): Promise<readonly (SoundtrackLocation | null | UpstreamError)[]>;
  /** The titles that play in sound zones, null if nothing plays. Aligned as `locationsById`. */
  nowPlaying(zoneIds: readonly string[]): Promise<readonly (string | null | UpstreamError)[]>;
  /**
   * After the current track, the zones play from this source: the id of a playlist or a schedule in Soundtrack. UNCHANGED if
   * all of them do already. Rejects with status 404 if a zone or the source does not exist; a source that `isNew` is awaited.
   */
  assignSource(zoneIds: readonly string[], source: string, isNew?: boolean): Promise<"CHANGED" | "UNCHANGED">;
  close(): Promise<void>;
}

const ACCOUNTS_TTL_MS = 5 * 60_000;
/** About 1 KB each. */
const MAX_LOCATIONS = 10_000;
const MAX_PAGES = 200;
const ACCOUNTS_PER_PAGE = 500;
const MAX_IDS_PER_QUERY = 100;
const MAX_LOCATIONS_PER_QUERY = 250;
/** A malformed id is not sent. */
const ID = /^[\w+/-]{1,256}={0,2}$/;

export function createSoundtrack(options: SoundtrackOptions): Soundtrack {
  const { now = Date.now, ttlMs = 60_000 } = options;
  const soundtrack = connectSoundtrack(options);
  const index = createLoadCache<readonly SoundtrackAccount[]>({ ttlMs: ACCOUNTS_TTL_MS, maxEntries: 1, now });
  const pages = createLoadCache<readonly PlacedLocation[]>({ ttlMs, maxEntries: MAX_PAGES, now });
  const groups = createLoadCache<readonly PlacedLocation[]>({ ttlMs, maxEntries: MAX_LOCATIONS, now });
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
      pages.getOrLoad("", JSON.stringify([first, after]), async () => take(await accounts(), first, after)),
    everyLocation,
    locationsById: (ids) => resultsById(ids, (id) => singles.getOrLoad("", id, () => byId.load(id))),
    nowPlaying: (zoneIds) => resultsById(zoneIds, (id) => playing.load(id)),
    assignSource: (zoneIds, source, isNew = false) => assignSource(soundtrack, zoneIds, source, isNew),
    close: () => soundtrack.close(),
  };

  function accounts(): Promise<readonly SoundtrackAccount[]> {
    return index.getOrLoad("", "", () => readAccounts(soundtrack));
  }

  /** One query a round; a second round only for accounts that have shrunk, and for long lists. */
  async function take(
    of: readonly SoundtrackAccount[],
    first: number,
    after: SoundtrackPosition | undefined,
  ): Promise<readonly PlacedLocation[]> {
    const found: PlacedLocation[] = [];
    for (let position = after; found.length < first;) {
      const parts = partsOf(of, position, Math.min(first - found.length, MAX_LOCATIONS_PER_QUERY));
      if (parts.length === 0) break;
      const read = await readParts(soundtrack, parts);
      found.push(...read.found);
      position = read.end;
    }
    for (const { location } of found) void singles.getOrLoad("", location.id, async () => location);
    return found;
  }

  /** In groups of accounts: they do not wait for each other, and a failure of one keeps the results of the others. */
  async function everyLocation(): Promise<readonly PlacedLocation[]> {
    const keyOf = (of: readonly SoundtrackAccount[]): string => of.map(({ id }) => id).join();
    const parts = accountGroups(await accounts()).map((of) =>
      groups.getOrLoad("", keyOf(of), () => take(of, Infinity, undefined)),
    );
    return requireAll(await results(parts)).flat();
  }
}

/** Consecutive accounts, as many as fit one query; one that is too large is a group of its own. */
function accountGroups(accounts: readonly SoundtrackAccount[]): readonly (readonly SoundtrackAccount[])[] {
  const groups: SoundtrackAccount[][] = [];
  let count = Infinity;
  for (const account of accounts) {
    count += account.locations;
    if (count > MAX_LOCATIONS_PER_QUERY) {
      groups.push([]);
      count = account.locations;
    }
    groups.at(-1)?.push(account);
  }
  return groups;
}

async function readAccounts({ ask }: SoundtrackConnection): Promise<readonly SoundtrackAccount[]> {
  const accounts: SoundtrackAccount[] = [];
  for (let after: string | null = null; ;) {
    const answer: SoundtrackAnswer<z.infer<typeof AccountsReply>> = await ask({
      text: `query ($first: Int!, $after: String) {
        me { ... on PublicAPIClient { accounts(first: $first, after: $after) {
          pageInfo { hasNextPage endCursor }
          edges { node { id businessName locations(first: 1) { total } } }
        } } }
      }`,
      variables: { first: ACCOUNTS_PER_PAGE, after },
      data: AccountsReply,
      kind: "accounts",
      size: 1,
    });
    const problem = problemOf("me", answer.errors);
    if (problem) throw failureOf(problem);
    const { edges, pageInfo } = answer.data.me.accounts;
    accounts.push(...edges.flatMap(({ node }) => node ?? []));
    if (!pageInfo.hasNextPage || pageInfo.endCursor === null) return accounts;
    after = pageInfo.endCursor;
  }
}

function readById(connection: SoundtrackConnection, ids: readonly string[]) {
  const fields = "location(id: $ID) { ...LocationFields account { businessName } }";
  return readAliased(connection, "locations by id", ids, fields, LocationReply, LOCATION_FIELDS);
}

function readNowPlaying(connection: SoundtrackConnection, ids: readonly string[]) {
  return readAliased(connection, "now playing", ids, "nowPlaying(soundZone: $ID) { track { title } }", NowPlayingReply);
}

/** Aligned with the ids: an UpstreamError is a result; any other error is a bug and rejects. */
function resultsById<T>(
  ids: readonly string[],
  load: (id: string) => Promise<T | null>,
): Promise<readonly (T | null | UpstreamError)[]> {
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
