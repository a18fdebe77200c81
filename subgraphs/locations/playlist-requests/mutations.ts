/** Which mutation requests a playlist? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Decides } from "../../../schema/demand.ts";
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

  @RequiresScopes(["decisions:write"])
  @Decides()
  @Mutation(() => PlaylistRequestPayload, {
    description: "requests a branded playlist and decides it: it is approved and created, rejected, or sent to review",
  })
  async requestPlaylist(
    @Arg("input", () => RequestPlaylistInput) input: RequestPlaylistInput,
    @Ctx() context: Context,
  ): Promise<PlaylistRequestPayload> {
    const { commands, load } = this.#graph;
    const id = await commands.playlistRequests.request(context, input);
    const record = await load(context).playlistRequests.item.load(id);
    if (!record) throw new Error(`Cannot read playlist request ${id}: it is missing after it was recorded`);
    return { playlistRequest: toPlaylistRequest(record) };
  }
}
