/**
 * Which locations are in the sandboxes' world, and which first-party data do they have?
 *
 * For each unit of scale 40 accounts with 500 locations in 14 countries. Values that rules need are set by chain and
 * number; all others are random by name. A larger scale adds sister chains and does not change the others. All dates
 * are relative to the UTC day of `now`. Ids have Soundtrack's format: opaque, with the ids of their parents.
 */
import { at } from "./campaign-plan.ts";
import { DAY, LOCATIONS, accountIdOf, chainAt, idOf, planAt, zoneIdOf } from "./location-plan.ts";
import type { Plan } from "./location-plan.ts";
import type { SubscriptionState } from "./location-placed.ts";
import { profileOf } from "./location-profiles.ts";
import type { LocationProfile } from "./location-profiles.ts";
import { createWorldList } from "./list.ts";
import type { WorldList } from "./list.ts";
import { eight } from "./random.ts";
import { BUSINESS_TYPES, CHAINS, COUNTRIES, ZONES } from "./venues.ts";
import type { Chain } from "./venues.ts";

export interface LocationWorld {
  readonly accounts: WorldList<WorldAccount, "id" | "businessName">;
  readonly locations: WorldList<WorldLocation, "id" | "accountId" | "name">;
  /** First-party, one for each location and in the locations' order. */
  readonly profiles: WorldList<LocationProfile>;
}

export interface WorldAccount {
  readonly id: string;
  readonly businessName: string;
  readonly businessType: string;
}

export interface WorldLocation {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly address: {
    readonly addressLine1: string;
    readonly postalCode: string;
    readonly city: string;
    readonly state: string;
    /** ISO 3166-1 alpha-2. */
    readonly country: string;
    readonly countryName: string;
  };
  /** IANA. */
  readonly timezone: string;
  readonly zones: readonly WorldZone[];
}

export interface WorldZone {
  readonly id: string;
  readonly name: string;
  readonly online: boolean;
  readonly subscription: { readonly state: SubscriptionState; readonly activeUntil: Date };
}

export interface LocationWorldOptions {
  /** A whole number from 1. */
  readonly scale: number;
  readonly now: Date;
}

/** The number of zones of a location is picked from this list. */
const ZONE_COUNTS = [1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6] as const;

export function createLocations({ scale, now }: LocationWorldOptions): LocationWorld {
  if (!Number.isInteger(scale) || scale < 1) throw new RangeError(`scale is a whole number from 1, but got ${scale}`);
  const today = Math.floor(now.getTime() / DAY) * DAY;
  const length = (): number => LOCATIONS * scale;
  return {
    accounts: createWorldList({
      length: () => CHAINS.length * scale,
      make: (index) => accountOf(chainAt(index)),
      keys: { id: (index) => accountIdOf(chainAt(index)), businessName: (index) => chainAt(index).name },
    }),
    locations: createWorldList({
      length,
      make: (index) => locationOf(planAt(index, today)),
      keys: {
        id: (index) => idOf(planAt(index, today)),
        accountId: (index) => accountIdOf(planAt(index, today).chain),
        name: (index) => placeOf(planAt(index, today)).name,
      },
    }),
    profiles: createWorldList({ length, make: (index) => profileOf(planAt(index, today)) }),
  };
}

function accountOf(chain: Chain): WorldAccount {
  const { name, storeType } = chain;
  return { id: accountIdOf(chain), businessName: name, businessType: BUSINESS_TYPES[storeType] };
}

function placeOf({ chain, nth }: Plan) {
  const code = at(chain.countries, nth);
  const { cities, streets } = COUNTRIES[code];
  const inCountry = Math.floor(nth / chain.countries.length);
  const [city, state, timezone, postalCode] = at(cities, inCountry);
  const street = at(streets, Math.floor(inCountry / cities.length));
  return { name: `${city}, ${street}`, code, city, state, timezone, postalCode, street };
}

function locationOf(plan: Plan): WorldLocation {
  const { chain, nth, placed } = plan;
  const { name, code, city, state, timezone, postalCode, street } = placeOf(plan);
  const [count, number] = eight("location", chain.name, nth);
  const zones = placed.zones?.length ?? at(ZONE_COUNTS, Math.floor(count * ZONE_COUNTS.length));
  const addressLine1 = `${street} ${1 + Math.floor(number * 180)}`;
  return {
    id: idOf(plan),
    accountId: accountIdOf(chain),
    name,
    address: { addressLine1, postalCode, city, state, country: code, countryName: COUNTRIES[code].name },
    timezone,
    zones: Array.from({ length: zones }, (_none, index) => zoneOf(plan, index)),
  };
}

function zoneOf(plan: Plan, index: number): WorldZone {
  const { chain, nth, placed, today } = plan;
  const name = ["zone", chain.name, nth, index] as const;
  const [life, connection, until] = eight(...name);
  const [state, online] = placed.zones?.[index] ?? [stateAt(life), connection < 0.985];
  const days = state === "EXPIRED" || state === "INACTIVE" ? -1 - until * 200 : 1 + until * 360;
  return {
    id: zoneIdOf(plan, index),
    name: at(ZONES[chain.storeType], index),
    online,
    subscription: { state, activeUntil: new Date(today + Math.round(days) * DAY) },
  };
}

function stateAt(chance: number): SubscriptionState {
  if (chance < 0.96) return "ACTIVE";
  if (chance < 0.975) return "PAUSED";
  if (chance < 0.985) return "CANCELLED";
  return chance < 0.993 ? "EXPIRED" : "INACTIVE";
}
