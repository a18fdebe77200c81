/** Which mutation asks for a playlist? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Context } from "../../platform/context.ts";
import type { LocationGraph } from "../commands.ts";
import { PlaylistRequestPayload, RequestPlaylistInput } from "./inputs.ts";
import { toPlaylistRequest } from "./playlist-request.ts";

@Resolver()
export class PlaylistRequestMutations {
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
}
