/** Which mutations about locations are there? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../platform/context.ts";
import type { LocationGraph } from "./commands.ts";
import { LocationPayload, RecordLicenceInput } from "./licences/inputs.ts";
import { PlaylistRequestPayload, RequestPlaylistInput } from "./playlist-requests/inputs.ts";
import { toPlaylistRequest } from "./playlist-requests/playlist-request.ts";

@Resolver()
export class LocationMutations {
  readonly #graph: LocationGraph;

  constructor(graph: LocationGraph) {
    this.#graph = graph;
  }

  @Mutation(() => PlaylistRequestPayload, {
    description: "asks for a branded playlist and decides it: approved and made, rejected, or routed to a reviewer",
  })
  async requestPlaylist(
    @Arg("input", () => RequestPlaylistInput) input: RequestPlaylistInput,
    @Ctx() context: Context,
  ): Promise<PlaylistRequestPayload> {
    const { commands, load } = this.#graph;
    const id = await commands.playlistRequests.request(context, input);
    const record = await load(context).playlistRequests.item.load(id);
    if (!record) throw new Error(`Cannot read playlist request ${id}, which was just written`);
    return { playlistRequest: toPlaylistRequest(record, { isAsRecorded: true }) };
  }

  @Mutation(() => LocationPayload, {
    description: "takes the place of the licence on record; whatever is decided from then on is decided by it",
  })
  async recordLicence(
    @Arg("input", () => RecordLicenceInput) input: RecordLicenceInput,
    @Ctx() context: Context,
  ): Promise<LocationPayload> {
    const { commands, load } = this.#graph;
    const id = await commands.licences.record(context, input);
    const location = await load(context).location.load(id);
    if (!location) throw new Error(`Cannot read location ${id}, which was just there`);
    return { location };
  }
}
