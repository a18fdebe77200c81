/** What does it take to ask for a playlist? */
import { IsOptional, ValidateBy } from "class-validator";
import type { ValidationArguments } from "class-validator";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { IsText } from "../../../schema/text.ts";
import { PlaylistRequest } from "./playlist-request.ts";
import { PlaylistUsage } from "../../records/locations/types.ts";

/** Of a playlist in Spotify. */
const MOST_TRACKS = 10_000;
const URI = /^spotify:(?:track|episode):[0-9A-Za-z]{22}$/;

@InputType()
export class RequestPlaylistInput extends IdempotentInput {
  @Field(() => ID)
  locationId!: string;
  @IsText({ maxLength: 100 })
  @Field({ description: "the playlist's name in Spotify" })
  title!: string;
  @Field(() => PlaylistUsage)
  usage!: PlaylistUsage;
  @IsTrackList()
  @Field(() => [String], {
    description: `\`spotify:track:…\` or \`spotify:episode:…\`, in their order, each once; ${MOST_TRACKS.toLocaleString("en")} at the most`,
  })
  trackUris!: readonly string[];
  @IsOptional()
  @IsText({ maxLength: 5000 })
  @Field(() => String, { nullable: true })
  brandGuidelines?: string | null;
  @Field(() => DateTime, { nullable: true, description: "left out: as soon as it may be made" })
  startsAt?: Date | null;
  @Field(() => DateTime, { nullable: true, description: "left out: until somebody takes it down" })
  endsAt?: Date | null;
}

@ObjectType({ simpleResolvers: true })
export class PlaylistRequestPayload {
  @Field(() => PlaylistRequest)
  playlistRequest!: PlaylistRequest;
}

/** Nothing is left out of a list without a word: what is approved is what was asked for. */
function IsTrackList(): PropertyDecorator {
  return ValidateBy({
    name: "isTrackList",
    validator: {
      validate: (uris: unknown) => objection(uris) === undefined,
      defaultMessage: (args?: ValidationArguments) => `$property ${objection(args?.value) ?? ""}`,
    },
  });
}

function objection(uris: unknown): string | undefined {
  if (!Array.isArray(uris)) return "must be a list";
  if (uris.length > MOST_TRACKS) return `must not hold more than ${MOST_TRACKS} of them`;
  const seen = new Set<unknown>();
  for (const [index, uri] of uris.entries()) {
    if (typeof uri !== "string" || !URI.test(uri)) {
      return `must each be spotify:track: or spotify:episode: and an id of 22 letters and digits: that of index ${index} is not`;
    }
    if (seen.has(uri)) return `must each be there once: ${uri} is there again at index ${index}`;
    seen.add(uri);
  }
  return undefined;
}
