/**
 * How is an episode published or scheduled?
 *
 * By a new decision on the current facts, if that allows it. Of two concurrent publications one succeeds and the other
 * gets a CONFLICT; so does a publication whose submission was replaced after the decision. An effect of the outbox sends
 * the publication to Megaphone: until then our record counts.
 */
import type { Context } from "../../platform/context.ts";
import { addPublication } from "../../records/episodes/store.ts";
import type { Publication } from "../../records/episodes/types.ts";
import type { CommandTools } from "../../server/commands.ts";
import { decidedOrRecalled } from "../../server/decided-or-recalled.ts";
import { badFields } from "../../server/validation.ts";
import { episodePublishing, publishingFacts } from "../decisions/episode-publishing.ts";
import type { PublishingDecision } from "../decisions/episode-publishing.ts";
import { assertCanBecome, requireEpisode } from "../episode/require-episode.ts";
import type { EpisodeServices } from "../services.ts";
import type { EpisodePayload, PublishEpisodeInput } from "./inputs.ts";
import { PUBLISH } from "./publish-effect.ts";

/** How long a request to publish now may take to arrive. */
const MAX_REQUEST_MS = 5 * 60_000;

const MUTATION = "publishEpisode";

export function publishCommand(
  services: EpisodeServices,
  { decideAnew, recall, mutate, outbox }: Pick<CommandTools, "decideAnew" | "recall" | "mutate" | "outbox">,
): (context: Context, input: PublishEpisodeInput) => Promise<EpisodePayload> {
  const { now } = services;

  return async (context, input) => {
    const load = services.load(context);
    let decided: PublishingDecision | undefined;
    const { evaluationId } = await mutate(context, MUTATION, input, async () => {
      const publishAt = wholeSeconds(requestedDate(input));
      const episode = await requireEpisode(services, context, input.episodeId, MUTATION);
      const { podcastId, id: episodeId } = episode.source;
      const [current, knowledge] = await Promise.all([load.publication.load(episodeId), load.knowledge.load(episode)]);
      const status = Number(publishAt) > now() ? "SCHEDULED" : "PUBLISHED";
      await assertCanBecome(services, context, episode, { status, action: "publish" });
      const decision = await decideAnew(context, episodePublishing, publishingFacts(knowledge), episode.id);
      decided = decision;
      const publication: Publication = {
        podcastId,
        episodeId,
        publishAt,
        evaluationId: decision.id,
        requestedBy: context.caller.id,
        requestedAt: new Date(now()),
        acceptedAt: null,
      };
      return async (tx) => {
        if (decision.verdict === "ALLOW") {
          await addPublication(tx, publication, { submission: knowledge.submission, publication: current });
          const data = { podcastId, episodeId, publishAt: publishAt.toISOString(), evaluationId: decision.id };
          await outbox.send(tx, PUBLISH, { subject: episode.id, data });
        }
        return { evaluationId: decision.id };
      };
    });
    const decision = await decidedOrRecalled(recall, context, episodePublishing, { evaluationId, decided });
    return { episode: await requireEpisode(services, context, input.episodeId, MUTATION), decision };
  };

  function requestedDate({ publishAt }: PublishEpisodeInput): Date {
    if (!publishAt) return new Date(now());
    if (Number(publishAt) >= now() - MAX_REQUEST_MS) return publishAt;
    throw badFields("publishEpisode", { publishAt: ["must not be in the past"] });
  }
}

/** Megaphone's precision. */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(Number(date) / 1000) * 1000);
}
