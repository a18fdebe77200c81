/** Which fields of the graph does this subgraph answer, and from where? */
import { Arg, Args, Ctx, Directive, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { z } from "zod";
import { connection, cursorsOf, pageSize, PageArgs } from "../../../schema/connection.ts";
import type { Connection } from "../../../schema/connection.ts";
import { listenerId } from "../../../schema/id.ts";
import { CountryCode } from "../../../schema/scalars.ts";
import type { Context } from "../../platform/context.ts";
import { LeadDecision } from "../decisions/lead-routing.ts";
import { SegmentDecision } from "../decisions/audience-segment.ts";
import { granted, refused } from "../consents/consents.ts";
import { audienceSegment, segmentFacts } from "../decisions/audience-segment.ts";
import { leadFacts, leadRouting } from "../decisions/lead-routing.ts";
import { Listener, ListenerConnection, ListenerFacts } from "./listener.ts";
import { toListener } from "../services.ts";
import type { ListenerServices } from "../services.ts";

/** A place is the id that stands there: whoever comes or goes while a client turns the pages moves nobody. */
const Position = z.string().min(1).max(128);
const cursors = cursorsOf("listeners", (value) => Position.safeParse(value).data);

@Resolver(() => Listener)
export class ListenerResolver {
  readonly #services: ListenerServices;

  constructor(services: ListenerServices) {
    this.#services = services;
  }

  @Query(() => Listener, { nullable: true })
  listener(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<Listener | null> {
    return this.#services.load(context).listener.load(listenerId.decode(id)[0]);
  }

  @Query(() => ListenerConnection, { description: "in an order that says nothing and does not change" })
  async listeners(
    @Args(() => PageArgs) page: PageArgs,
    @Arg("country", () => CountryCode, { nullable: true }) country: string | null,
  ): Promise<Connection<Listener>> {
    const { records } = this.#services;
    const size = pageSize(page);
    const after = cursors.decode(page);
    const only = country ?? undefined;
    // One more than the page shows says whether the list goes on.
    const found = await records.listeners({ after, limit: size + 1, country: only });
    return connection({
      items: found.slice(0, size).map((record) => ({ position: record.id, node: toListener(record) })),
      cursors,
      hasNextPage: found.length > size,
      hasPreviousPage: after !== undefined,
      totalCount: () => records.count(only),
    });
  }

  @FieldResolver(() => SegmentDecision, { nullable: true, description: "which audiences do they belong to?" })
  segments(@Root() listener: Listener, @Ctx() context: Context): Promise<SegmentDecision> {
    return this.#services.decide(context, audienceSegment, segmentFacts(listener, this.#services.now()), listener.id);
  }

  @FieldResolver(() => LeadDecision, { nullable: true, description: "how good a lead are they, and who takes it?" })
  lead(@Root() listener: Listener, @Ctx() context: Context): Promise<LeadDecision> {
    return this.#services.decide(context, leadRouting, leadFacts(listener), listener.id);
  }

  @Directive("@inaccessible")
  @FieldResolver(() => ListenerFacts, { nullable: true })
  facts(@Root() { age, country, consents }: Listener): ListenerFacts {
    return { age, country, consents: granted(consents), refusals: refused(consents) };
  }
}
