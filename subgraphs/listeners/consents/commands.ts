/**
 * How is a consent given, and withdrawn?
 *
 * By one more answer beside those before; the latest of a purpose stands. What is said just now is later than all that was
 * said before, whichever process heard that and whatever its clock shows. A withdrawal loses to no clock, fast or slow:
 * one of the last few minutes is of now.
 */
import { listenerId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { CommandTools } from "../../server/commands.ts";
import { addConsent, lockListeners } from "../../records/listeners/store.ts";
import { badFields } from "../../server/validation.ts";
import type { RecordConsentInput } from "./inputs.ts";
import { CLOCKS_APART_MS, problemOf, unknownListener } from "../listener/known.ts";
import type { ListenerServices } from "../services.ts";

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
        const heardAt = now();
        const recordedAt = input.recordedAt ? said(input.recordedAt, heardAt, granted) : undefined;
        return async (tx) => {
          const there = await lockListeners(tx, [id]);
          if (!there.has(id)) throw unknownListener(MUTATION, input.listenerId);
          const recordedBy = context.caller;
          await addConsent(tx, { listenerId: id, purpose, granted, recordedAt, recordedBy, now: new Date(heardAt) });
          return {};
        };
      });
    },
  };

  function said(recordedAt: Date, heardAt: number, granted: boolean): Date | undefined {
    const problem = problemOf(recordedAt, heardAt);
    if (problem !== undefined) throw badFields(MUTATION, { recordedAt: [problem] });
    const latest = granted ? heardAt : heardAt - CLOCKS_APART_MS;
    return Number(recordedAt) > latest ? undefined : recordedAt;
  }
}
