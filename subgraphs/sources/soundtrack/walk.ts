/**
 * How is a range of all accounts' locations read in one query?
 *
 * A position is an account, Soundtrack's cursor in its list, and the number of locations before it, which shows how many
 * are left. So a query reads exactly the needed part of each account, by aliases. If an account has changed since its
 * locations were counted, a query returns fewer, or new locations appear later. What cannot be read is an error beside the
 * locations that can: of a location, or of all that an account has.
 */
import { z } from "zod";
import { ItemError, itemsOf } from "../../platform/items.ts";
import { failureOf, problemOf, problemWithin } from "./connection.ts";
import type { SoundtrackConnection, SoundtrackProblem } from "./connection.ts";
import type { Edge } from "./edges.ts";
import { withAllZones } from "./more-zones.ts";
import { PRICES } from "./prices.ts";
import { AccountPartReply, LOCATION_FIELDS } from "./replies.ts";
import type { LocationStart, SoundtrackAccount, SoundtrackLocation } from "./replies.ts";

export interface SoundtrackPosition {
  readonly accountId: string;
  /** Of the location before the position; null at the start of the account. */
  readonly cursor: string | null;
  /** The number of locations of the account before the position. */
  readonly passed: number;
}

export interface LocationList {
  readonly found: readonly PlacedLocation[];
  /** Of what the list lacks. */
  readonly unreadable: readonly Error[];
}

export interface PlacedLocation {
  readonly location: SoundtrackLocation;
  /** Directly after the location. */
  readonly position: SoundtrackPosition;
}

/** Consecutive locations of one account. */
export interface AccountPart extends SoundtrackPosition {
  readonly first: number;
}

/** Of parts of accounts. */
export interface PartsRead extends LocationList {
  /** After the last one. */
  readonly end: SoundtrackPosition | undefined;
  /** Of those that were asked for now. */
  readonly accounts: readonly AccountRead[];
}

/** What a query has told of an account. */
export interface AccountRead {
  readonly accountId: string;
  readonly unreadable: readonly Error[];
  /** How many locations it has, if those are more than were counted before; else undefined. */
  readonly more: number | undefined;
}

const items = itemsOf("soundtrack");

/** The parts that contain the next `count` locations after a position; empty at the end. */
export function partsOf(
  accounts: readonly SoundtrackAccount[],
  after: SoundtrackPosition | undefined,
  count: number,
): readonly AccountPart[] {
  const start = after ? accounts.findIndex(({ id }) => id === after.accountId) : 0;
  // After a deleted account there is no position to continue from.
  if (start === -1) return [];
  const parts: AccountPart[] = [];
  let missing = count;
  for (const [index, { id: accountId, locations }] of accounts.slice(start).entries()) {
    const { cursor, passed } = (index === 0 && after) || { cursor: null, passed: 0 };
    // Of an account whose locations nobody counted, as many as are missing, until it returned fewer.
    const left = locations ?? (passed === Infinity ? 0 : Infinity);
    const first = Math.min(missing, locations === null ? left : left - passed);
    if (first > 0) parts.push({ accountId, cursor, passed, first });
    missing -= Math.max(0, first);
    if (missing === 0) break;
  }
  return parts;
}

/** With the position after the parts, even if they were shorter than expected. */
export async function readParts(connection: SoundtrackConnection, parts: readonly AccountPart[]): Promise<PartsRead> {
  const { data, errors } = await connection.ask({
    text: `query (${parts.map((_part, index) => `$i${index}: ID!, $f${index}: Int!, $c${index}: String`).join(", ")}) {
      ${parts.map((_part, index) => aliased(index)).join("\n      ")}
    }${LOCATION_FIELDS}`,
    variables: Object.fromEntries(
      parts.flatMap(({ accountId, first, cursor }, index) => [
        [`i${index}`, accountId],
        [`f${index}`, first],
        [`c${index}`, cursor],
      ]),
    ),
    data: z.record(z.string(), z.unknown()),
    kind: "locations",
    tokens: parts.reduce((sum, { first }) => sum + PRICES.accountPart + first * PRICES.location, 0),
  });
  const read = parts.map((part, index) => readPart(part, `a${index}`, data[`a${index}`], errors));
  const starts = read.flatMap((one) => one.starts);
  const complete = await withAllZones(
    connection,
    starts.map(({ start }) => start),
  );
  const found = starts.flatMap(({ position }, index) => {
    const location = complete[index];
    return location ? [{ location, position }] : [];
  });
  const unreadable = [...read.flatMap(({ failure }) => failure ?? []), ...read.flatMap(({ bad }) => bad)];
  const accounts = read.map(({ end: { accountId }, failure, bad, more }) => ({
    accountId,
    unreadable: failure ? [failure] : bad,
    more,
  }));
  return { found, unreadable, end: read.at(-1)?.end, accounts };
}

/** The same of accounts that were read as a whole; aligned with the parts. */
export function partsIn(whole: readonly LocationList[], parts: readonly AccountPart[]): PartsRead {
  const found = parts.flatMap((part, index) => after(whole[index]?.found ?? [], part).slice(0, part.first));
  const last = parts.at(-1);
  const own = whole.at(-1)?.found.at(-1)?.position;
  const end = found.at(-1)?.position;
  const isEnd = own === undefined || end?.accountId !== own.accountId || end.passed === own.passed;
  return {
    found,
    unreadable: whole.flatMap(({ unreadable }) => unreadable),
    end: last && (isEnd ? { ...last, passed: Infinity } : end),
    accounts: [],
  };
}

/** What was before the position may have changed since: its cursor says where it is now. */
function after(found: readonly PlacedLocation[], { cursor, passed }: AccountPart): readonly PlacedLocation[] {
  const place = cursor === null ? -1 : found.findIndex(({ position }) => position.cursor === cursor);
  return place === -1 ? found.filter(({ position }) => position.passed > passed) : found.slice(place + 1);
}

interface PartRead {
  /** Why nothing of the account can be read. */
  readonly failure?: Error;
  readonly starts: readonly { readonly start: LocationStart; readonly position: SoundtrackPosition }[];
  readonly bad: readonly Error[];
  readonly end: SoundtrackPosition;
  readonly more: number | undefined;
}

function readPart(part: AccountPart, alias: string, raw: unknown, errors: readonly SoundtrackProblem[]): PartRead {
  const { accountId, passed } = part;
  const lost = { starts: [], bad: [], end: { ...part, passed: Infinity }, more: undefined };
  const problem = problemOf(alias, errors, ["edges"]);
  if (problem) return { ...lost, failure: failureOf(problem) };
  // An account that was deleted meanwhile is complete without locations.
  const read = raw === null ? { total: null, edges: [] } : items.item("account", AccountPartReply, raw, accountId);
  if (read instanceof Error) return { ...lost, failure: read };
  const { total, edges } = read;
  const starts: PartRead["starts"][number][] = [];
  const bad: Error[] = [];
  for (const [index, { cursor, node }] of edges.entries()) {
    const placed = node ?? problemWithin([alias, "locations", "edges", index], errors);
    if (placed === null) continue;
    if (placed instanceof Error) bad.push(placed);
    else if (cursor === null) bad.push(withoutCursor(placed));
    else starts.push({ start: placed, position: { accountId, cursor, passed: passed + index + 1 } });
  }
  const isCut = edges.length >= part.first && (total ?? 0) > passed + edges.length;
  return { starts, bad, end: endOf(part, edges), more: isCut ? (total ?? undefined) : undefined };
}

/** Nothing could be read after it. */
function withoutCursor({ location: { id } }: LocationStart): ItemError {
  return new ItemError("soundtrack", { item: `location ${id}`, field: "cursor", problem: "cursor: missing", id });
}

/** An account that returned fewer, or no cursor to go on from, has no more locations. */
function endOf({ accountId, cursor, passed, first }: AccountPart, edges: readonly Edge<unknown>[]): SoundtrackPosition {
  const last = edges.findLastIndex((edge) => edge.cursor !== null);
  const isComplete = edges.length >= first && last !== -1;
  return { accountId, cursor: edges[last]?.cursor ?? cursor, passed: isComplete ? passed + last + 1 : Infinity };
}

function aliased(index: number): string {
  return `a${index}: account(id: $i${index}) {
        businessName
        locations(first: $f${index}, after: $c${index}) { total edges { cursor node { ...LocationFields } } }
      }`;
}
