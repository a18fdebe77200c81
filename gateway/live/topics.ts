/**
 * Which events does each field of the subscription tell?
 *
 * A row each: which kind of event, those of it that the client's arguments want, and the field of the query that reads one.
 */
import type { Event, EventOf } from "../../subgraphs/platform/events.ts";

export interface Topic {
  readonly query: string;
  wants(event: Event, args: Readonly<Record<string, unknown>>): event is ToldEvent;
}

/** An event with the id of what it is about. */
export type ToldEvent = EventOf<
  "decisionMade" | "reviewOpened" | "reviewResolved" | "effectChanged" | "candidateChanged"
>;

/** By the field of the subscription. */
export const TOPICS: ReadonlyMap<string, Topic> = new Map<string, Topic>([
  [
    "decisionMade",
    {
      query: "evaluation",
      wants: (event, { subject, model }): event is ToldEvent =>
        event.kind === "decisionMade" && isWanted(subject, event.subject) && isWanted(model, event.model),
    },
  ],
  [
    "reviewOpened",
    {
      query: "review",
      wants: (event, { queue }): event is ToldEvent => event.kind === "reviewOpened" && isWanted(queue, event.queue),
    },
  ],
  [
    "reviewResolved",
    {
      query: "review",
      wants: (event, { queue }): event is ToldEvent => event.kind === "reviewResolved" && isWanted(queue, event.queue),
    },
  ],
  [
    "candidateChanged",
    {
      query: "tableCandidate",
      wants: (event, { model }): event is ToldEvent =>
        event.kind === "candidateChanged" && isWanted(model, event.model),
    },
  ],
  ["effectChanged", { query: "effect", wants: (event): event is ToldEvent => event.kind === "effectChanged" }],
]);

/** Anything, where the client does not say. */
function isWanted(argument: unknown, value: string): boolean {
  return argument === undefined || argument === null || argument === value;
}
