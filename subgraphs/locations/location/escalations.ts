/**
 * How do other systems learn that a person has to act on a licence at once?
 *
 * By the decision that the worklist keeps of each location: in the transaction that writes it, and once for each licence, so
 * that deciding again tells nothing new. A decision that a command has overtaken is not written, and tells nothing.
 */
import { locationId } from "../../../schema/id.ts";
import { noteEscalations } from "../../records/locations/escalations.ts";
import type { LicenceRecord, WorklistLocation } from "../../records/locations/types.ts";
import { locationWorklistRecords } from "../../records/locations/worklist.ts";
import { toldDecision } from "../../records/webhooks/events.ts";
import type { CommandTools } from "../../server/commands.ts";
import type { PlaybackDecision } from "../decisions/location-playback.ts";

/** A location whose decision asks for an escalation. */
export interface Escalation {
  /** In Soundtrack. */
  readonly locationId: string;
  readonly licence: LicenceRecord | null;
  readonly decision: Pick<PlaybackDecision, "id" | "verdict" | "reasons" | "priority">;
}

/** Keeps what was decided of locations. The escalations are of some of them. */
export type KeepDecided = (locations: readonly WorklistLocation[], escalations: readonly Escalation[]) => Promise<void>;

export function keepAndTell(
  { transact, tell }: Pick<CommandTools, "transact" | "tell">,
  now: () => number,
): KeepDecided {
  return async (locations, escalations) => {
    if (locations.length === 0) return;
    await transact(async (tx) => {
      const written = await locationWorklistRecords(tx).put(locations);
      const current = escalations.filter((one) => written.has(one.locationId));
      const at = new Date(now());
      const noted = await noteEscalations(
        tx,
        current.map(({ locationId: id, licence }) => ({ locationId: id, recordedAt: licence?.recordedAt })),
        at,
      );
      for (const escalation of current) {
        if (noted.has(escalation.locationId)) await tell(tx, "licence.escalated", () => eventOf(escalation, at));
      }
    });
  };
}

function eventOf({ locationId: id, licence, decision }: Escalation, at: Date) {
  const subject = locationId.encode(id);
  return {
    subject,
    at,
    data: {
      locationId: subject,
      licence: licence && { status: licence.status, expiresAt: licence.expiresAt?.toISOString() ?? null },
      action: "ESCALATE" as const,
      priority: decision.priority,
      decision: toldDecision(decision),
    },
  };
}
