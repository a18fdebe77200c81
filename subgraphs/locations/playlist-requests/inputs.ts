/** Which input does a playlist request take? */
import { IsOptional, ValidateBy } from "class-validator";
import type { ValidationArguments } from "class-validator";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import { MutationPayload } from "../../../schema/dry-run.ts";
import { IdempotentInput } from "../../../schema/idempotency.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { IsText } from "../../../schema/text.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { PlaylistRequest } from "./playlist-request.ts";
import { PlaylistUsage } from "../../records/locations/types.ts";

/** Of a playlist in Spotify. */
const MAX_TRACKS = 10_000;
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
    description: `\`spotify:track:…\` or \`spotify:episode:…\`, in this order, each once; at most ${MAX_TRACKS.toLocaleString("en")}`,
  })
  trackUris!: readonly string[];
  @IsOptional()
  @IsText({ maxLength: 5000 })
  @Field(() => String, { nullable: true })
  brandGuidelines?: string | null;
  @Field(() => DateTime, { nullable: true, description: "omit to start as soon as it is approved" })
  startsAt?: Date | null;
  @Field(() => DateTime, { nullable: true, description: "omit if it has no last day" })
  endsAt?: Date | null;
}

@RequiresScopes(["decisions:write"])
@ObjectType({ simpleResolvers: true })
export class PlaylistRequestPayload extends MutationPayload {
  @Field(() => PlaylistRequest)
  playlistRequest!: PlaylistRequest;
}

/** An invalid or repeated track is an error: the approved list is exactly the requested one. */
function IsTrackList(): PropertyDecorator {
  return ValidateBy({
    name: "isTrackList",
    validator: {
      validate: (uris: unknown) => problemOf(uris) === undefined,
      defaultMessage: (args?: ValidationArguments) => `$property ${problemOf(args?.value) ?? ""}`,
    },
  });
}

function problemOf(uris: unknown): string | undefined {
  if (!Array.isArray(uris)) return "must be a list";
  if (uris.length > MAX_TRACKS) return `must not have more than ${MAX_TRACKS} items`;
  const seen = new Set<unknown>();
  for (const [index, uri] of uris.entries()) {
    if (typeof uri !== "string" || !URI.test(uri)) {
      return `must be spotify:track: or spotify:episode: with an id of 22 letters and digits: the item at index ${index} is not`;
    }
    if (seen.has(uri)) return `must not repeat: ${uri} is repeated at index ${index}`;
    seen.add(uri);
  }
  return undefined;
}
