/**
 * How is counted what listeners did?
 *
 * Each event once, by its id, however often it is told; all events of a call or none. What a click was for is not looked
 * up: the category of a campaign is another subgraph's to know.
 */
import type { GraphQLError } from "graphql";
import { campaignId, episodeId, listenerId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { CommandTools } from "../../server/commands.ts";
import { countEngagement, lockListeners } from "../../records/listeners/store.ts";
import { badFields } from "../../server/validation.ts";
import type { EngagementEventInput, RecordEngagementInput, RecordEngagementPayload } from "./inputs.ts";
import { problemOf } from "../listener/known.ts";
import type { ListenerServices } from "../services.ts";
import type { EngagementEvent } from "../../records/listeners/types.ts";

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
      const events = read(input.events, now());
      // Of an id that stands there twice the first counts.
      const once = [...new Map(events.toReversed().map((event) => [event.id, event])).values()];
      let accepted = 0;
      await transact(async (tx) => {
        const named = events.map(({ listenerId: id }) => id);
        const there = await lockListeners(tx, named);
        const unknown = [...named.entries()].filter(([, id]) => !there.has(id)).map(([place]) => place);
        if (unknown.length > 0) throw nobody(unknown);
        accepted = await countEngagement(tx, once);
      });
      return { accepted, duplicates: events.length - accepted };
    },
  };
}

/** Throws BAD_USER_INPUT that names every field no event can have. */
function read(events: readonly EngagementEventInput[], now: number): readonly EngagementEvent[] {
  const problems: Record<string, readonly string[]> = {};
  const known = [...events.entries()].flatMap(([place, { id, kind, at, ...of }]): readonly EngagementEvent[] => {
    const decoded = <T>(field: keyof typeof of, decode: (id: string) => T): T | undefined => {
      const given = of[field];
      if (given === undefined || given === null) return undefined;
      try {
        return decode(given);
      } catch {
        problems[`events.${place}.${field}`] = [`is no ${field.replace("Id", "")} id`];
        return undefined;
      }
    };
    const [listener] = decoded("listenerId", (given) => listenerId.decode(given)) ?? [];
    const [campaign = null] = decoded("campaignId", (given) => campaignId.decode(given)) ?? [];
    const [, episode = null] = decoded("episodeId", (given) => episodeId.decode(given)) ?? [];
    const problem = problemOf(at, now);
    if (problem !== undefined) problems[`events.${place}.at`] = [problem];
    return listener === undefined
      ? []
      : [{ id, listenerId: listener, kind, at, campaignId: campaign, episodeId: episode }];
  });
  if (Object.keys(problems).length > 0) throw badFields(MUTATION, problems);
  return known;
}

function nobody(places: readonly number[]): GraphQLError {
  return badFields(
    MUTATION,
    Object.fromEntries(places.map((place) => [`events.${place}.listenerId`, ["is nobody we know"]])),
  );
}
