/**
 * Which locations are in every world?
 *
 * Those that rules need, by chain and number from 0. A sister chain has the same ones.
 */

export type LicenceStatus = "ACTIVE" | "EXPIRING" | "EXPIRED";
export type SubscriptionState = "ACTIVE" | "CANCELLED" | "EXPIRED" | "INACTIVE" | "PAUSED";

export interface Licence {
  readonly status: LicenceStatus;
  /** `background`, `foreground`, `events`, or another name as it was recorded. */
  readonly tier: string;
  /** Whole days from tomorrow; null if it does not expire. */
  readonly daysLeft: number | null;
}

export interface Placed {
  /** null if no licence is recorded. */
  readonly licence?: Licence | null;
  readonly zones?: readonly (readonly [state: SubscriptionState, online: boolean])[];
  /** Its opening hours are not recorded. */
  readonly withoutHours?: true;
}

const ON = ["ACTIVE", true] as const;
const OFF = ["ACTIVE", false] as const;
const BACKGROUND = licence("ACTIVE", "background", 400);
const FOREGROUND = licence("ACTIVE", "foreground", 400);

export const PLACED: Readonly<Record<string, readonly Placed[]>> = {
  "Café Morgenrot": [
    { licence: licence("EXPIRED", "background", -12) },
    { licence: licence("ACTIVE", "background", 200) },
  ],
  "Tiny Orchard Toys": [{ licence: null }, { licence: BACKGROUND, zones: [ON] }],
  "Osteria del Ponte": [{ licence: licence("ACTIVE", "background", -3) }, { licence: BACKGROUND, zones: [ON, ON] }],
  "Modehuis Van Aerden": [
    { licence: licence("EXPIRING", "background", 5), zones: [ON] },
    { licence: licence("EXPIRING", "background", 20), zones: [ON, ON] },
    { licence: licence("EXPIRING", "background", 60), zones: [ON] },
  ],
  "Thistle & Thread": [
    { licence: licence("ACTIVE", "in-store radio", 300), zones: [ON] },
    { licence: licence("EXPIRING", "in-store radio", 5), zones: [ON] },
  ],
  "Stride Fitness Clubs": [{ licence: BACKGROUND }],
  "Ironwharf Fitness": [{ licence: FOREGROUND, zones: [ON, ON, ON] }],
  "Kneipe Zum Anker": [{ licence: BACKGROUND }, { licence: FOREGROUND, zones: [ON] }],
  "The Copper Lantern": [{ licence: BACKGROUND, zones: [ON, ON] }],
  "Cantina Mezcalito": [{ licence: licence("ACTIVE", "events", 300), zones: [ON, ON] }],
  "Birchwood Offices": [{ licence: BACKGROUND, zones: [ON, ON] }],
  "Lakeside Aquarium": [
    { licence: licence("EXPIRING", "background", 20) },
    { licence: licence("EXPIRING", "background", 5) },
    { licence: BACKGROUND, zones: [ON] },
    {},
    { licence: licence("ACTIVE", "background", 60) },
  ],
  "Saltbush Outfitters": [{ licence: BACKGROUND, zones: [] }],
  "Burger Billabong": [
    {
      licence: BACKGROUND,
      zones: [
        ["PAUSED", true],
        ["PAUSED", true],
      ],
    },
  ],
  "Academia Ritmo": [{ licence: FOREGROUND, zones: [ON, ["CANCELLED", true], ["EXPIRED", true]] }],
  "Sakura Stay": [{ licence: BACKGROUND, zones: [ON, ["PAUSED", true], ["INACTIVE", true]] }],
  // Hotels never close.
  "Harbour Lane Hotels": [
    { licence: BACKGROUND, zones: [ON, OFF, ON] },
    { licence: licence("ACTIVE", "background", null), zones: [ON, ON] },
  ],
  "Hôtel Lumière": [{ licence: BACKGROUND, zones: [OFF, OFF, OFF, ON] }],
  Kontorhuset: [{ licence: BACKGROUND, zones: [ON], withoutHours: true }],
};

function licence(status: LicenceStatus, tier: string, daysLeft: number | null): Licence {
  return { status, tier, daysLeft };
}
