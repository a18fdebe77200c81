/**
 * How does an episode come to be heard?
 *
 * It is handed in, as often as it takes, and published once the rules allow it: decided anew, on what is known then. Of two
 * who let it go out at the same time one has done so and the other is told; and nobody lets out what was handed in anew
 * behind their back. Megaphone hears of it through the outbox: until then the episode is as Megaphone is to be told.
 */
import { z } from "zod";
import { badUserInput } from "../../../schema/errors.ts";
import { assertTransition } from "../../../schema/states.ts";
import type { Context } from "../../platform/context.ts";
import { DecisionError } from "../../pipeline/ask.ts";
import type { CommandTools } from "../../server/commands.ts";
import { addPublication, dropPublication, putSubmission, markPublished } from "../../records/episodes/store.ts";
import { FinalError, handler } from "../../records/outbox/effect.ts";
import type { Attempt, EffectKind, Handler } from "../../records/outbox/effect.ts";
import { UpstreamError } from "../../platform/upstream.ts";
import { badFields } from "../../server/validation.ts";
import { episodePublishing, publishingFacts } from "../decisions/episode-publishing.ts";
import { EPISODE_STATES } from "../episode/episode.ts";
import type { Episode, EpisodeStatus } from "../episode/episode.ts";
import type { PublishingDecision } from "../decisions/episode-publishing.ts";
import { canonicalTag } from "./inputs.ts";
import type { EpisodePayload, PublishEpisodeInput, SubmitEpisodeInput } from "./inputs.ts";
import { refOf } from "../services.ts";
import type { EpisodeServices } from "../services.ts";
import type { Publication } from "../../records/episodes/types.ts";

export interface PublishingCommands {
  submit(context: Context, input: SubmitEpisodeInput): Promise<EpisodePayload>;
  publish(context: Context, input: PublishEpisodeInput): Promise<EpisodePayload>;
  readonly handlers: readonly Handler<never>[];
}

const Told = z.object({
  podcastId: z.string(),
  episodeId: z.string(),
  publishAt: z.iso.datetime(),
  evaluationId: z.string(),
});
type Told = z.infer<typeof Told>;
const PUBLISH: EffectKind<Told> = { name: "episodes.publish", data: Told, supersedesEarlier: true };

/** How long a request for now may have been under way. */
const SLOW_MS = 5 * 60_000;

export function publishingCommands(
  services: EpisodeServices,
  { decideAnew, recall, mutate, transact, outbox }: CommandTools,
): PublishingCommands {
  const { megaphone, records, now } = services;

  return {
    async submit(context, input) {
      const load = services.load(context);
      let decision: PublishingDecision | Error = notDecided();
      const { evaluationId } = await mutate(context, "submitEpisode", input, async () => {
        const episode = await found(context, input, "submit");
        const { podcastId, id: episodeId } = episode.source;
        const [seen, profile] = await Promise.all([load.publication.load(episodeId), load.profile.load(episodeId)]);
        await mayCome(context, episode, "SUBMITTED", "submit");
        const submission = {
          disclaimers: once(input.disclaimers),
          approvals: once(input.approvals),
          languages: once(input.languages.map((tag) => canonicalTag(tag) ?? tag)),
          markets: once(input.markets.map((market) => market.toUpperCase())),
          submittedAt: new Date(now()),
        };
        const transcriptUrl = input.transcriptUrl ?? undefined;
        const told = { ...profile, submission, transcriptUrl: transcriptUrl ?? profile.transcriptUrl };
        const decided = await unlessFailed(
          load
            .knowledgeBy(told, episode)
            .then((known) => decideAnew(context, episodePublishing, publishingFacts(known), episode.id)),
        );
        decision = decided;
        return async (tx) => {
          const added = { podcastId, episodeId, ...submission, transcriptUrl, submittedBy: context.caller };
          await putSubmission(tx, added, seen);
          return { evaluationId: decided instanceof Error ? null : decided.id };
        };
      });
      if (evaluationId !== null) return payload(context, input.episodeId, await again(context, evaluationId, decision));
      return payload(context, input.episodeId, decision instanceof Error ? decision : notDecided());
    },

    async publish(context, input) {
      const load = services.load(context);
      let decision: PublishingDecision | Error = notDecided();
      const { evaluationId } = await mutate(context, "publishEpisode", input, async () => {
        const publishAt = inSeconds(momentOf(input));
        const episode = await found(context, input, "publish");
        const { podcastId, id: episodeId } = episode.source;
        const [seen, known] = await Promise.all([load.publication.load(episodeId), load.knowledge.load(episode)]);
        await mayCome(context, episode, Number(publishAt) > now() ? "SCHEDULED" : "PUBLISHED", "publish");
        const decided = await decideAnew(context, episodePublishing, publishingFacts(known), episode.id);
        decision = decided;
        const publication: Publication = {
          podcastId,
          episodeId,
          publishAt,
          evaluationId: decided.id,
          askedBy: context.caller,
          askedAt: new Date(now()),
          settledAt: null,
        };
        return async (tx) => {
          if (decided.verdict === "ALLOW") {
            await addPublication(tx, publication, { submission: known.submission, publication: seen });
            const data = { podcastId, episodeId, publishAt: publishAt.toISOString(), evaluationId: decided.id };
            await outbox.send(tx, PUBLISH, { subject: episode.id, data });
          }
          return { evaluationId: decided.id };
        };
      });
      return payload(context, input.episodeId, await again(context, evaluationId, decision));
    },

    handlers: [handler({ kind: PUBLISH, perform: tell, failed: giveUp })],
  };

  async function tell({ data }: Attempt<Told>): Promise<void> {
    const [last] = await records.publications([data.episodeId]);
    // It was given up, and perhaps handed in anew since: what allowed it then says nothing of now.
    if (!last) throw new FinalError(`Cannot publish ${data.episodeId}: it was given up; ask for it again`);
    // Somebody has asked for another date since.
    if (last.evaluationId !== data.evaluationId) return;
    await megaphone.publishEpisode(data, new Date(data.publishAt));
    await transact((tx) => markPublished(tx, data, new Date(now())));
  }

  /** It is as Megaphone says: not out. */
  async function giveUp({ data }: Attempt<Told>): Promise<void> {
    await transact((tx) => dropPublication(tx, data));
  }

  /** As it is now, whatever the request has read before. */
  async function found(context: Context, input: { readonly episodeId: string }, action: string): Promise<Episode> {
    const load = services.load(context);
    const ref = refOf(input.episodeId, "episodeId");
    const before = await load.episode.load(ref);
    if (before) load.forget(before);
    const episode = await load.episode.load(ref);
    if (episode) return episode;
    throw badUserInput(`Cannot ${action} an episode: there is no episode ${input.episodeId}`, "episodeId");
  }

  async function mayCome(context: Context, episode: Episode, to: EpisodeStatus, action: string): Promise<void> {
    assertTransition(EPISODE_STATES, await services.load(context).status(episode), to, { action, id: episode.id });
  }

  function momentOf({ publishAt }: PublishEpisodeInput): Date {
    if (!publishAt) return new Date(now());
    if (Number(publishAt) >= now() - SLOW_MS) return publishAt;
    throw badFields("publishEpisode", { publishAt: ["must not lie in the past"] });
  }

  /** What this run decided, unless another one under the same key was faster, or did it long ago. */
  async function again(
    context: Context,
    evaluationId: string,
    decision: PublishingDecision | Error,
  ): Promise<PublishingDecision> {
    if (!(decision instanceof Error) && decision.id === evaluationId) return decision;
    return recall(context, episodePublishing, evaluationId);
  }

  async function payload(context: Context, id: string, decision: EpisodePayload["decision"]): Promise<EpisodePayload> {
    const episode = await found(context, { episodeId: id }, "read");
    return { episode, decision };
  }
}

/** No decision is an answer too where what was handed in is kept without one. */
async function unlessFailed<T>(decided: Promise<T>): Promise<T | DecisionError | UpstreamError> {
  try {
    return await decided;
  } catch (error) {
    if (error instanceof DecisionError || error instanceof UpstreamError) return error;
    throw error;
  }
}

function notDecided(): DecisionError {
  return new DecisionError("DECISION_UNAVAILABLE", episodePublishing.key, "it could not be decided then", true);
}

function once(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** As Megaphone keeps it. */
function inSeconds(moment: Date): Date {
  return new Date(Math.floor(Number(moment) / 1000) * 1000);
}
