/**
 * How is an episode submitted?
 *
 * Any number of times until it is scheduled, each time replacing the earlier submission. It is decided on and stored
 * together; if the decision fails, it is stored alone, and the payload has the failure in place of the decision.
 */
import { DecisionError } from "../../pipeline/ask.ts";
import type { Context } from "../../platform/context.ts";
import { unique } from "../../platform/unique.ts";
import { UpstreamError } from "../../platform/upstream-error.ts";
import { putSubmission } from "../../records/episodes/store.ts";
import type { CommandTools } from "../../server/commands.ts";
import { decidedOrRecalled } from "../../server/decided-or-recalled.ts";
import { episodePublishing, publishingFacts } from "../decisions/episode-publishing.ts";
import type { PublishingDecision } from "../decisions/episode-publishing.ts";
import { assertCanBecome, requireEpisode } from "../episode/require-episode.ts";
import type { EpisodeServices } from "../services.ts";
import { canonicalTag } from "./inputs.ts";
import type { EpisodePayload, SubmitEpisodeInput } from "./inputs.ts";

const MUTATION = "submitEpisode";

export function submitCommand(
  services: EpisodeServices,
  { decideAnew, recall, mutate }: Pick<CommandTools, "decideAnew" | "recall" | "mutate">,
): (context: Context, input: SubmitEpisodeInput) => Promise<EpisodePayload> {
  const { now } = services;

  return async (context, input) => {
    const load = services.load(context);
    let decided: PublishingDecision | Error | undefined;
    const { evaluationId } = await mutate(context, MUTATION, input, async () => {
      const episode = await requireEpisode(services, context, input.episodeId, MUTATION);
      const { podcastId, id: episodeId } = episode.source;
      const [publication, profile] = await Promise.all([
        load.publication.load(episodeId),
        load.profile.load(episodeId),
      ]);
      await assertCanBecome(services, context, episode, { status: "SUBMITTED", action: "submit" });
      const submission = {
        disclaimers: unique(input.disclaimers),
        approvals: unique(input.approvals),
        languages: unique(input.languages.map((tag) => canonicalTag(tag) ?? tag)),
        markets: unique(input.markets.map((market) => market.toUpperCase())),
        submittedAt: new Date(now()),
      };
      const transcriptUrl = input.transcriptUrl ?? undefined;
      const newProfile = { ...profile, submission, transcriptUrl: transcriptUrl ?? profile.transcriptUrl };
      const outcome = await decisionOrFailure(
        load
          .knowledgeWith(newProfile, episode)
          .then((knowledge) => decideAnew(context, episodePublishing, publishingFacts(knowledge), episode.id)),
      );
      decided = outcome;
      return async (tx) => {
        const stored = { podcastId, episodeId, ...submission, transcriptUrl, submittedBy: context.caller.id };
        await putSubmission(tx, stored, publication);
        return { evaluationId: outcome instanceof Error ? null : outcome.id };
      };
    });
    const decision =
      evaluationId === null
        ? failureOf(decided)
        : await decidedOrRecalled(recall, context, episodePublishing, { evaluationId, decided });
    return { episode: await requireEpisode(services, context, input.episodeId, MUTATION), decision };
  };
}

async function decisionOrFailure<T>(decision: Promise<T>): Promise<T | DecisionError | UpstreamError> {
  try {
    return await decision;
  } catch (error) {
    if (error instanceof DecisionError || error instanceof UpstreamError) return error;
    throw error;
  }
}

/** Why it was stored without a decision. An earlier call with the same key has not recorded its reason. */
function failureOf(decided: PublishingDecision | Error | undefined): Error {
  if (decided instanceof Error) return decided;
  return new DecisionError("DECISION_UNAVAILABLE", episodePublishing.key, "it was not decided at submission", true);
}
