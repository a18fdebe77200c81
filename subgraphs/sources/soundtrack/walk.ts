/**
 * How is a range of all accounts' locations read in one query?
 *
 * A position is an account, Soundtrack's cursor in its list, and the number of locations before it, which shows how many
 * are left. So a query reads exactly the needed part of each account, by aliases. If an account has changed since its
 * locations were counted, a query returns fewer, or new locations appear later.
 */
import { z } from "zod";
import { failureOf, problemOf } from "./connection.ts";
import type { SoundtrackConnection } from "./connection.ts";
import { AccountPartReply, LOCATION_FIELDS } from "./replies.ts";
import type { SoundtrackAccount, SoundtrackLocation } from "./replies.ts";

export interface SoundtrackPosition {
  readonly accountId: string;
  /** Of the location before the position; null at the start of the account. */
  readonly cursor: string | null;
  /** The number of locations of the account before the position. */
  readonly passed: number;
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
    const first = Math.min(missing, locations - passed);
    if (first > 0) parts.push({ accountId, cursor, passed, first });
    missing -= Math.max(0, first);
    if (missing === 0) break;
  }
  return parts;
}

/** With the position after the parts, even if they were shorter than expected. */
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
    size: parts.reduce((sum, { first }) => sum + first, 0),
  });
  const read = parts.map((part, index) => {
    // An incomplete list must not look complete. An account that was deleted meanwhile is complete without locations.
    const problem = problemOf(`a${index}`, errors);
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

/** An account that returned fewer has no more locations. */
function endOf({ part: { accountId, cursor, passed, first }, edges }: PartRead): SoundtrackPosition {
  const isComplete = edges.length >= first;
  return { accountId, cursor: edges.at(-1)?.cursor ?? cursor, passed: isComplete ? passed + edges.length : Infinity };
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
