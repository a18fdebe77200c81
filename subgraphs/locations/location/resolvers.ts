/** How are the fields of locations resolved? */
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { z } from "zod";
import { cursorsOf, PageArgs } from "../../../schema/connection.ts";
import type { Connection } from "../../../schema/connection.ts";
import { Decides, Paged, Sized } from "../../../schema/demand.ts";
import { locationId } from "../../../schema/id.ts";
import { CountryCode } from "../../../schema/scalars.ts";
import { PartnerField } from "../../../schema/partner.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { Context } from "../../platform/context.ts";
import { reportUnreadable } from "../../platform/items.ts";
import { listPage } from "../../platform/lists.ts";
import type { DatedLocation } from "../../sources/soundtrack/client.ts";
import type { SoundtrackLocation } from "../../sources/soundtrack/replies.ts";
import { requireFilterable } from "../../server/eligibility.ts";
import { SEARCH, searchFor } from "../../server/search.ts";
import { PlaybackDecision, locationPlayback } from "../decisions/location-playback.ts";
import { catalogueOf } from "./catalogue.ts";
import type { Keep } from "./catalogue.ts";
import type { LocationGraph } from "../commands.ts";
import { SoundZone, toSoundZone } from "../sound-zones/sound-zone.ts";
import { locationWorklist } from "./worklist.ts";
import { Licence, Location, LocationConnection, OpeningHours, toLocation } from "./location.ts";
import { StoreType } from "../../records/locations/types.ts";

const MAY_PLAY =
  "those that may play music, or may not, by the table here: `playback { eligible }`. Those of which it cannot be decided are in neither";
const FILTERED = { field: "Query.locations", argument: "mayPlay" };

const Position = z.object({ accountId: z.string(), cursor: z.string(), passed: z.int().min(1) });
const cursors = cursorsOf("locations", (value) => Position.safeParse(value).data);

@Resolver(() => Location)
export class LocationResolver {
  readonly #graph: LocationGraph;

  constructor(graph: LocationGraph) {
    this.#graph = graph;
  }

  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @PartnerField("id")
  @Query(() => Location, { nullable: true })
  location(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<Location | null> {
    return this.#graph.load(context).location.load(locationId.decode(id)[0]);
  }

  @RequiresScopes(["graph:read"], ["eligibility:read"])
  @PartnerField("first", "after")
  @Paged()
  @Decides(1, "mayPlay")
  @Query(() => LocationConnection, { description: "by account, then by name" })
  async locations(
    @Args(() => PageArgs) page: PageArgs,
    @Arg("country", () => CountryCode, { nullable: true }) country: string | null,
    @Arg("storeType", () => StoreType, { nullable: true }) storeType: StoreType | null,
    @Arg("mayPlay", () => Boolean, { nullable: true, description: MAY_PLAY }) mayPlay: boolean | null,
    @Arg("search", () => String, { nullable: true, description: SEARCH }) search: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<Location>> {
    const { soundtrack, eligibility } = this.#graph;
    const narrow = this.#filter({ country, storeType, search }, context);
    if (typeof mayPlay === "boolean") {
      const count = (): Promise<number> => catalogueOf(soundtrack, undefined, context).count();
      await requireFilterable(context, eligibility, { ...FILTERED, count });
    }
    const keep = typeof mayPlay === "boolean" ? this.#mayPlay(mayPlay, narrow, context) : narrow;
    const catalogue = catalogueOf(soundtrack, keep, context);
    return listPage(page, {
      cursors,
      position: ({ position }: DatedLocation) => position,
      node: ({ location, asOf }: DatedLocation) => toLocation(location, asOf),
      items: ({ limit, after }) => catalogue.page(limit, after),
      count: () => catalogue.count(),
    });
  }

  @RequiresScopes(["graph:read", "eligibility:read"])
  @Paged()
  @Query(() => LocationConnection, {
    description:
      "locations that need attention: first those that could not be decided, then the most urgent. Kept sorted: `asOf` says " +
      "how old it is",
  })
  locationWorklist(@Args(() => PageArgs) page: PageArgs, @Ctx() context: Context): Promise<Connection<Location>> {
    return locationWorklist(page, () => this.#graph.worklist.open(context));
  }

  @FieldResolver(() => ID, {
    nullable: true,
    description: "its account, as callers are restricted to it; null until it is known",
  })
  accountId(@Root() { source }: Location, @Ctx() context: Context): Promise<string | null> {
    return this.#graph.load(context).account.load(source.id);
  }

  @FieldResolver(() => StoreType, { description: "OTHER if it is unknown" })
  async storeType(@Root() { source }: Location, @Ctx() context: Context): Promise<StoreType> {
    return (await this.#graph.load(context).profile.load(source.id)).storeType;
  }

  @Sized(7)
  @FieldResolver(() => [OpeningHours], { description: "empty if they are unknown" })
  async openingHours(@Root() { source }: Location, @Ctx() context: Context): Promise<readonly OpeningHours[]> {
    return (await this.#graph.load(context).profile.load(source.id)).openingHours;
  }

  @FieldResolver(() => Licence, { nullable: true, description: "null if none is on record" })
  async licence(@Root() { source }: Location, @Ctx() context: Context): Promise<Licence | null> {
    return (await this.#graph.load(context).profile.load(source.id)).licence;
  }

  @Sized(10)
  @FieldResolver(() => [SoundZone], { description: "those that Soundtrack answers readably" })
  zones(@Root() { source: { zones, zonesError } }: Location, @Ctx() { log }: Context): readonly SoundZone[] {
    if (zonesError) reportUnreadable(log, [zonesError]);
    return zones.map(toSoundZone);
  }

  @RequiresScopes(["eligibility:read"])
  @Decides()
  @FieldResolver(() => PlaybackDecision, {
    nullable: true,
    description: "may it play music, which, and what has to be done about its licence?",
  })
  playback(@Root() { source }: Location, @Ctx() context: Context): Promise<PlaybackDecision> {
    return this.#decide(source, context);
  }

  async #decide(source: SoundtrackLocation, context: Context): Promise<PlaybackDecision> {
    const facts = await this.#graph.load(context).playback.load(source);
    return this.#graph.decide(context, locationPlayback, facts, locationId.encode(source.id));
  }

  /** Decides only about those that `narrow` keeps. */
  #mayPlay(wanted: boolean, narrow: Keep | undefined, context: Context): Keep {
    const { load, eligibility } = this.#graph;
    const { playback } = load(context);
    return async (all) => {
      const isIn = (await narrow?.(all)) ?? all.map(() => true);
      const locations = all.filter((_, index) => isIn[index]);
      const facts = await playback.loadMany(locations);
      const subjects = locations.map(({ id }, index) => ({
        subject: locationId.encode(id),
        facts: facts[index] ?? new Error(`nothing is known of location ${id}`),
      }));
      const eligible = await eligibility.among(context, locationPlayback, subjects);
      const kept = new Set(locations.filter((_, index) => eligible[index] === wanted));
      return all.map((location) => kept.has(location));
    };
  }

  #filter(
    { country, storeType, search }: Readonly<Record<"country" | "storeType" | "search", string | null>>,
    context: Context,
  ): Keep | undefined {
    const isNamed = searchFor(search);
    if (!country && !storeType && !isNamed) return undefined;
    const { profile } = this.#graph.load(context);
    return async (locations) => {
      const profiles = storeType ? await profile.loadMany(locations.map(({ id }) => id)) : [];
      return locations.map((location, index) => {
        const record = profiles[index];
        if (record instanceof Error) throw record;
        return (
          (!country || location.country === country) &&
          (!storeType || record?.storeType === storeType) &&
          (!isNamed || isNamed(location.name))
        );
      });
    };
  }
}
