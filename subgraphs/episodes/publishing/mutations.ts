/** Which mutations about episodes are there? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../../platform/context.ts";
import type { EpisodeGraph } from "../commands.ts";
import { EpisodePayload, PublishEpisodeInput, SubmitEpisodeInput } from "./inputs.ts";

@Resolver()
export class EpisodeMutations {
  readonly #graph: EpisodeGraph;

  constructor(graph: EpisodeGraph) {
    this.#graph = graph;
  }

  @Mutation(() => EpisodePayload, {
    description:
      "hands an episode in for publishing, in the place of what was handed in before, and decides whether it may go out; it is kept also where that cannot be decided now",
  })
  submitEpisode(
    @Arg("input", () => SubmitEpisodeInput) input: SubmitEpisodeInput,
    @Ctx() context: Context,
  ): Promise<EpisodePayload> {
    return this.#graph.commands.publishing.submit(context, input);
  }

  @Mutation(() => EpisodePayload, {
    description:
      "publishes or schedules what was handed in, where the rules allow it now; otherwise nothing changes, and the decision says why",
  })
  publishEpisode(
    @Arg("input", () => PublishEpisodeInput) input: PublishEpisodeInput,
    @Ctx() context: Context,
  ): Promise<EpisodePayload> {
    return this.#graph.commands.publishing.publish(context, input);
  }
}
