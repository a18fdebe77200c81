/** Which mutation records a licence? */
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import { Decides } from "../../../schema/demand.ts";
import type { Context } from "../../platform/context.ts";
import type { LocationGraph } from "../commands.ts";
import { LocationPayload, RecordLicenceInput } from "./inputs.ts";

@Resolver()
export class LicenceMutations {
  readonly #graph: LocationGraph;

  constructor(graph: LocationGraph) {
    this.#graph = graph;
  }

  @RequiresScopes(["decisions:write"])
  @Decides()
  @Mutation(() => LocationPayload, {
    description: "replaces the licence on record; every later decision uses it",
  })
  async recordLicence(
    @Arg("input", () => RecordLicenceInput) input: RecordLicenceInput,
    @Ctx() context: Context,
  ): Promise<LocationPayload> {
    const { commands, load } = this.#graph;
    const id = await commands.licences.record(context, input);
    const location = await load(context).location.load(id);
    if (!location) throw new Error(`Cannot read location ${id}: it is missing after its licence was recorded`);
    return { location };
  }
}
