/** What does this subgraph have decided, and from which facts? */
import { UndecidedError, decision } from "../pipeline/decision.ts";
import type { FactsOf } from "../pipeline/decision.ts";
import type { SoundtrackZone } from "../sources/soundtrack/client.ts";
import { isOpen, localTime } from "./location/local-time.ts";
import type { LocationProfile, PlaylistRequestRecord } from "../records/locations/types.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const LicenceAction = { NONE: "NONE", RENEW: "RENEW", ESCALATE: "ESCALATE" } as const;
export type LicenceAction = (typeof LicenceAction)[keyof typeof LicenceAction];

export const PlaylistAction = { CREATE: "CREATE", SCHEDULE: "SCHEDULE", HOLD: "HOLD" } as const;
export type PlaylistAction = (typeof PlaylistAction)[keyof typeof PlaylistAction];

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
  outputs: { playlists: "string", licence_action: "string", priority: "number" },
  freshForMs: 5 * MINUTE_MS,
  // A shop must not fall silent because the decision service restarts. Licence, days left and hours are facts and never
  // old: one that lapses is another question. So nothing plays that the table of minutes ago would not let play.
  staleForMs: 15 * MINUTE_MS,
  answer: (rows) => ({
    playlists: rows.list("playlists"),
    licenceAction: oneOf(LicenceAction, "licence_action", rows.first("licence_action")),
    priority: rows.lowest("priority"),
  }),
});

export const playlistRequest = decision({
  key: "playlist_request",
  inputs: {
    usage: "string",
    licence_status: "string",
    country: "string",
    tracks: "number",
    explicit_tracks: "number",
    brand_fit: "number",
    duration_days: "number",
    lead_days: "number",
  },
  outputs: { action: "string", queue: "string" },
  freshForMs: 5 * MINUTE_MS,
  answer: (rows) => ({ action: oneOf(PlaylistAction, "action", rows.first("action")), queue: rows.first("queue") }),
});

export const locationDecisions = [locationPlayback, playlistRequest];

/** All that decisions need to know of a location, from whichever source it came. */
export interface LocationKnowledge {
  readonly country: string;
  readonly timezone: string;
  readonly zones: readonly Pick<SoundtrackZone, "online" | "subscription">[];
  readonly profile: Pick<LocationProfile, "storeType" | "openingHours" | "licence">;
}

export type PlaybackFacts = FactsOf<typeof locationPlayback.inputs>;
export type PlaylistFacts = FactsOf<typeof playlistRequest.inputs>;

/** Where something has no end. */
const ENDLESS = 9999;
/** The public tariffs. */
const TIERS = new Set(["background", "foreground", "events"]);

/** `now` is in milliseconds since the epoch. */
export function playbackFacts({ country, timezone, zones, profile }: LocationKnowledge, now: number): PlaybackFacts {
  const { storeType, openingHours } = profile;
  const time = localTime(timezone, now);
  return {
    store_type: storeType,
    ...licenceFacts(profile, now),
    country,
    zones: zones.length,
    offline_zones: zones.filter(({ online }) => !online).length,
    subscriptions: [...new Set(zones.map(({ subscription }) => subscription))],
    open_now: time !== undefined && isOpen(openingHours, time),
  };
}

/** The first and the last day are those of the location's calendar. */
export function playlistFacts(
  { usage, trackUris, explicitTracks, brandGuidelines, brandFit, startsAt, endsAt }: PlaylistRequestRecord,
  { country, timezone, profile }: Omit<LocationKnowledge, "zones">,
  now: number,
): PlaylistFacts {
  const dayOf = (at: number): number => localTime(timezone, at)?.date ?? Math.floor(at / DAY_MS);
  const start = Number(startsAt ?? now);
  return {
    usage,
    licence_status: lapsed(profile, now) ? "EXPIRED" : (profile.licence?.status ?? "NONE"),
    country,
    tracks: trackUris.length,
    explicit_tracks: explicitTracks,
    brand_fit: brandGuidelines === null ? 100 : (brandFit ?? 0),
    duration_days: endsAt === null ? ENDLESS : Number(endsAt) < start ? 0 : dayOf(Number(endsAt)) - dayOf(start) + 1,
    lead_days: dayOf(start) - dayOf(now),
  };
}

/** Whatever somebody wrote down as its status: it has ended. */
function lapsed({ licence }: Pick<LocationProfile, "licence">, at: number): boolean {
  return licence !== null && licence.status !== "NONE" && licence.expiresAt !== null && Number(licence.expiresAt) <= at;
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

/** What a client is promised in any case. Throws an UndecidedError where the rows say nothing of the kind. */
function oneOf<Value extends string>(
  values: Readonly<Record<string, Value>>,
  output: string,
  said: string | null,
): Value {
  const value = Object.values(values).find((known) => known === said);
  if (value === undefined) {
    throw new UndecidedError(said === null ? `no row says ${output}` : `a row has an unknown ${output}`);
  }
  return value;
}
