/** What does a mutation answer that changes what is recorded about a listener? */
import { Field, ObjectType } from "type-graphql";
import { listenerId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { ListenerServices } from "../services.ts";
import { unknownListener } from "./known.ts";
import { Listener } from "./listener.ts";

@ObjectType({ simpleResolvers: true })
export class ListenerPayload {
  @Field(() => Listener)
  listener!: Listener;
}

/** As they are now: an earlier mutation of the same request may have read them before. */
export async function listenerPayload(
  { load }: Pick<ListenerServices, "load">,
  context: Context,
  mutation: string,
  id: string,
): Promise<ListenerPayload> {
  const [own] = listenerId.decode(id, "listenerId");
  const listener = await load(context).listener.clear(own).load(own);
  if (!listener) throw unknownListener(mutation, id);
  return { listener };
}
