/** Which episodes are there to decide about, and what are they to the decisions of other subgraphs? */
import type { Context } from "../platform/context.ts";
import { results } from "../platform/results.ts";
import type { Neighbours } from "../server/neighbours.ts";
import { batchesOf, memberOf } from "../server/populations.ts";
import type { Population } from "../server/populations.ts";
import { episodePublishing, publishingFacts } from "./decisions/episode-publishing.ts";
import { catalogueOf } from "./episode/catalogue.ts";
import type { Position } from "./episode/catalogue.ts";
import type { Episode } from "./episode/episode.ts";
import { factsOf, toEpisode } from "./services.ts";
import type { EpisodeServices } from "./services.ts";

type Services = Pick<EpisodeServices, "megaphone" | "load">;

export function episodePopulations(services: Services): readonly Population[] {
  return [
    {
      field: "Episode.publishing",
      model: episodePublishing.key,
      async *members(context) {
        const { knowledge } = services.load(context);
        for await (const episodes of everyEpisode(services, context)) {
          const known = await results(episodes.map(async (episode) => publishingFacts(await knowledge.load(episode))));
          yield episodes.map(({ id }, index) => memberOf(id, known[index]));
        }
      },
    },
  ];
}

/** For placements. */
export function episodesOf(services: Services): Neighbours["episodes"] {
  return async function* considered(context) {
    const load = services.load(context);
    for await (const episodes of everyEpisode(services, context)) {
      const facts = await results(episodes.map((episode) => factsOf(episode, load)));
      yield episodes.map(({ id }, index) => ({
        subject: id,
        facts: facts[index] ?? new Error(`nothing is known of ${id}`),
      }));
    }
  };
}

async function* everyEpisode({ megaphone }: Services, context: Context): AsyncGenerator<readonly Episode[]> {
  const catalogue = catalogueOf(megaphone, { context });
  const batches = batchesOf(
    (limit, after: Position | undefined) => catalogue.page(limit, after),
    ({ position }) => position,
  );
  for await (const batch of batches) yield batch.map(({ episode, asOf }) => toEpisode(episode, asOf));
}
