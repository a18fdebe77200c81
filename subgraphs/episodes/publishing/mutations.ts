/** Which mutations submit and publish an episode? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Decides } from "../../../schema/demand.ts";
import type { Context } from "../../platform/context.ts";
import type { EpisodeGraph } from "../commands.ts";
import { EpisodePayload, PublishEpisodeInput, SubmitEpisodeInput } from "./inputs.ts";

@Resolver()
export class EpisodeMutations {
  readonly #graph: EpisodeGraph;

  constructor(graph: EpisodeGraph) {
    this.#graph = graph;
  }

  @RequiresScopes(["decisions:write"])
  @Decides()
  @Mutation(() => EpisodePayload, {
    description:
      "submits an episode for publishing, replacing an earlier submission, and decides whether it may be published; the submission is stored even if that cannot be decided now",
  })
  submitEpisode(
    @Arg("input", () => SubmitEpisodeInput) input: SubmitEpisodeInput,
    @Ctx() context: Context,
  ): Promise<EpisodePayload> {
    return this.#graph.commands.publishing.submit(context, input);
  }

  @RequiresScopes(["decisions:write"])
  @Decides()
  @Mutation(() => EpisodePayload, {
    description:
      "publishes or schedules a submitted episode if the rules allow it now; otherwise nothing changes, and the decision has the reasons",
  })
  publishEpisode(
    @Arg("input", () => PublishEpisodeInput) input: PublishEpisodeInput,
    @Ctx() context: Context,
  ): Promise<EpisodePayload> {
    return this.#graph.commands.publishing.publish(context, input);
  }
}
