/**
 * How is a stretch of all accounts' locations read in one query?
 *
 * A position is an account and a place in its list: Soundtrack's own cursor, by which reading goes on, and how many have
 * passed, from which it is known what the account has left. So a query asks each account for what is wanted of it and no
 * more, by aliases. Where accounts have grown or shrunk since they were counted, a query comes short or the newest wait.
 */
import { z } from "zod";
import { failureOf, problemBelow } from "./connection.ts";
import type { SoundtrackConnection } from "./connection.ts";
import { AccountPartReply, LOCATION_FIELDS } from "./replies.ts";
import type { SoundtrackAccount, SoundtrackLocation } from "./replies.ts";

export interface SoundtrackPosition {
  readonly accountId: string;
  /** Of the location the position is behind; null at the start of the account. */
  readonly cursor: string | null;
  /** Locations of the account that are not behind the position. */
  readonly passed: number;
}

export interface PlacedLocation {
  readonly location: SoundtrackLocation;
  /** Just behind the location. */
  readonly position: SoundtrackPosition;
}

/** Locations of one account, in a row. */
export interface AccountPart extends SoundtrackPosition {
  readonly first: number;
}

/** What to ask which accounts for, to get `count` locations behind a position; empty where the list ends. */
export function partsOf(
  accounts: readonly SoundtrackAccount[],
  after: SoundtrackPosition | undefined,
  count: number,
): readonly AccountPart[] {
  const start = after ? accounts.findIndex(({ id }) => id === after.accountId) : 0;
  // An account that is gone leaves no place to go on from: the list ends.
  if (start === -1) return [];
  const parts: AccountPart[] = [];
  let missing = count;
  for (const [index, { id: accountId, locations }] of accounts.slice(start).entries()) {
    const { cursor, passed } = (index === 0 && after) || { cursor: null, passed: 0 };
    const first = Math.min(missing, locations - passed);
    if (first > 0) parts.push({ accountId, cursor, passed, first });
    missing -= Math.max(0, first);
    if (missing === 0) break;
  }
  return parts;
}

/** Also where the parts end, whether they had all that was asked for or not. */
export async function readParts(
  { ask }: SoundtrackConnection,
  parts: readonly AccountPart[],
): Promise<{ readonly found: readonly PlacedLocation[]; readonly end: SoundtrackPosition | undefined }> {
  const { data, errors } = await ask({
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
    data: z.record(z.string(), AccountPartReply),
    kind: "locations",
    things: parts.reduce((sum, { first }) => sum + first, 0),
  });
  const read = parts.map((part, index) => {
    // A list with a hole that nobody sees is worse than none. Who has left since the accounts were counted leaves none.
    const problem = problemBelow(`a${index}`, errors);
    if (problem) throw failureOf(problem);
    return { part, edges: data[`a${index}`] ?? [] };
  });
  const last = read.at(-1);
  return { found: read.flatMap(placed), end: last && endOf(last) };
}

interface PartRead {
  readonly part: AccountPart;
  readonly edges: NonNullable<z.infer<typeof AccountPartReply>>;
}

/** An account that came short has no more: what it was counted with is not waited for. */
function endOf({ part: { accountId, cursor, passed, first }, edges }: PartRead): SoundtrackPosition {
  const isWhole = edges.length >= first;
  return { accountId, cursor: edges.at(-1)?.cursor ?? cursor, passed: isWhole ? passed + edges.length : Infinity };
}

function placed({ part: { accountId, passed }, edges }: PartRead): readonly PlacedLocation[] {
  return edges.flatMap(({ cursor, location }, index) =>
    location ? [{ location, position: { accountId, cursor, passed: passed + index + 1 } }] : [],
  );
}

function aliased(index: number): string {
  return `a${index}: account(id: $i${index}) {
        businessName
        locations(first: $f${index}, after: $c${index}) { edges { cursor node { ...LocationFields } } }
      }`;
}
