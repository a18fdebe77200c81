/** May a branded playlist be created, when, and who reviews it? */
import { Field, ObjectType, registerEnumType } from "type-graphql";
import { DecisionFields } from "../../../schema/decision.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { decision } from "../../pipeline/decision.ts";
import type { FactsOf } from "../../pipeline/decision.ts";
import type { LocationProfile, PlaylistRequestRecord } from "../../records/locations/types.ts";
import { dayAt } from "../location/local-time.ts";
import { ENDLESS, UNKNOWN, oneOf } from "./location-facts.ts";
import type { LocationKnowledge } from "./location-facts.ts";

const MINUTE_MS = 60_000;

export const PlaylistAction = { CREATE: "CREATE", SCHEDULE: "SCHEDULE", HOLD: "HOLD" } as const;
export type PlaylistAction = (typeof PlaylistAction)[keyof typeof PlaylistAction];

registerEnumType(PlaylistAction, {
  name: "PlaylistAction",
  description: "What happens to a branded playlist.",
  valuesConfig: {
    CREATE: { description: "created and assigned at once" },
    SCHEDULE: { description: "assigned on its first day, which is in the future" },
    HOLD: { description: "not created unless a reviewer approves it" },
  },
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
  outputs: { action: "first", queue: { beside: "action" } },
  constraints: [
    { number: "tracks", whole: true, from: 0 },
    { number: "explicit_tracks", whole: true, from: 0 },
    { number: "brand_fit", whole: true },
    { number: "duration_days", whole: true },
    { number: "lead_days", whole: true },
  ],
  changeable: ["licence_status", "tracks", "explicit_tracks", "brand_fit", "duration_days", "lead_days"],
  freshForMs: 5 * MINUTE_MS,
  answer: (rows) => {
    const { action, queue } = rows.together("action", "queue");
    return { action: oneOf(PlaylistAction, "action", action), queue };
  },
});

export type PlaylistFacts = FactsOf<typeof playlistRequest.inputs>;

/** Days are calendar days in the location's time zone. */
export function playlistFacts(
  { usage, trackUris, explicitTracks, brandGuidelines, brandFit, startsAt, endsAt }: PlaylistRequestRecord,
  { country, timezone, profile }: Omit<LocationKnowledge, "zones">,
  now: number,
): PlaylistFacts {
  const dayOf = (at: number): number => dayAt(timezone, at);
  const start = Number(startsAt ?? now);
  return {
    usage,
    licence_status: hasExpired(profile, now) ? "EXPIRED" : (profile.licence?.status ?? "NONE"),
    country: country ?? UNKNOWN,
    tracks: trackUris.length,
    explicit_tracks: explicitTracks,
    brand_fit: brandGuidelines === null ? 100 : (brandFit ?? 0),
    duration_days: endsAt === null ? ENDLESS : Number(endsAt) < start ? 0 : dayOf(Number(endsAt)) - dayOf(start) + 1,
    lead_days: dayOf(start) - dayOf(now),
  };
}

/** By its end: its recorded status may be outdated. */
function hasExpired({ licence }: Pick<LocationProfile, "licence">, at: number): boolean {
  return licence !== null && licence.status !== "NONE" && licence.expiresAt !== null && Number(licence.expiresAt) <= at;
}

@RequiresScopes(["eligibility:read"])
@ObjectType({
  implements: DecisionFields,
  simpleResolvers: true,
  description: "May a branded playlist be created, when, and who reviews it?",
})
export class PlaylistDecision extends DecisionFields {
  @Field(() => PlaylistAction)
  action!: PlaylistAction;
  @Field(() => String, {
    nullable: true,
    description:
      "who has to act: the queue of the review, if there is one, else of those who prepare it or can change the answer",
  })
  queue!: string | null;
}
