/**
 * How is an episode submitted and published?
 *
 * It can be submitted any number of times, and is published once the rules allow it, by a new decision on the current
 * facts. Of two concurrent publications one succeeds and the other gets a CONFLICT; so does a publication whose submission
 * was replaced after it was decided. The outbox sends the publication to Megaphone: until then our record counts.
 */
import { badUserInput } from "../../../schema/errors.ts";
import { assertTransition } from "../../../schema/states.ts";
import { DecisionError } from "../../pipeline/ask.ts";
import type { Context } from "../../platform/context.ts";
import { UpstreamError } from "../../platform/upstream.ts";
import { addPublication, putSubmission } from "../../records/episodes/store.ts";
import type { Publication } from "../../records/episodes/types.ts";
import type { Handler } from "../../records/outbox/effect.ts";
import type { CommandTools } from "../../server/commands.ts";
import { badFields } from "../../server/validation.ts";
import { episodePublishing, publishingFacts } from "../decisions/episode-publishing.ts";
import type { PublishingDecision } from "../decisions/episode-publishing.ts";
import { EPISODE_STATES } from "../episode/episode.ts";
import type { Episode, EpisodeStatus } from "../episode/episode.ts";
import { megaphoneRefOf } from "../services.ts";
import type { EpisodeServices } from "../services.ts";
import { canonicalTag } from "./inputs.ts";
import type { EpisodePayload, PublishEpisodeInput, SubmitEpisodeInput } from "./inputs.ts";
import { PUBLISH, publishHandler } from "./publish-effect.ts";

export interface PublishingCommands {
  submit(context: Context, input: SubmitEpisodeInput): Promise<EpisodePayload>;
  publish(context: Context, input: PublishEpisodeInput): Promise<EpisodePayload>;
  readonly handlers: readonly Handler<never>[];
}

/** How long a request to publish now may take to arrive. */
const MAX_REQUEST_MS = 5 * 60_000;

export function publishingCommands(
  services: EpisodeServices,
  { decideAnew, recall, mutate, transact, outbox }: CommandTools,
): PublishingCommands {
  const { now } = services;

  return {
    async submit(context, input) {
      const load = services.load(context);
      let decided: PublishingDecision | Error | undefined;
      const { evaluationId } = await mutate(context, "submitEpisode", input, async () => {
        const episode = await requireEpisode(context, input.episodeId, "submit");
        const { podcastId, id: episodeId } = episode.source;
        const [publication, profile] = await Promise.all([
          load.publication.load(episodeId),
          load.profile.load(episodeId),
        ]);
        await assertCanBecome(context, episode, "SUBMITTED", "submit");
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
          const stored = { podcastId, episodeId, ...submission, transcriptUrl, submittedBy: context.caller };
          await putSubmission(tx, stored, publication);
          return { evaluationId: outcome instanceof Error ? null : outcome.id };
        };
      });
      return payload(context, input.episodeId, await decisionOf(context, evaluationId, decided));
    },

    async publish(context, input) {
      const load = services.load(context);
      let decided: PublishingDecision | undefined;
      const { evaluationId } = await mutate(context, "publishEpisode", input, async () => {
        const publishAt = wholeSeconds(requestedDate(input));
        const episode = await requireEpisode(context, input.episodeId, "publish");
        const { podcastId, id: episodeId } = episode.source;
        const [current, knowledge] = await Promise.all([
          load.publication.load(episodeId),
          load.knowledge.load(episode),
        ]);
        await assertCanBecome(context, episode, Number(publishAt) > now() ? "SCHEDULED" : "PUBLISHED", "publish");
        const decision = await decideAnew(context, episodePublishing, publishingFacts(knowledge), episode.id);
        decided = decision;
        const publication: Publication = {
          podcastId,
          episodeId,
          publishAt,
          evaluationId: decision.id,
          askedBy: context.caller,
          askedAt: new Date(now()),
          settledAt: null,
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
      return payload(context, input.episodeId, await decisionOf(context, evaluationId, decided));
    },

    handlers: [publishHandler(services, transact)],
  };

  /** Reads it anew: the request may have loaded an earlier state. */
  async function requireEpisode(context: Context, id: string, action: string): Promise<Episode> {
    const load = services.load(context);
    const ref = megaphoneRefOf(id, "episodeId");
    const cached = await load.episode.load(ref);
    if (cached) load.forget(cached);
    const episode = await load.episode.load(ref);
    if (episode) return episode;
    throw badUserInput(`Cannot ${action} an episode: there is no episode ${id}`, "episodeId");
  }

  async function assertCanBecome(context: Context, episode: Episode, to: EpisodeStatus, action: string): Promise<void> {
    assertTransition(EPISODE_STATES, await services.load(context).status(episode), to, { action, id: episode.id });
  }

  function requestedDate({ publishAt }: PublishEpisodeInput): Date {
    if (!publishAt) return new Date(now());
    if (Number(publishAt) >= now() - MAX_REQUEST_MS) return publishAt;
    throw badFields("publishEpisode", { publishAt: ["must not lie in the past"] });
  }

  /** The decision of this call, or the recorded one if an earlier call with the same key has done the work. */
  async function decisionOf(
    context: Context,
    evaluationId: string | null,
    decided: PublishingDecision | Error | undefined,
  ): Promise<PublishingDecision | Error> {
    if (evaluationId === null) return decided instanceof Error ? decided : notDecidedAtSubmission();
    if (decided && !(decided instanceof Error) && decided.id === evaluationId) return decided;
    return recall(context, episodePublishing, evaluationId);
  }

  async function payload(context: Context, id: string, decision: EpisodePayload["decision"]): Promise<EpisodePayload> {
    const episode = await requireEpisode(context, id, "read");
    return { episode, decision };
  }
}

/** A submission is stored without a decision too, and its payload then has the failure in place of the decision. */
async function decisionOrFailure<T>(decision: Promise<T>): Promise<T | DecisionError | UpstreamError> {
  try {
    return await decision;
  } catch (error) {
    if (error instanceof DecisionError || error instanceof UpstreamError) return error;
    throw error;
  }
}

function notDecidedAtSubmission(): DecisionError {
  return new DecisionError("DECISION_UNAVAILABLE", episodePublishing.key, "it was not decided at submission", true);
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** Megaphone's precision. */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(Number(date) / 1000) * 1000);
}
