/**
 * What becomes of a licence that somebody records?
 *
 * It takes the place of the one before, and whatever is decided from then on, anywhere, is decided by it. Of two people
 * who record one at the same time, the last one is believed.
 */
import { locationId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { CommandTools } from "../../server/commands.ts";
import { putLicence } from "../../records/locations/store.ts";
import { badFields } from "../../server/validation.ts";
import { DATES_FROM, DATES_TO, existing } from "../location/existing.ts";
import type { LicenceRecord } from "../../records/locations/types.ts";
import type { RecordLicenceInput } from "./inputs.ts";
import type { LocationServices } from "../services.ts";

export interface LicenceCommands {
  /** Gives the location's id in Soundtrack. */
  record(context: Context, input: RecordLicenceInput): Promise<string>;
}

const MUTATION = "recordLicence";

export function licenceCommands(services: LocationServices, { mutate }: CommandTools): LicenceCommands {
  return {
    async record(context, input) {
      const [id] = locationId.decode(input.locationId, "locationId");
      const { status, tier, expiresAt = null } = input;
      check({ status, tier, expiresAt });
      await mutate(context, MUTATION, input, async () => {
        await existing(services, context, MUTATION, id);
        const recorded = { recordedBy: context.caller, recordedAt: new Date(services.now()) };
        return async (tx) => {
          await putLicence(tx, id, { status, tier, expiresAt, ...recorded });
          return { locationId: id };
        };
      });
      // What this request has read of the location before is not true any more.
      const { profile, playback, playlist } = services.load(context);
      profile.clear(id);
      playback.clearAll();
      playlist.clearAll();
      return id;
    },
  };
}

function check({ status, expiresAt }: LicenceRecord): void {
  if (expiresAt === null) return;
  if (status === "NONE") throw badFields(MUTATION, { expiresAt: ["must be left out where there is no licence"] });
  if (expiresAt < DATES_FROM || expiresAt > DATES_TO) {
    throw badFields(MUTATION, { expiresAt: ["must be of the years 1900 to 9999"] });
  }
}
