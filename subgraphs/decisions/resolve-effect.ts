/**
 * What happens when an operator retries or drops an effect that failed?
 *
 * One transaction returns it to its queue, or deletes it; either way the later effects on its subject wait for it no longer.
 * Another state than FAILED is CONFLICT: it is already retried, or was never given up.
 */
import { badUserInput, conflict, overtaken } from "../../schema/errors.ts";
import { effectId } from "../../schema/id.ts";
import type { Context } from "../platform/context.ts";
import { dryRunHere } from "../platform/dry-run.ts";
import { EffectStatus, effectById } from "../records/outbox/effect-records.ts";
import type { RetryEffectInput } from "./effect.ts";
import type { DecisionServices } from "./services.ts";

/** The mutations, and what the outbox does for each. */
const VERBS = { retryEffect: "retry", dropEffect: "drop" } as const;

/** Gives the record's id. */
export async function resolveEffect(
  { mutate, accounts, outbox }: Pick<DecisionServices, "mutate" | "accounts" | "outbox">,
  context: Context,
  mutation: keyof typeof VERBS,
  input: RetryEffectInput,
): Promise<string> {
  const [id] = effectId.decode(input.effectId, "effectId");
  let done: object | undefined;
  const resolved = await mutate(context, mutation, input, async () => {
    const own = await accounts(context);
    return async (tx) => {
      const effect = await effectById(tx, id, own);
      if (!effect) throw badUserInput(`Cannot ${mutation}: there is no effect ${input.effectId}`, "effectId");
      const { kind, subject, status } = effect;
      if (status !== EffectStatus.FAILED) throw conflict(`Cannot ${mutation}: ${input.effectId} is ${status}`);
      const isDone = await outbox[VERBS[mutation]](tx, effect);
      if (!isDone) throw overtaken(input.effectId);
      done = { effect: input.effectId, kind, subject, caller: context.caller.id };
      return { id };
    };
  });
  if (done && !dryRunHere()) context.log.warn(done, `${mutation}: as asked`);
  return resolved.id;
}
