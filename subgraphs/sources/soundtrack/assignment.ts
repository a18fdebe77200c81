/**
 * How is a source assigned to sound zones?
 *
 * It reads the current source of each zone and assigns the new one to those that have another, with one mutation. So a
 * repeat after a crash changes nothing.
 *
 * Assumptions, because Soundtrack publishes its schema only to customers: `playFrom` is a playlist or a schedule, changes
 * with the assignment, and has the assigned id. If the id differed, a repeat would assign the same source again, which does
 * not interrupt the music. A Spotify playlist has to be imported in Soundtrack's application; no public mutation does it.
 */
import { z } from "zod";
import { orNull } from "../../platform/items.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { readAliased } from "./aliases.ts";
import { PRICES } from "./prices.ts";
import { failureOf } from "./connection.ts";
import type { SoundtrackConnection } from "./connection.ts";

const MAX_ZONES_PER_REQUEST = 100;
const PLAY_FROM = "{ playFrom { ... on Playlist { id } ... on Schedule { id } } }";

/** A source of another kind has no id here. One that cannot be read is assigned again, which does not interrupt the music. */
const PlayFromReply = z
  .object({ playFrom: orNull(z.object({ id: z.string() })) })
  .transform((zone) => ({ source: zone.playFrom?.id }));
const AssignReply = z.object({ soundZoneAssignSource: z.unknown().optional() });

export async function assignSource(
  connection: SoundtrackConnection,
  zoneIds: readonly string[],
  source: string,
): Promise<"CHANGED" | "UNCHANGED"> {
  const zones = [...new Set(zoneIds)];
  let outcome: "CHANGED" | "UNCHANGED" = "UNCHANGED";
  for (let start = 0; start < zones.length; start += MAX_ZONES_PER_REQUEST) {
    const others = await zonesWithOtherSource(connection, zones.slice(start, start + MAX_ZONES_PER_REQUEST), source);
    if (others.length === 0) continue;
    await assign(connection, others, source);
    outcome = "CHANGED";
  }
  return outcome;
}

async function zonesWithOtherSource(connection: SoundtrackConnection, zones: readonly string[], source: string) {
  const read = await readAliased(connection, {
    kind: "sources",
    ids: zones,
    field: (id) => `soundZone(id: ${id}) ${PLAY_FROM}`,
    object: "sound zone",
    schema: PlayFromReply,
    tokens: zones.length * PRICES.source,
  });
  return zones.filter((id, index) => {
    const zone = read[index];
    if (zone instanceof Error) throw zone;
    if (!zone) throw new UpstreamError("soundtrack", "STATUS", `it has no sound zone ${id}`, { status: 404 });
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
    tokens: zones.length * PRICES.assignment,
  });
  const [problem] = errors;
  if (problem) throw failureOf(problem);
}
