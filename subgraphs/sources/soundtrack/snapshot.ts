/**
 * How is a location kept outside of the facts, with what is decided about it?
 *
 * As text with the version of its shape: another version of this code may read it. Why its zones are not all known is not
 * kept, only that they are not.
 */
import { z } from "zod";
import { decodeValue, encodeValue } from "../../platform/facts/encode.ts";
import { missingZones } from "./replies.ts";
import type { SoundtrackLocation } from "./replies.ts";

/** Counts the changes of `SoundtrackLocation`. */
export const LOCATION_SHAPE = 1;

const Text = z.string().nullable();
const Snapshot = z.object({
  shape: z.literal(LOCATION_SHAPE),
  location: z.object({
    id: z.string(),
    name: Text,
    account: Text,
    country: Text,
    city: Text,
    timezone: Text,
    zones: z.array(z.object({ id: z.string(), name: Text, online: z.boolean().nullable(), subscription: Text })),
    areZonesKnown: z.boolean(),
  }),
});

export function encodeLocation({ zonesError, ...location }: SoundtrackLocation): string {
  return encodeValue({ shape: LOCATION_SHAPE, location: { ...location, areZonesKnown: zonesError === null } });
}

/** undefined for another shape. */
export function decodeLocation(text: string): SoundtrackLocation | undefined {
  const read = Snapshot.safeParse(decodeValue(text)?.decoded).data;
  if (!read) return undefined;
  const { areZonesKnown, ...location } = read.location;
  return { ...location, zonesError: areZonesKnown ? null : missingZones() };
}
