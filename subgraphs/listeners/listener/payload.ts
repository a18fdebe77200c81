/** What do the mutations about a listener return? */
import { Field, ObjectType } from "type-graphql";
import { MutationPayload } from "../../../schema/dry-run.ts";
import { listenerId } from "../../../schema/id.ts";
import { RequiresScopes } from "../../../schema/requires-scopes.ts";
import type { Context } from "../../platform/context.ts";
import type { ListenerServices } from "../services.ts";
import { Listener } from "./listener.ts";
import { unknownListener } from "./unknown-listener.ts";

@RequiresScopes(["decisions:write"])
@ObjectType({ simpleResolvers: true })
export class ListenerPayload extends MutationPayload {
  @Field(() => Listener)
  listener!: Listener;
}

/** Reads the listener anew: an earlier mutation of the request may have loaded an older state. */
export async function listenerPayload(
  { load }: Pick<ListenerServices, "load">,
  context: Context,
  mutation: string,
  id: string,
): Promise<ListenerPayload> {
  const [recordId] = listenerId.decode(id, "listenerId");
  const listener = await load(context).listener.clear(recordId).load(recordId);
  if (!listener) throw unknownListener(mutation, id);
  return { listener };
}
