/**
 * What does Soundtrack say about business locations and the sound zones in them, and how does a zone get its music?
 *
 * It lists the locations of one account; here all accounts are one list, in the order Soundtrack has them. Queries cost
 * tokens and there are few, so a page is one query however many accounts it reaches into, things asked for by id share
 * one, and what was read is kept for a moment (`ttlMs`): the price is an answer that old. What a
 * zone plays from is never kept.
 */
import DataLoader from "dataloader";
import type { z } from "zod";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { createMemory } from "../../platform/memory.ts";
import { assignSource } from "./assignment.ts";
import { connectSoundtrack, failureOf, problemBelow } from "./connection.ts";
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
  /** Up to `first` locations behind a position, or from the start; fewer only where the list ends. */
  locations(part: {
    readonly first: number;
    readonly after?: SoundtrackPosition | undefined;
  }): Promise<readonly PlacedLocation[]>;
  /** The whole list. */
  everyLocation(): Promise<readonly PlacedLocation[]>;
  /** Aligned with the ids: null for what is not there, an error at the place of what could not be read. */
  locationsById(ids: readonly string[]): Promise<readonly (SoundtrackLocation | null | UpstreamError)[]>;
  /** The titles of what plays in sound zones: null where nothing does. As `locationsById`. */
  nowPlaying(zoneIds: readonly string[]): Promise<readonly (string | null | UpstreamError)[]>;
  /**
   * From then on, and once the track that is playing has ended, the zones play from this source: the id of a playlist or a
   * schedule in Soundtrack. UNCHANGED where all of them do already. Status 404 where a zone or the source is not there.
   */
  assignSource(zoneIds: readonly string[], source: string): Promise<"CHANGED" | "UNCHANGED">;
  close(): Promise<void>;
}

const ACCOUNTS_TTL_MS = 5 * 60_000;
/** About 1 KB each. */
const MAX_LOCATIONS = 10_000;
const MAX_PAGES = 200;
const ACCOUNTS_AT_ONCE = 500;
const IDS_AT_ONCE = 100;
const LOCATIONS_AT_ONCE = 250;
/** What is spelt otherwise is nobody's id and is not asked for. */
const ID = /^[\w+/-]{1,256}={0,2}$/;

export function createSoundtrack(options: SoundtrackOptions): Soundtrack {
  const { now = Date.now, ttlMs = 60_000 } = options;
  const soundtrack = connectSoundtrack(options);
  const index = createMemory<readonly SoundtrackAccount[]>({ ttlMs: ACCOUNTS_TTL_MS, most: 1, now });
  const pages = createMemory<readonly PlacedLocation[]>({ ttlMs, most: MAX_PAGES, now });
  const stretches = createMemory<readonly PlacedLocation[]>({ ttlMs, most: MAX_LOCATIONS, now });
  const singles = createMemory<SoundtrackLocation | null>({ ttlMs, most: MAX_LOCATIONS, now });
  // Whoever asks in the same tick shares a query, across requests.
  const asked = new DataLoader<string, SoundtrackLocation | null>((ids) => readById(soundtrack, ids), {
    cache: false,
    maxBatchSize: IDS_AT_ONCE,
  });
  const playing = new DataLoader<string, string | null>((ids) => readNowPlaying(soundtrack, ids), {
    cache: false,
    maxBatchSize: IDS_AT_ONCE,
  });

  return {
    accounts,
    locations: ({ first, after }) =>
      pages.recall("", JSON.stringify([first, after]), async () => take(await accounts(), first, after)),
    everyLocation,
    locationsById: (ids) => each(ids, (id) => singles.recall("", id, () => asked.load(id))),
    nowPlaying: (zoneIds) => each(zoneIds, (id) => playing.load(id)),
    assignSource: (zoneIds, source) => assignSource(soundtrack, zoneIds, source),
    close: () => soundtrack.close(),
  };

  function accounts(): Promise<readonly SoundtrackAccount[]> {
    return index.recall("", "", () => readAccounts(soundtrack));
  }

  /** A round is one query, and usually there is one: another is for accounts that have shrunk, and for long lists. */
  async function take(
    of: readonly SoundtrackAccount[],
    first: number,
    after: SoundtrackPosition | undefined,
  ): Promise<readonly PlacedLocation[]> {
    const found: PlacedLocation[] = [];
    for (let position = after; found.length < first;) {
      const parts = partsOf(of, position, Math.min(first - found.length, LOCATIONS_AT_ONCE));
      if (parts.length === 0) break;
      const read = await readParts(soundtrack, parts);
      found.push(...read.found);
      position = read.end;
    }
    for (const { location } of found) void singles.recall("", location.id, async () => location);
    return found;
  }

  /** Stretch by stretch, so that none waits for another's cursor, and none that was read is lost where another fails. */
  async function everyLocation(): Promise<readonly PlacedLocation[]> {
    const keyOf = (of: readonly SoundtrackAccount[]): string => of.map(({ id }) => id).join();
    const read = await Promise.allSettled(
      stretchesOf(await accounts()).map((of) => stretches.recall("", keyOf(of), () => take(of, Infinity, undefined))),
    );
    return read.flatMap((stretch) => {
      if (stretch.status === "fulfilled") return stretch.value;
      throw stretch.reason;
    });
  }
}

/** Accounts in a row, as many as one query can take; one that is too large for it is a stretch by itself. */
function stretchesOf(accounts: readonly SoundtrackAccount[]): readonly (readonly SoundtrackAccount[])[] {
  const stretches: SoundtrackAccount[][] = [];
  let count = Infinity;
  for (const account of accounts) {
    count += account.locations;
    if (count > LOCATIONS_AT_ONCE) {
      stretches.push([]);
      count = account.locations;
    }
    stretches.at(-1)?.push(account);
  }
  return stretches;
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
      variables: { first: ACCOUNTS_AT_ONCE, after },
      data: AccountsReply,
      kind: "accounts",
      things: 1,
    });
    const problem = problemBelow("me", answer.errors);
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

/** An UpstreamError becomes a value at its place; anything else is a bug and rejects. */
function each<T>(
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
