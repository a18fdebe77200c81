/**
 * How do other systems learn of an event?
 *
 * It is stored in the transaction that makes it happen, as an effect for each endpoint that is told of such events: it is
 * told if and only if that commits. Each endpoint has a queue of its own, so one that is down or slow delays no other. Within
 * it the events of one type about one subject are in their order. Those of other types do not wait for them: an endpoint that
 * refuses one type is still told the others.
 */
import { z } from "zod";
import type { EventType } from "../../../schema/event-type.ts";
import { EVENT_TYPES } from "../../../schema/event-type.ts";
import type { Endpoint } from "../../platform/webhooks-file.ts";
import type { Tx } from "../database/database.ts";
import type { EffectKind } from "../outbox/effect.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { ToldEvent } from "./events.ts";

/** Stores an event that has happened. Gives the names of the endpoints that fulfil by accepting it. */
export type Tell = <Type extends EventType>(
  tx: Tx,
  type: Type,
  /** Called only where somebody is told. */
  event: () => ToldEvent<Type> | Promise<ToldEvent<Type>>,
) => Promise<readonly string[]>;

export const StoredEvent = z.object({ at: z.iso.datetime(), data: z.record(z.string(), z.unknown()) });
export type StoredEvent = z.infer<typeof StoredEvent>;

/** Begins the names of the endpoints' queues, which are their names as upstreams too. */
export const QUEUE_PREFIX = "webhook-";

export function queueOfEndpoint(name: string): string {
  return `${QUEUE_PREFIX}${name}`;
}

/** `webhook-campaign-desk.sponsorship.decided` */
export function deliveryKind(endpoint: string, type: EventType): EffectKind<StoredEvent> {
  return { name: `${queueOfEndpoint(endpoint)}.${type}`, data: StoredEvent, isUnordered: true };
}

export function createTell(endpoints: readonly Endpoint[], outbox: Pick<Outbox, "send">): Tell {
  const told = new Map(EVENT_TYPES.map((type) => [type, endpoints.filter(({ events }) => events.includes(type))]));
  return async (tx, type, event) => {
    const receivers = told.get(type) ?? [];
    if (receivers.length === 0) return [];
    const { subject, at, data } = await event();
    const stored = { at: at.toISOString(), data: { ...data } };
    for (const { name } of receivers) await outbox.send(tx, deliveryKind(name, type), { subject, data: stored });
    return receivers.filter(({ fulfils }) => fulfils).map(({ name }) => name);
  };
}
