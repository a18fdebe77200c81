/** How are the fields of an episode answered? */
import { Arg, Args, Ctx, Directive, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { z } from "zod";
import { cursorsOf, PageArgs } from "../../../schema/connection.ts";
import type { Connection } from "../../../schema/connection.ts";
import { Decides, Paged } from "../../../schema/demand.ts";
import { showId } from "../../../schema/id.ts";
import { DateTime } from "../../../schema/scalars.ts";
import { PartnerField } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { Context } from "../../platform/context.ts";
import { listPage } from "../../platform/lists.ts";
import { results } from "../../platform/results.ts";
import { requireFilterable } from "../../server/eligibility.ts";
import { SEARCH, searchFor } from "../../server/search.ts";
import { PublishingDecision, episodePublishing, publishingFacts } from "../decisions/episode-publishing.ts";
import { catalogueOf } from "./catalogue.ts";
import type { CatalogueEntry, CatalogueFilter } from "./catalogue.ts";
import { Episode, EpisodeConnection, EpisodeFacts, EpisodeStatus, EpisodeSubmission, Show } from "./episode.ts";
import { factsOf, megaphoneRefOf, toEpisode } from "../services.ts";
import type { EpisodeServices } from "../services.ts";

const ELIGIBLE_FOR =
  "those in which this campaign may be placed, by the table here: `placement { eligible }`. Not those of which it cannot be decided";
const FILTERED = { field: "Query.episodes", argument: "eligibleFor", narrower: "showId" };

const Position = z.object({ podcastId: z.string(), passed: z.int().min(1) });
const cursors = cursorsOf("episodes", (value) => Position.safeParse(value).data);

@Resolver(() => Episode)
export class EpisodeResolver {
  readonly #services: EpisodeServices;

  constructor(services: EpisodeServices) {
    this.#services = services;
  }

  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @PartnerField("id")
  @Query(() => Episode, { nullable: true })
  episode(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<Episode | null> {
    return this.#services.load(context).episode.load(megaphoneRefOf(id));
  }

  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @PartnerField("first", "after")
  @Paged()
  @Decides(1, "eligibleFor")
  @Query(() => EpisodeConnection, { description: "grouped by show; in each show, the newest first" })
  async episodes(
    @Args(() => PageArgs) page: PageArgs,
    @Arg("showId", () => ID, { nullable: true }) show: string | null,
    @Arg("status", () => EpisodeStatus, { nullable: true }) status: EpisodeStatus | null,
    @Arg("eligibleFor", () => ID, { nullable: true, description: ELIGIBLE_FOR }) campaign: string | null,
    @Arg("search", () => String, { nullable: true, description: SEARCH }) search: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<Episode>> {
    const { megaphone, eligibility } = this.#services;
    const isNamed = searchFor(search);
    const hasName: CatalogueFilter | undefined =
      isNamed && (async (entries) => entries.map(({ episode }) => isNamed(episode.title)));
    const podcastId = typeof show === "string" ? showId.decode(show, "showId")[0] : undefined;
    const hasStatus = status ? this.#hasStatus(status, context) : undefined;
    if (typeof campaign === "string") {
      const count = (): Promise<number> => catalogueOf(megaphone, { context, podcastId }).count();
      await requireFilterable(context, eligibility, { ...FILTERED, count });
    }
    const isEligible = typeof campaign === "string" ? await this.#isEligibleFor(campaign, context) : undefined;
    const catalogue = catalogueOf(megaphone, {
      context,
      podcastId,
      filter: everyOf([hasName, hasStatus, isEligible]),
    });
    return listPage(page, {
      cursors,
      position: ({ position }: CatalogueEntry) => position,
      node: ({ episode, asOf }: CatalogueEntry) => toEpisode(episode, asOf),
      items: ({ limit, after }) => catalogue.page(limit, after),
      count: () => catalogue.count(),
    });
  }

  @FieldResolver(() => Show)
  show(@Root() episode: Episode, @Ctx() context: Context): Promise<Show> {
    return this.#services.load(context).showOf(episode);
  }

  @FieldResolver(() => Boolean, { description: "true also if it is unknown" })
  async explicit(@Root() episode: Episode, @Ctx() context: Context): Promise<boolean> {
    return (await this.#services.load(context).contentAttributes.load(episode)).explicit;
  }

  @FieldResolver(() => [String], { description: "BCP 47; empty if unknown" })
  async languages(@Root() episode: Episode, @Ctx() context: Context): Promise<readonly string[]> {
    return (await this.#services.load(context).contentAttributes.load(episode)).languages;
  }

  @FieldResolver(() => [String], { description: "Spotify's topic slugs" })
  async topics(@Root() { source }: Episode, @Ctx() context: Context): Promise<readonly string[]> {
    return (await this.#services.load(context).profile.load(source.id)).topics;
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: "in the future if it is scheduled; null if it has no date",
  })
  publishedAt(@Root() episode: Episode, @Ctx() context: Context): Promise<Date | null> {
    return this.#services.load(context).publishedAt(episode);
  }

  @FieldResolver(() => EpisodeStatus)
  status(@Root() episode: Episode, @Ctx() context: Context): Promise<EpisodeStatus> {
    return this.#services.load(context).status(episode);
  }

  @FieldResolver(() => Boolean)
  async transcriptAvailable(@Root() { source }: Episode, @Ctx() context: Context): Promise<boolean> {
    return (await this.#services.load(context).profile.load(source.id)).transcriptUrl !== null;
  }

  @FieldResolver(() => EpisodeSubmission, { nullable: true, description: "null until it is submitted" })
  async submission(@Root() { source }: Episode, @Ctx() context: Context): Promise<EpisodeSubmission | null> {
    return (await this.#services.load(context).profile.load(source.id)).submission;
  }

  @RequiresScopes(["eligibility:read"])
  @Decides()
  @FieldResolver(() => PublishingDecision, { nullable: true, description: "may it be published and promoted?" })
  async publishing(@Root() episode: Episode, @Ctx() context: Context): Promise<PublishingDecision> {
    const knowledge = await this.#services.load(context).knowledge.load(episode);
    return this.#services.decide(context, episodePublishing, publishingFacts(knowledge), episode.id);
  }

  @Directive("@inaccessible")
  @FieldResolver(() => EpisodeFacts, { nullable: true })
  facts(@Root() episode: Episode, @Ctx() context: Context): Promise<EpisodeFacts> {
    return factsOf(episode, this.#services.load(context));
  }

  async #isEligibleFor(campaign: string, context: Context): Promise<CatalogueFilter> {
    const eligible = await this.#services.placements(context, campaign, FILTERED.argument);
    const load = this.#services.load(context);
    return async (entries) => {
      const episodes = entries.map(({ episode, asOf }) => toEpisode(episode, asOf));
      const facts = await results(episodes.map((episode) => factsOf(episode, load)));
      const found = await eligible(
        episodes.map(({ id }, index) => ({
          subject: id,
          facts: facts[index] ?? new Error(`nothing is known of episode ${id}`),
        })),
      );
      return found.map((isEligible) => isEligible === true);
    };
  }

  #hasStatus(status: EpisodeStatus, context: Context): CatalogueFilter {
    const load = this.#services.load(context);
    return (entries) =>
      Promise.all(entries.map(async ({ episode, asOf }) => (await load.status(toEpisode(episode, asOf))) === status));
  }
}

/** Each gets those that the ones before it keep; undefined: all are kept. */
function everyOf(filters: readonly (CatalogueFilter | undefined)[]): CatalogueFilter | undefined {
  const [first, ...others] = filters.filter((filter) => filter !== undefined);
  return first && others.reduce(both, first);
}

function both(first: CatalogueFilter, second: CatalogueFilter): CatalogueFilter {
  return async (entries) => {
    const isIn = await first(entries);
    const rest = entries.filter((_, index) => isIn[index]);
    const keeps = (await second(rest)).values();
    return isIn.map((one) => one && keeps.next().value === true);
  };
}
