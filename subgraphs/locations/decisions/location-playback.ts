/** May a location play music, which, and what has to be done about its licence? */
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { DecisionFields, PARTNER_DECISION } from "../../../schema/decision.ts";
import { PartnerFields } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import { unique } from "../../platform/unique.ts";
import type { LocationProfile } from "../../records/locations/types.ts";
import { isOpen, localTime, minutesToChange } from "../location/local-time.ts";
import { ENDLESS, UNKNOWN, oneOf } from "./location-facts.ts";
import type { LocationKnowledge } from "./location-facts.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const LicenceAction = { NONE: "NONE", RENEW: "RENEW", ESCALATE: "ESCALATE" } as const;
export type LicenceAction = (typeof LicenceAction)[keyof typeof LicenceAction];

registerEnumType(LicenceAction, {
  name: "LicenceAction",
  description: "What has to be done about a licence.",
  valuesConfig: { ESCALATE: { description: "a person has to act at once" } },
});

export const locationPlayback = decision({
  key: "location_playback",
  inputs: {
    store_type: "string",
    licence_status: "string",
    licence_tier: "string",
    days_left: "number",
    country: "string",
    zones: "number",
    offline_zones: "number",
    subscriptions: "collection",
    open_now: "boolean",
  },
  outputs: { playlists: "list", safe_list: "first", licence_action: "first", priority: "lowest" },
  constraints: [
    { number: "days_left", whole: true },
    { number: "zones", whole: true, from: 0 },
    { number: "offline_zones", whole: true, from: 0 },
    { where: { licence_status: "NONE" }, means: { licence_tier: UNKNOWN, days_left: ENDLESS } },
    { where: { zones: 0 }, means: { offline_zones: 0, subscriptions: [] } },
  ],
  changeable: ["licence_status", "licence_tier", "days_left", "zones", "subscriptions"],
  freshForMs: 5 * MINUTE_MS,
  // A restart of the decision service must not stop the music in a shop. Licence, days left and opening hours are facts
  // and always current: an expired licence is another question. So a stale answer only risks an outdated table.
  staleForMs: 15 * MINUTE_MS,
  answer: (rows) => ({
    playlists: playlistsOf(rows.first("safe_list"), rows.list("playlists")),
    licenceAction: oneOf(LicenceAction, "licence_action", rows.first("licence_action")),
    priority: rows.lowest("priority"),
  }),
});

export type PlaybackFacts = FactsOf<typeof locationPlayback.inputs>;

/** The public tariffs. */
const TIERS = new Set(["background", "foreground", "events"]);

/** `now` is in milliseconds since the epoch. */
export function playbackFacts({ country, timezone, zones, profile }: LocationKnowledge, now: number): PlaybackFacts {
  const { storeType, openingHours } = profile;
  const time = timezone === null ? undefined : localTime(timezone, now);
  return {
    store_type: storeType,
    ...licenceFacts(profile, now),
    country: country ?? UNKNOWN,
    zones: zones.length,
    offline_zones: zones.filter(({ online }) => !online).length,
    subscriptions: unique(zones.map(({ subscription }) => subscription)),
    open_now: time !== undefined && isOpen(openingHours, time),
  };
}

/**
 * When the time alone changes these facts next, in milliseconds since the epoch; null if it never does. Up to an hour off
 * where the clocks of the location change before that.
 */
export function playbackChangesAt({ timezone, profile }: Pick<LocationKnowledge, "timezone" | "profile">, now: number) {
  const { licence, openingHours } = profile;
  const end = licence === null || licence.status === "NONE" ? null : licence.expiresAt;
  const time = timezone === null ? undefined : localTime(timezone, now);
  const minutes = time && minutesToChange(openingHours, time);
  const changes = [
    ...(end === null ? [] : [Number(end) - Math.floor((Number(end) - now) / DAY_MS) * DAY_MS + 1]),
    ...(minutes === undefined ? [] : [(Math.floor(now / MINUTE_MS) + minutes) * MINUTE_MS]),
  ];
  return changes.length === 0 ? null : Math.min(...changes);
}

/** A safe list replaces all playlists: each of them could be one that the licence does not cover. */
function playlistsOf(safeList: string | null, playlists: readonly string[]): readonly string[] {
  return safeList === null ? playlists : [safeList];
}

function licenceFacts(
  { licence }: Pick<LocationProfile, "licence">,
  now: number,
): Pick<PlaybackFacts, "licence_status" | "licence_tier" | "days_left"> {
  if (licence === null || licence.status === "NONE") {
    return { licence_status: "NONE", licence_tier: "unknown", days_left: ENDLESS };
  }
  const tier = licence.tier.trim().toLowerCase();
  return {
    licence_status: licence.status,
    licence_tier: TIERS.has(tier) ? tier : "unknown",
    days_left: licence.expiresAt === null ? ENDLESS : Math.floor((Number(licence.expiresAt) - now) / DAY_MS),
  };
}

@RequiresScopes(["eligibility:read"])
@PartnerFields(...PARTNER_DECISION)
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May a location play music, which, and what has to be done about its licence?",
})
export class PlaybackDecision extends DecisionFields {
  @Field(() => [String], {
    description: "slugs of the programmes it may play; while somebody has to look at its licence, only a safe one",
  })
  playlists!: readonly string[];
  @Field(() => LicenceAction)
  licenceAction!: LicenceAction;
  @Field(() => Int, { description: "1 is the most urgent" })
  priority!: number;
}
