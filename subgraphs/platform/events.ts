/**
 * What has happened that somebody may wait for?
 *
 * Each process has one stream of events: of itself, and of the other processes that share its database. An event holds ids
 * and names, never data: whoever hears it reads what they may see. Those who listen do not throw, and do not wait.
 */
import { z } from "zod";

const EventShape = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("decisionMade"), id: z.string(), subject: z.string(), model: z.string() }),
  z.object({ kind: z.literal("reviewOpened"), id: z.string(), queue: z.string() }),
  z.object({ kind: z.literal("reviewResolved"), id: z.string(), queue: z.string() }),
  z.object({ kind: z.literal("effectChanged"), id: z.string() }),
  /** It was proposed, resolved, or handed over. */
  z.object({ kind: z.literal("candidateChanged"), id: z.string(), model: z.string() }),
  /** Something that decisions on a subject are made from; without a subject, on any. */
  z.object({ kind: z.literal("factsChanged"), subject: z.string().optional() }),
  /** The decision service runs another version of it. */
  z.object({ kind: z.literal("modelChanged"), model: z.string() }),
  /** Events may have been lost. */
  z.object({ kind: z.literal("missed") }),
]);

export type Event = z.infer<typeof EventShape>;
export type EventOf<Kind extends Event["kind"]> = Event & { readonly kind: Kind };

/** Where events are heard. */
export interface Events {
  /** Whether those of other processes arrive. */
  hears(): boolean;
  /** Gives a function that ends it. */
  listen(heard: (event: Event) => void): () => void;
}

export interface EventStream extends Events {
  publish(event: Event): void;
}

/** Default: it always hears. */
export function createEventStream(hears: () => boolean = () => true): EventStream {
  const listeners = new Set<(event: Event) => void>();
  return {
    hears,
    listen(heard) {
      listeners.add(heard);
      return () => void listeners.delete(heard);
    },
    publish(event) {
      for (const heard of listeners) heard(event);
    },
  };
}

/** From another process; undefined for what this version does not know. */
export function readEvent(value: unknown): Event | undefined {
  return EventShape.safeParse(value).data;
}
