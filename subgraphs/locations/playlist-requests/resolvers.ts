/** How are the fields of playlist requests resolved? */
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { PageArgs } from "../../../schema/connection.ts";
import type { Connection } from "../../../schema/connection.ts";
import { Decides, Paged } from "../../../schema/demand.ts";
import { notFound } from "../../../schema/errors.ts";
import { playlistRequestId } from "../../../schema/id.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { notDecidedYet } from "../../pipeline/undecided.ts";
import type { Context } from "../../platform/context.ts";
import { listByOwner, listCursors } from "../../platform/lists.ts";
import type { Listing } from "../../platform/lists.ts";
import { PlaylistDecision, playlistRequest } from "../decisions/playlist-request.ts";
import type { LocationServices } from "../services.ts";
import { Location } from "../location/location.ts";
import { PlaylistRequest, PlaylistRequestConnection, toPlaylistRequest } from "./playlist-request.ts";
import type { PlaylistRequestRecord } from "../../records/locations/types.ts";

const LISTING: Listing<PlaylistRequestRecord, PlaylistRequest> = {
  cursors: listCursors("playlistRequests"),
  position: ({ id, requestedAt }) => ({ at: requestedAt, id }),
  node: toPlaylistRequest,
};

@Resolver(() => PlaylistRequest)
export class PlaylistRequestResolver {
  readonly #services: LocationServices;

  constructor(services: LocationServices) {
    this.#services = services;
  }

  @RequiresScopes(["graph:read"])
  @Query(() => PlaylistRequest, { nullable: true })
  async playlistRequest(@Arg("id", () => ID) id: string, @Ctx() context: Context): Promise<PlaylistRequest | null> {
    const record = await this.#services.load(context).playlistRequests.item.load(playlistRequestId.decode(id)[0]);
    return record && toPlaylistRequest(record);
  }

  @FieldResolver(() => Location)
  async location(@Root() { id, record }: PlaylistRequest, @Ctx() context: Context): Promise<Location> {
    const location = await this.#services.load(context).location.load(record.locationId);
    if (!location) throw notFound(`Cannot read the location of ${id}: it does not exist any more`);
    return location;
  }

  @RequiresScopes(["eligibility:read"])
  @Decides()
  @FieldResolver(() => PlaylistDecision, {
    nullable: true,
    description:
      "may it be created, when, and who reviews it? The recorded decision behind its status; a new one if none is recorded. " +
      "Null with DECISION_UNAVAILABLE while the request is UNDECIDED",
  })
  async decision(@Root() { id, record }: PlaylistRequest, @Ctx() context: Context): Promise<PlaylistDecision> {
    const { evaluationId = null, status } = record;
    if (evaluationId !== null) return this.#services.recall(context, playlistRequest, evaluationId);
    if (status === "UNDECIDED") throw notDecidedYet(playlistRequest.key);
    const facts = await this.#services.load(context).playlist.load(record);
    return this.#services.decide(context, playlistRequest, facts, id);
  }
}

@Resolver(() => Location)
export class LocationPlaylistRequestsResolver {
  readonly #services: LocationServices;

  constructor(services: LocationServices) {
    this.#services = services;
  }

  @Paged()
  @FieldResolver(() => PlaylistRequestConnection, { description: "newest first" })
  playlistRequests(
    @Root() { source }: Location,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() context: Context,
  ): Promise<Connection<PlaylistRequest>> {
    return listByOwner(source.id, page, this.#services.load(context).playlistRequests, LISTING);
  }
}
