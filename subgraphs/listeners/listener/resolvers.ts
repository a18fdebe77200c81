/** How are the fields of a listener answered? */
import { Arg, Args, Ctx, Directive, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { z } from "zod";
import { cursorsOf, PageArgs } from "../../../schema/connection.ts";
import type { Connection } from "../../../schema/connection.ts";
import { Decides, Paged } from "../../../schema/demand.ts";
import { listenerId } from "../../../schema/id.ts";
import { CountryCode } from "../../../schema/scalars.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { Context } from "../../platform/context.ts";
import { listPage } from "../../platform/lists.ts";
import { grantedPurposes, refusedPurposes } from "../consents/consents.ts";
import { SegmentDecision, audienceSegment, segmentFacts } from "../decisions/audience-segment.ts";
import { LeadDecision, leadFacts, leadRouting } from "../decisions/lead-routing.ts";
import { toListener } from "../services.ts";
import type { ListenerServices } from "../services.ts";
import { Listener, ListenerConnection, ListenerFacts } from "./listener.ts";

/** The position is a listener's id, so listeners added or erased between two pages neither repeat nor hide another. */
const Position = z.string().min(1).max(128);
const cursors = cursorsOf("listeners", (value) => Position.safeParse(value).data);

@Resolver(() => Listener)
export class ListenerResolver {
  readonly #services: ListenerServices;

  constructor(services: ListenerServices) {
    this.#services = services;
  }

  @RequiresScopes(["listeners:read"])
  @Query(() => Listener, { nullable: true })
  listener(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<Listener | null> {
    return this.#services.load(context).listener.load(listenerId.decode(id)[0]);
  }

  @RequiresScopes(["listeners:read"])
  @Paged()
  @Query(() => ListenerConnection, { description: "in a stable order without meaning" })
  async listeners(
    @Args(() => PageArgs) page: PageArgs,
    @Arg("country", () => CountryCode, { nullable: true }) country: string | null,
  ): Promise<Connection<Listener>> {
    const { records } = this.#services;
    const inCountry = country ?? undefined;
    return listPage(page, {
      cursors,
      position: ({ id }) => id,
      node: toListener,
      items: (window) => records.listeners({ ...window, country: inCountry }),
      count: () => records.count(inCountry),
    });
  }

  @RequiresScopes(["listeners:read", "eligibility:read"])
  @Decides()
  @FieldResolver(() => SegmentDecision, { nullable: true, description: "which audiences do they belong to?" })
  segments(@Root() listener: Listener, @Ctx() context: Context): Promise<SegmentDecision> {
    return this.#services.decide(context, audienceSegment, segmentFacts(listener, this.#services.now()), listener.id);
  }

  @RequiresScopes(["listeners:read", "eligibility:read"])
  @Decides()
  @FieldResolver(() => LeadDecision, {
    nullable: true,
    description:
      "how good a lead are they, and which queue gets it? Decided now; in the payload of routeLead, as they were routed",
  })
  lead(@Root() listener: Listener, @Ctx() context: Context): Promise<LeadDecision> {
    if (listener.leadEvaluationId !== undefined)
      return this.#services.recall(context, leadRouting, listener.leadEvaluationId);
    return this.#services.decide(context, leadRouting, leadFacts(listener), listener.id);
  }

  @Directive("@inaccessible")
  @FieldResolver(() => ListenerFacts, { nullable: true })
  facts(@Root() { age, country, consents }: Listener): ListenerFacts {
    return { age, country, consents: grantedPurposes(consents), refusals: refusedPurposes(consents) };
  }
}
