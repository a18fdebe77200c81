/**
 * Which first-party data does a location have?
 *
 * Its store type, opening hours and music licence. Most licences are valid for months; the others have expired,
 * expire soon, or are not recorded.
 */
import { DAY, idOf } from "./location-plan.ts";
import type { Plan } from "./location-plan.ts";
import type { Licence } from "./location-placed.ts";
import { hoursOf } from "./opening-hours.ts";
import type { OpeningHours } from "./opening-hours.ts";
import { eight, pick } from "./random.ts";
import type { Eight } from "./random.ts";
import type { StoreType } from "./venues.ts";

export interface LocationProfile {
  readonly locationId: string;
  readonly storeType: StoreType;
  /** Empty if they are not recorded. */
  readonly openingHours: readonly OpeningHours[];
  readonly licence: (Omit<Licence, "daysLeft"> & { readonly expiresAt: Date | null }) | null;
}

const QUIET_TIERS = ["background", "background", "background", "background", "foreground"] as const;
const LOUD_TIERS = ["foreground", "foreground", "events", "events", "background"] as const;

export function profileOf(plan: Plan): LocationProfile {
  const { chain, nth, placed, today } = plan;
  const name = ["profile", chain.name, nth] as const;
  const chances = eight(...name);
  const licence = placed.licence === undefined ? licenceAt(chain.storeType, chances, name) : placed.licence;
  return {
    locationId: idOf(plan),
    storeType: chain.storeType,
    openingHours: placed.withoutHours || chances[7] < 0.02 ? [] : hoursOf(chain.storeType, chances[6]),
    licence: licence && {
      status: licence.status,
      tier: licence.tier,
      // Until the end of the last day, so that the number of days left is the same at every hour of today.
      expiresAt: licence.daysLeft === null ? null : new Date(today + (licence.daysLeft + 1) * DAY - 1000),
    },
  };
}

function licenceAt(storeType: StoreType, [chance, within]: Eight, name: readonly (string | number)[]): Licence | null {
  if (chance < 0.015) return null;
  const between = (least: number, most: number): number => least + Math.floor(within * (most - least + 1));
  const tier = pick(storeType === "FITNESS" || storeType === "BAR" ? LOUD_TIERS : QUIET_TIERS, ...name, "tier");
  if (chance < 0.03) return { status: "EXPIRED", tier, daysLeft: between(-60, -1) };
  if (chance < 0.045) return { status: "EXPIRING", tier, daysLeft: between(0, 7) };
  if (chance < 0.075) return { status: "EXPIRING", tier, daysLeft: between(8, 30) };
  if (chance < 0.13) return { status: "ACTIVE", tier, daysLeft: between(31, 90) };
  return { status: "ACTIVE", tier, daysLeft: chance < 0.16 ? null : between(91, 700) };
}
