/**
 * How is a consent granted or withdrawn?
 *
 * An answer is added and none is changed; for each purpose the latest counts. An answer given now is always the latest,
 * whatever clocks recorded the others. A withdrawal must not lose to a fast clock either: one dated within the allowed
 * skew before now counts as given now.
 */
import { listenerId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import { addConsent } from "../../records/listeners/consents.ts";
import { lockListeners } from "../../records/listeners/store.ts";
import type { CommandTools } from "../../server/commands.ts";
import { badFields } from "../../server/validation.ts";
import { MAX_CLOCK_SKEW_MS, eventTimeProblem } from "../listener/event-time.ts";
import { unknownListener } from "../listener/unknown-listener.ts";
import type { ListenerServices } from "../services.ts";
import type { RecordConsentInput } from "./inputs.ts";

const MUTATION = "recordConsent";

export interface ConsentCommands {
  record(context: Context, input: RecordConsentInput): Promise<void>;
}

export function consentCommands({ now }: ListenerServices, { mutate }: Pick<CommandTools, "mutate">): ConsentCommands {
  return {
    async record(context, input) {
      const [id] = listenerId.decode(input.listenerId, "listenerId");
      await mutate(context, MUTATION, input, async () => {
        const { purpose, granted } = input;
        const receivedAt = now();
        const recordedAt = input.recordedAt ? timeOf(input.recordedAt, receivedAt, granted) : undefined;
        return async (tx) => {
          const locked = await lockListeners(tx, [id]);
          if (!locked.has(id)) throw unknownListener(MUTATION, input.listenerId);
          const recordedBy = context.caller.id;
          await addConsent(tx, { listenerId: id, purpose, granted, recordedAt, recordedBy, now: new Date(receivedAt) });
          return {};
        };
      });
    },
  };
}

/** undefined: it counts as given now. */
function timeOf(recordedAt: Date, receivedAt: number, granted: boolean): Date | undefined {
  const problem = eventTimeProblem(recordedAt, receivedAt);
  if (problem !== undefined) throw badFields(MUTATION, { recordedAt: [problem] });
  const latest = granted ? receivedAt : receivedAt - MAX_CLOCK_SKEW_MS;
  return Number(recordedAt) > latest ? undefined : recordedAt;
}
