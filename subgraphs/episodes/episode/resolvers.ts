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
import { PublishingDecision, episodePublishing, publishingFacts } from "../decisions/episode-publishing.ts";
import { catalogueOf } from "./catalogue.ts";
import type { CatalogueEntry, CatalogueFilter } from "./catalogue.ts";
import { Episode, EpisodeConnection, EpisodeFacts, EpisodeStatus, Show } from "./episode.ts";
import { factsOf, megaphoneRefOf, toEpisode } from "../services.ts";
import type { EpisodeServices } from "../services.ts";

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
  @Query(() => EpisodeConnection, { description: "grouped by show; in each show, the newest first" })
  async episodes(
    @Args(() => PageArgs) page: PageArgs,
    @Arg("showId", () => ID, { nullable: true }) show: string | null,
    @Arg("status", () => EpisodeStatus, { nullable: true }) status: EpisodeStatus | null,
    @Ctx() context: Context,
  ): Promise<Connection<Episode>> {
    const catalogue = catalogueOf(this.#services.megaphone, {
      context,
      podcastId: typeof show === "string" ? showId.decode(show, "showId")[0] : undefined,
      filter: status ? this.#hasStatus(status, context) : undefined,
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

  #hasStatus(status: EpisodeStatus, context: Context): CatalogueFilter {
    const load = this.#services.load(context);
    return (entries) =>
      Promise.all(entries.map(async ({ episode, asOf }) => (await load.status(toEpisode(episode, asOf))) === status));
  }
}
