/** Records of locations: their profiles, licences and playlist requests. */
import { and, eq, isNull } from "drizzle-orm";
import { locationId as graphId } from "../../../schema/id.ts";
import type { LicenceRecord, LocationRecords, PlaylistRequestRecord, PlaylistRequestRecords } from "./types.ts";
import { recordsByOwner } from "../database/by-owner.ts";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Tx } from "../database/database.ts";
import { notify } from "../database/events.ts";
import { licences, locationProfiles, playlistRequests } from "./tables.ts";

export function locationRecords(db: Tx): LocationRecords {
  return {
    async profiles(locationIds) {
      const [profiles, licensed] = await Promise.all([
        db.select().from(locationProfiles).where(isAnyOf(locationProfiles.locationId, locationIds)),
        db.select().from(licences).where(isAnyOf(licences.locationId, locationIds)),
      ]);
      const profileOf = new Map(profiles.map((profile) => [profile.locationId, profile]));
      const licenceOf = new Map(licensed.map((licence) => [licence.locationId, licence]));
      return locationIds.map((locationId) => {
        const profile = profileOf.get(locationId);
        const licence = licenceOf.get(locationId);
        if (!profile && !licence) return undefined;
        const { storeType = "OTHER", openingHours = [] } = profile ?? {};
        return { locationId, storeType, openingHours, licence: licence ?? null };
      });
    },
  };
}

export function playlistRequestRecords(db: Tx): PlaylistRequestRecords {
  const { id, locationId: owner, requestedAt: time } = playlistRequests;
  return recordsByOwner(db, playlistRequests, { id, owner, time, item: (row) => row });
}

export async function addPlaylistRequest(tx: Tx, added: PlaylistRequestRecord): Promise<void> {
  await tx.insert(playlistRequests).values(added);
}

/** False if it has one already. */
export async function setPlaylistUri(tx: Tx, id: string, playlistUri: string): Promise<boolean> {
  const isFirst = and(eq(playlistRequests.id, id), isNull(playlistRequests.playlistUri));
  const set = await tx
    .update(playlistRequests)
    .set({ playlistUri })
    .where(isFirst)
    .returning({ id: playlistRequests.id });
  return set.length > 0;
}

export interface RecordedLicence extends LicenceRecord {
  readonly recordedBy: string;
  readonly recordedAt: Date;
}

/** Replaces the licence on record. */
export async function putLicence(tx: Tx, locationId: string, licence: RecordedLicence): Promise<void> {
  const target = licences.locationId;
  await tx
    .insert(licences)
    .values({ locationId, ...licence })
    .onConflictDoUpdate({ target, set: { ...licence } });
  await notify(tx, [{ kind: "factsChanged", subject: graphId.encode(locationId) }]);
}
