/**
 * How are Soundtrack's accounts, locations and sound zones parsed?
 *
 * Connections and nodes are null if something failed inside. An incomplete list of zones is null as a whole: rules that
 * count zones would be wrong.
 */
import { z } from "zod";

export interface SoundtrackAccount {
  readonly id: string;
  readonly name: string;
  /** How many locations it has. */
  readonly locations: number;
}

export interface SoundtrackLocation {
  readonly id: string;
  readonly name: string;
  /** The name of the business; null if Soundtrack has none. */
  readonly account: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly city: string | null;
  /** IANA. */
  readonly timezone: string;
  /** null if Soundtrack did not return all of them. */
  readonly zones: readonly SoundtrackZone[] | null;
}

export interface SoundtrackZone {
  readonly id: string;
  readonly name: string;
  readonly online: boolean;
  /** `ACTIVE`, `CANCELLED`, `EXPIRED`, `INACTIVE`, `PAUSED`. */
  readonly subscription: string;
}

/** Zones that are read of a location: more than any has. */
const MAX_ZONES = 100;

/** Selected for each location in every query. */
export const LOCATION_FIELDS = `
  fragment LocationFields on Location {
    id
    name
    physicalAddress { city country }
    timezone
    soundZones(first: ${MAX_ZONES}) { total edges { node { id name online subscription { state } } } }
  }`;

const ZoneReply = z
  .object({
    id: z.string().min(1),
    name: z.string(),
    online: z.boolean(),
    subscription: z.object({ state: z.string() }),
  })
  .transform(({ subscription, ...zone }): SoundtrackZone => ({ ...zone, subscription: subscription.state }));

const ZonesReply = z
  .object({ total: z.int(), edges: z.array(z.object({ node: ZoneReply.nullable() })) })
  .nullable()
  .transform((zones) => {
    const complete = zones?.edges.flatMap(({ node }) => node ?? []);
    return complete && complete.length === zones?.total ? complete : null;
  });

const LocationFields = z.object({
  id: z.string().min(1),
  name: z.string(),
  physicalAddress: z.object({ city: z.string(), country: z.string() }),
  timezone: z.string(),
  soundZones: ZonesReply,
});

/** Of a location that is read by its id. */
export const LocationReply = LocationFields.extend({ account: z.object({ businessName: z.string() }).nullable() })
  .transform(({ account, ...location }) => toLocation(location, account?.businessName ?? null))
  .nullable();

/** A part of an account's locations. A node is null where Soundtrack has a location but could not read it. */
export const AccountPartReply = z
  .object({
    businessName: z.string(),
    locations: z
      .object({ edges: z.array(z.object({ cursor: z.string(), node: LocationFields.nullable() })) })
      .nullable(),
  })
  .transform(
    ({ businessName, locations }) =>
      locations?.edges.map(({ cursor, node }) => ({ cursor, location: node && toLocation(node, businessName) })) ??
      null,
  )
  .nullable();

export const AccountsReply = z.object({
  me: z.object({
    accounts: z.object({
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
      edges: z.array(
        z.object({
          node: z
            .object({
              id: z.string().min(1),
              businessName: z.string(),
              locations: z.object({ total: z.int().min(0) }).nullable(),
            })
            .transform(({ id, businessName: name, locations }): SoundtrackAccount => ({
              id,
              name,
              locations: locations?.total ?? 0,
            }))
            .nullable(),
        }),
      ),
    }),
  }),
});

export const NowPlayingReply = z
  .object({ track: z.object({ title: z.string() }).nullable() })
  .nullable()
  .transform((playing) => playing?.track?.title ?? null);

function toLocation(reply: z.infer<typeof LocationFields>, account: string | null): SoundtrackLocation {
  const { id, name, physicalAddress, timezone, soundZones: zones } = reply;
  const { city, country } = physicalAddress;
  return { id, name, account, country, city: city || null, timezone, zones };
}
