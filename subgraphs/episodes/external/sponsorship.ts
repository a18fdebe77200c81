/**
 * What does this subgraph add to a sponsorship, which the campaigns subgraph owns?
 *
 * The facts of the episode that was asked for, and nothing else: whoever decides about the sponsorship gets them from
 * here through the gateway. They hang on the sponsorship and not on its `episode`, because fields that are required
 * across two steps come back as null, without an error, from the planner in JavaScript.
 */
import { Ctx, Directive, Field, FieldResolver, ID, ObjectType, Resolver, Root } from "type-graphql";
import { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { MegaphoneRef } from "../../sources/megaphone/client.ts";
import { EpisodeFacts } from "../episode/episode.ts";
import { factsOf } from "../services.ts";
import type { EpisodeServices } from "../services.ts";

@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true })
export class Sponsorship {
  @Field(() => ID)
  id!: string;
  @Directive("@external")
  @Field(() => ID)
  episodeId!: string;

  /** The same, as Megaphone calls it. */
  ref!: MegaphoneRef;
}

/** What a gateway sends as a reference to a sponsorship. */
export const SponsorshipReference = z.object({ id: z.string(), episodeId: z.string() });

@Resolver(() => Sponsorship)
export class SponsorshipResolver {
  readonly #services: EpisodeServices;

  constructor(services: EpisodeServices) {
    this.#services = services;
  }

  @Directive("@inaccessible")
  @Directive('@requires(fields: "episodeId")')
  @FieldResolver(() => EpisodeFacts, { nullable: true })
  async episodeFacts(@Root() { ref }: Sponsorship, @Ctx() context: Context): Promise<EpisodeFacts | null> {
    const load = this.#services.load(context);
    const episode = await load.episode.load(ref);
    return episode && factsOf(episode, load);
  }
}
