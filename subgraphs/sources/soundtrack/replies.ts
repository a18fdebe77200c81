/**
 * How are Soundtrack's accounts, locations and sound zones parsed?
 *
 * Each object by itself. Soundtrack's schema calls nearly every field nullable: only ids are required, and the rest is null
 * if it is not known. Connections and nodes are null if something failed inside. Rules that count zones would be wrong
 * about an incomplete list of them, so it says that it is incomplete.
 */
import { z } from "zod";
import { isCountryCode } from "../../../schema/country-code.ts";
import { orNull } from "../../platform/items.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { Total, edgesOf } from "./edges.ts";
import type { Edge } from "./edges.ts";
import { FIRST_ZONES } from "./prices.ts";

export interface SoundtrackAccount {
  readonly id: string;
  /** How many locations it has; null if it is not known. */
  readonly locations: number | null;
}

/** Soundtrack does not know what is null. */
export interface SoundtrackLocation {
  readonly id: string;
  readonly name: string | null;
  /** The name of the business. */
  readonly account: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  readonly city: string | null;
  /** IANA. */
  readonly timezone: string | null;
  /** Those that could be read. */
  readonly zones: readonly SoundtrackZone[];
  /** Why `zones` are not all of them. */
  readonly zonesError: Error | null;
}

export interface SoundtrackZone {
  readonly id: string;
  readonly name: string | null;
  readonly online: boolean | null;
  /** `ACTIVE`, `CANCELLED`, `EXPIRED`, `INACTIVE`, `PAUSED`. */
  readonly subscription: string | null;
}

/** A location with the first of its zones. */
export interface LocationStart {
  readonly location: SoundtrackLocation;
  /** How many zones are left to read, and the cursor before them. */
  readonly more: { readonly count: number; readonly after: string } | null;
}

/** Selected of the zones of a location. */
export const ZONES = "total edges { cursor node { id name online subscription { state } } }";
/** Selected for each location in every query. */
export const LOCATION_FIELDS = `
  fragment LocationFields on Location {
    id
    name
    physicalAddress { city country }
    timezone
    soundZones(first: ${FIRST_ZONES}) { ${ZONES} }
  }`;

const Text = z
  .string()
  .nullish()
  .transform((text) => text || null);

const ZoneReply = z
  .object({
    id: z.string().min(1),
    name: Text,
    online: z.boolean().nullish(),
    subscription: z.object({ state: Text }).nullish(),
  })
  .transform(({ id, name, online, subscription }): SoundtrackZone => ({
    id,
    name,
    online: online ?? null,
    subscription: subscription?.state ?? null,
  }));

export const ZonesReply = z.object({ total: Total, edges: edgesOf("sound zone", ZoneReply) });
export type ZonesReply = z.infer<typeof ZonesReply>;
/** Of a location whose other zones are read by its id. */
export const MoreZonesReply = z.object({ soundZones: ZonesReply.nullable() });

const LocationFields = z.object({
  id: z.string().min(1),
  name: Text,
  physicalAddress: z.object({ city: Text, country: Text }).nullish(),
  timezone: Text,
  soundZones: ZonesReply.nullish(),
});
type LocationFields = z.infer<typeof LocationFields>;

/** Of a location that is read by its id. */
export const LocationReply = LocationFields.extend({ account: z.object({ businessName: Text }).nullish() }).transform(
  ({ account, ...location }) => toLocation(location, account?.businessName ?? null),
);

/** A part of an account's locations. */
export const AccountPartReply = z
  .object({
    businessName: orNull(Text),
    locations: z.object({ total: Total.optional(), edges: edgesOf("location", LocationFields) }),
  })
  .transform(({ businessName, locations: { total, edges } }) => ({
    total: total ?? null,
    edges: edges.map(({ cursor, node }): Edge<LocationStart> => ({
      cursor,
      node: node === null || node instanceof Error ? node : toLocation(node, businessName),
    })),
  }));

const AccountReply = z
  .object({
    id: z.string().min(1),
    locations: orNull(z.object({ total: Total })),
  })
  .transform(({ id, locations }): SoundtrackAccount => ({ id, locations: locations?.total ?? null }));

export const AccountsReply = z.object({
  me: z.object({ accounts: z.object({ total: Total, edges: edgesOf("account", AccountReply) }).nullable() }).nullable(),
});

export const NowPlayingReply = z
  .object({ track: z.object({ title: Text }).nullish() })
  .transform((playing) => playing.track?.title ?? null);

/** The zones of a page, and whether they are all up to here. */
export function readZones({ total, edges }: ZonesReply): Pick<SoundtrackLocation, "zones" | "zonesError"> {
  const zones = edges.flatMap(({ node }) => (node === null || node instanceof Error ? [] : [node]));
  const bad = edges.find(({ node }) => node instanceof Error)?.node;
  if (bad instanceof Error) return { zones, zonesError: bad };
  const isComplete = total !== null && zones.length === edges.length;
  return { zones, zonesError: isComplete ? null : missingZones() };
}

export function missingZones(): UpstreamError {
  return new UpstreamError("soundtrack", "UNEXPECTED", "its reply has no sound zones of the location");
}

function toLocation(reply: LocationFields, account: string | null): LocationStart {
  const { id, name, physicalAddress, timezone, soundZones } = reply;
  const { city = null, country = null } = physicalAddress ?? {};
  const more = soundZones ? moreOf(soundZones) : null;
  const read = soundZones ? readZones(soundZones) : { zones: [], zonesError: missingZones() };
  const lacks = more === null && soundZones && soundZones.total !== soundZones.edges.length;
  const zonesError = read.zonesError ?? (lacks ? missingZones() : null);
  const known = { id, name, account, city, country: country !== null && isCountryCode(country) ? country : null };
  return { location: { ...known, timezone, zones: read.zones, zonesError }, more };
}

function moreOf({ total, edges }: ZonesReply): LocationStart["more"] {
  const after = edges.at(-1)?.cursor ?? null;
  const count = (total ?? 0) - edges.length;
  return count > 0 && after !== null ? { count, after } : null;
}
