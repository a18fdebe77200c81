/** How are the other zones of locations read that have more than were read with them? In one query for all of them. */
import type { SoundtrackConnection } from "./connection.ts";
import { readAliased } from "./aliases.ts";
import { MAX_ZONES, PRICES } from "./prices.ts";
import { MoreZonesReply, ZONES, missingZones, readZones } from "./replies.ts";
import type { LocationStart, SoundtrackLocation } from "./replies.ts";

/** Aligned with the locations. A failure leaves a location with the zones that it has, and says so. */
export async function withAllZones(
  connection: SoundtrackConnection,
  starts: readonly LocationStart[],
): Promise<readonly SoundtrackLocation[]> {
  const lacking = starts.filter(({ more }) => more !== null);
  const found = new Map<LocationStart, SoundtrackLocation>();
  for (const piece of piecesOf(connection, lacking)) {
    for (const [index, location] of (await completed(connection, piece)).entries()) {
      const start = piece[index];
      if (start) found.set(start, location);
    }
  }
  return starts.map((start) => found.get(start) ?? start.location);
}

/** No query of them costs more than a piece may. */
function piecesOf(
  connection: SoundtrackConnection,
  starts: readonly LocationStart[],
): readonly (readonly LocationStart[])[] {
  const pieces: LocationStart[][] = [];
  let tokens = Infinity;
  for (const start of starts) {
    tokens += tokensOf(start);
    if (tokens > connection.piece("more zones", 1)) {
      pieces.push([]);
      tokens = tokensOf(start);
    }
    pieces.at(-1)?.push(start);
  }
  return pieces;
}

async function completed(
  connection: SoundtrackConnection,
  starts: readonly LocationStart[],
): Promise<readonly SoundtrackLocation[]> {
  const read = await readAliased(connection, {
    kind: "more zones",
    ids: starts.map(({ location: { id } }) => id),
    field: (id, index) => `location(id: ${id}) { ${moreZones(starts[index])} }`,
    object: "location",
    schema: MoreZonesReply,
    tokens: starts.reduce((sum, start) => sum + tokensOf(start), 0),
  });
  return starts.map(({ location }, index) => {
    const more = read[index] ?? null;
    if (more instanceof Error) return { ...location, zonesError: more };
    if (!more?.soundZones) return { ...location, zonesError: missingZones() };
    const { zones, zonesError } = readZones(more.soundZones);
    const all = [...location.zones, ...zones];
    const isAll = all.length === more.soundZones.total;
    const error = location.zonesError ?? zonesError ?? (isAll ? null : missingZones());
    return { ...location, zones: all, zonesError: error };
  });
}

function moreZones(start: LocationStart | undefined): string {
  return `soundZones(first: ${countOf(start)}, after: ${JSON.stringify(start?.more?.after ?? "")}) { ${ZONES} }`;
}

function tokensOf(start: LocationStart): number {
  return PRICES.moreZones + countOf(start);
}

function countOf(start: LocationStart | undefined): number {
  return Math.min(start?.more?.count ?? 0, MAX_ZONES);
}
