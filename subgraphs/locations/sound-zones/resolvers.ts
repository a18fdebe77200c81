/** How are the fields of sound zones resolved? */
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { Context } from "../../platform/context.ts";
import type { LocationServices } from "../services.ts";
import { SoundZone } from "./sound-zone.ts";

@Resolver(() => SoundZone)
export class SoundZoneResolver {
  readonly #services: LocationServices;

  constructor(services: LocationServices) {
    this.#services = services;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "the title of the track; null if nothing plays or the zone is offline",
  })
  async nowPlaying(@Root() { soundtrackId, online }: SoundZone, @Ctx() context: Context): Promise<string | null> {
    return online ? this.#services.load(context).nowPlaying.load(soundtrackId) : null;
  }
}
