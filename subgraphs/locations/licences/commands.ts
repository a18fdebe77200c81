/**
 * How is a licence recorded?
 *
 * It replaces the licence on record, and every later decision and page of the worklist, in every process, uses it. Of two that are recorded at the
 * same time, the last one counts.
 */
import { locationId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { CommandTools } from "../../server/commands.ts";
import { putLicence } from "../../records/locations/store.ts";
import { noteChange } from "../../records/locations/worklist.ts";
import { badFields } from "../../server/validation.ts";
import { EARLIEST_DATE, LATEST_DATE } from "../location/recordable-dates.ts";
import { requireLocation } from "../location/require-location.ts";
import type { LicenceRecord } from "../../records/locations/types.ts";
import type { RecordLicenceInput } from "./inputs.ts";
import type { LocationWorklist } from "../location/worklist.ts";
import type { LocationServices } from "../services.ts";

export interface LicenceCommands {
  /** Gives the location's id in Soundtrack. */
  record(context: Context, input: RecordLicenceInput): Promise<string>;
}

const MUTATION = "recordLicence";

export function licenceCommands(
  services: LocationServices & { readonly worklist: Pick<LocationWorklist, "decide"> },
  { mutate }: CommandTools,
): LicenceCommands {
  return {
    async record(context, input) {
      const [id] = locationId.decode(input.locationId, "locationId");
      const { status, tier, expiresAt = null } = input;
      assertDates({ status, tier, expiresAt });
      await mutate(context, MUTATION, input, async () => {
        await requireLocation(services, context, MUTATION, id);
        const recorded = { recordedBy: context.caller.id, recordedAt: new Date(services.now()) };
        return async (tx) => {
          await putLicence(tx, id, { status, tier, expiresAt, ...recorded });
          await noteChange(tx, id, recorded.recordedAt);
          return { locationId: id };
        };
      });
      await services.worklist.decide([id]);
      // This request may have read the location before.
      const { profile, playback, playlist } = services.load(context);
      profile.clear(id);
      playback.clearAll();
      playlist.clearAll();
      return id;
    },
  };
}

function assertDates({ status, expiresAt }: LicenceRecord): void {
  if (expiresAt === null) return;
  if (status === "NONE") throw badFields(MUTATION, { expiresAt: ["must be omitted if the status is NONE"] });
  if (expiresAt < EARLIEST_DATE || expiresAt > LATEST_DATE) {
    throw badFields(MUTATION, { expiresAt: ["must be in the years 1900 to 9999"] });
  }
}
