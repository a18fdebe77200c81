/**
 * How does a sound zone come to play from a source?
 *
 * By looking at what it plays from, and assigning the source to the zones that play from another: a repeat after a crash
 * finds none left. One mutation takes them all.
 *
 * Assumed, as Soundtrack publishes its schema to its customers only, and these fields were seen in the queries of others:
 * that `playFrom` is a playlist or a schedule, that it is what was assigned as soon as it was, and that it has the id which
 * was assigned. Where it had another, a repeat would assign the same source again, and the zone would play on.
 * A Spotify playlist is no source by itself: people import it in Soundtrack's own application, and no public mutation does.
 */
import { z } from "zod";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { readAliased } from "./aliases.ts";
import { failureOf } from "./connection.ts";
import type { SoundtrackConnection } from "./connection.ts";

const ZONES_AT_ONCE = 100;
const FIELD = "soundZone(id: $ID) { playFrom { ... on Playlist { id } ... on Schedule { id } } }";

/** Of a source of another kind nothing is read but that it is one. */
const PlayFromReply = z
  .object({ playFrom: z.object({ id: z.string().optional() }).nullable() })
  .nullable()
  .transform((zone) => zone && { source: zone.playFrom?.id });
const AssignReply = z.object({ soundZoneAssignSource: z.unknown() });

export async function assignSource(
  connection: SoundtrackConnection,
  zoneIds: readonly string[],
  source: string,
): Promise<"CHANGED" | "UNCHANGED"> {
  const zones = [...new Set(zoneIds)];
  let outcome: "CHANGED" | "UNCHANGED" = "UNCHANGED";
  for (let start = 0; start < zones.length; start += ZONES_AT_ONCE) {
    const others = await playingOthers(connection, zones.slice(start, start + ZONES_AT_ONCE), source);
    if (others.length === 0) continue;
    await assign(connection, others, source);
    outcome = "CHANGED";
  }
  return outcome;
}

async function playingOthers(connection: SoundtrackConnection, zones: readonly string[], source: string) {
  const read = await readAliased(connection, "sources", zones, FIELD, PlayFromReply);
  return zones.filter((id, index) => {
    const zone = read[index];
    if (zone instanceof Error) throw zone;
    if (!zone) throw new UpstreamError("soundtrack", "STATUS", `it knows no sound zone ${id}`, { status: 404 });
    return zone.source !== source;
  });
}

async function assign({ ask }: SoundtrackConnection, zones: readonly string[], source: string): Promise<void> {
  const { errors } = await ask({
    text: `mutation ($input: SoundZoneAssignSourceInput!) {
      soundZoneAssignSource(input: $input) { soundZones }
    }`,
    variables: { input: { soundZones: zones, source } },
    data: AssignReply,
    kind: "assignments",
    things: zones.length,
  });
  const [problem] = errors;
  if (problem) throw failureOf(problem);
}
