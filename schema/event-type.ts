/** Which events are told to other systems? Their data is in subgraphs/records/webhooks/events.ts. */

export const EVENT_TYPES = [
  "sponsorship.decided",
  "case.routed",
  "playlist.fulfilled",
  "licence.escalated",
  "lead.routed",
  "review.opened",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];
