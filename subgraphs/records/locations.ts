/** What is written down about locations, as the locations subgraph asks for it? */
import type { LocationRecords, PlaylistRequestRecords } from "../locations/records.ts";
import { belowOf } from "./below.ts";
import { among } from "./among.ts";
import type { Tx } from "./database.ts";
import { licences, locationProfiles, playlistRequests } from "./tables/locations.ts";

export function locationRecords(db: Tx): LocationRecords {
  return {
    async profiles(locationIds) {
      const [profiles, licensed] = await Promise.all([
        db.select().from(locationProfiles).where(among(locationProfiles.locationId, locationIds)),
        db.select().from(licences).where(among(licences.locationId, locationIds)),
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
  return belowOf(db, playlistRequests, { id, owner, time, item: (row) => row });
}
