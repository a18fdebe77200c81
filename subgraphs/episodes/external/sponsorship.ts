/**
 * What does this subgraph add to a sponsorship, which the campaigns subgraph owns?
 *
 * Only the facts of its episode: the decision about the sponsorship requires them. They are a field of the sponsorship,
 * not of its `episode`, because the JavaScript planner returns null, without an error, for a field that is required
 * across two steps.
 *
 * A sponsorship without an `episodeId` needs no facts, because its decision is recorded or still to come: nothing is read
 * for it, so that it is shown while Megaphone is down.
 */
import { Ctx, Directive, Field, FieldResolver, ID, ObjectType, Resolver, Root } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { MegaphoneRef } from "../../sources/megaphone/client.ts";
import { EpisodeFacts } from "../episode/episode.ts";
import { factsOf } from "../services.ts";
import type { EpisodeServices } from "../services.ts";

@Directive('@key(fields: "id")')
@ObjectType({ simpleResolvers: true })
export class Sponsorship {
  @RequiresScopes(["graph:read"], ["decisions:write"])
  @Field(() => ID)
  id!: string;
  @Directive("@external")
  @Field(() => ID, { nullable: true })
  episodeId!: string | null;

  /** The same episode in Megaphone. */
  ref!: MegaphoneRef | null;
}

/** The representation that a gateway sends. */
export const SponsorshipReference = z.object({ id: z.string(), episodeId: z.string().nullable() });

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
    if (ref === null) return null;
    const load = this.#services.load(context);
    const episode = await load.episode.load(ref);
    return episode && factsOf(episode, load);
  }
}
