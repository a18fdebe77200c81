/**
 * How is engagement counted?
 *
 * Each event once, by its id, however often it is sent; all events of a call or none. Only the source of a click knows which
 * product its link was about: the category of a campaign belongs to another subgraph.
 */
import type { GraphQLError } from "graphql";
import { campaignId, episodeId, listenerId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import { countEngagement } from "../../records/listeners/engagement.ts";
import { lockListeners } from "../../records/listeners/store.ts";
import type { EngagementEvent } from "../../records/listeners/types.ts";
import type { CommandTools } from "../../server/commands.ts";
import { badFields } from "../../server/validation.ts";
import { eventTimeProblem } from "../listener/event-time.ts";
import type { ListenerServices } from "../services.ts";
import type { EngagementEventInput, RecordEngagementInput, RecordEngagementPayload } from "./inputs.ts";

const MUTATION = "recordEngagement";

export interface EngagementCommands {
  record(context: Context, input: RecordEngagementInput): Promise<RecordEngagementPayload>;
}

export function engagementCommands(
  { now }: ListenerServices,
  { transact }: Pick<CommandTools, "transact">,
): EngagementCommands {
  return {
    async record(_context, input) {
      const events = parseEvents(input.events, now());
      // Of events with the same id the first counts.
      const unique = [...new Map(events.toReversed().map((event) => [event.id, event])).values()];
      const listenerIds = events.map((event) => event.listenerId);
      const accepted = await transact(async (tx) => {
        const locked = await lockListeners(tx, listenerIds);
        const unknown = [...listenerIds.entries()].filter(([, id]) => !locked.has(id)).map(([index]) => index);
        if (unknown.length > 0) throw unknownListeners(unknown);
        return countEngagement(tx, unique);
      });
      return { accepted, duplicates: events.length - accepted };
    },
  };
}

/** Throws BAD_USER_INPUT that names every invalid field. */
function parseEvents(inputs: readonly EngagementEventInput[], now: number): readonly EngagementEvent[] {
  const problems: Record<string, readonly string[]> = {};
  const events = [...inputs.entries()].flatMap(
    ([index, { id, kind, at, product = null, ...ids }]): readonly EngagementEvent[] => {
      const decoded = <T>(field: keyof typeof ids, decode: (id: string) => T): T | undefined => {
        const text = ids[field];
        if (text === undefined || text === null) return undefined;
        try {
          return decode(text);
        } catch {
          problems[`events.${index}.${field}`] = [`is no ${field.replace("Id", "")} id`];
          return undefined;
        }
      };
      const [listener] = decoded("listenerId", (text) => listenerId.decode(text)) ?? [];
      const [campaign = null] = decoded("campaignId", (text) => campaignId.decode(text)) ?? [];
      const [, episode = null] = decoded("episodeId", (text) => episodeId.decode(text)) ?? [];
      const timeProblem = eventTimeProblem(at, now);
      if (timeProblem !== undefined) problems[`events.${index}.at`] = [timeProblem];
      if (product !== null && kind !== "CTA_CLICK") problems[`events.${index}.product`] = ["is only of a CTA_CLICK"];
      return listener === undefined
        ? []
        : [{ id, listenerId: listener, kind, at, campaignId: campaign, episodeId: episode, product }];
    },
  );
  if (Object.keys(problems).length > 0) throw badFields(MUTATION, problems);
  return events;
}

function unknownListeners(indexes: readonly number[]): GraphQLError {
  return badFields(
    MUTATION,
    Object.fromEntries(indexes.map((index) => [`events.${index}.listenerId`, ["is not a known listener"]])),
  );
}
