/**
 * How is a publication sent to Megaphone?
 *
 * By an effect of the outbox. A later publication of the same episode supersedes it. If Megaphone refuses permanently, the
 * publication is deleted, so the episode has the status it had before.
 */
import { z } from "zod";
import { deletePublication, markAccepted } from "../../records/episodes/store.ts";
import type { Transact } from "../../records/mutations/transact.ts";
import { FinalError, handler } from "../../records/outbox/effect.ts";
import type { EffectKind, Handler } from "../../records/outbox/effect.ts";
import type { EpisodeServices } from "../services.ts";

const PublishData = z.object({
  podcastId: z.string(),
  episodeId: z.string(),
  publishAt: z.iso.datetime(),
  evaluationId: z.string(),
});

export const PUBLISH: EffectKind<z.infer<typeof PublishData>> = {
  name: "episodes.publish",
  data: PublishData,
  supersedesEarlier: true,
};

export function publishHandler(
  { megaphone, records, now }: Pick<EpisodeServices, "megaphone" | "records" | "now">,
  transact: Transact,
): Handler<never> {
  return handler({
    kind: PUBLISH,
    async perform({ data }) {
      const [latest] = await records.publications([data.episodeId]);
      // An operator has retried an effect that had failed permanently. Its decision may no longer hold.
      if (!latest)
        throw new FinalError(`Cannot publish ${data.episodeId}: its publication was cancelled; publish it anew`);
      if (latest.evaluationId !== data.evaluationId) return;
      await megaphone.publishEpisode(data, new Date(data.publishAt));
      await transact((tx) => markAccepted(tx, data, new Date(now())));
    },
    failed: ({ data }) => transact((tx) => deletePublication(tx, data)),
  });
}
