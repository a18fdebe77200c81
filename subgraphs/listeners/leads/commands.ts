/**
 * How does the CRM learn of a lead?
 *
 * The rules say how good it is, and that is written down, whatever they say. Where they let somebody have it, or a reviewer
 * does, the CRM is told, unless the listener has withdrawn meanwhile: consent is looked at again the moment before.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { listenerId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { CommandTools } from "../../server/commands.ts";
import { addLead, leadByEvaluation, closeLead } from "../../records/listeners/leads.ts";
import { lockListeners } from "../../records/listeners/store.ts";
import { handler } from "../../records/outbox/effect.ts";
import type { Attempt, EffectKind, Handler } from "../../records/outbox/effect.ts";
import { openReview } from "../../records/decisions/reviews.ts";
import type { ReviewHandler } from "../../records/decisions/reviews.ts";
import { DEFAULT_QUEUE } from "../../records/decisions/requests.ts";
import { isGranted } from "../consents/consents.ts";
import { leadFacts, leadRouting } from "../decisions/lead-routing.ts";
import type { RouteLeadInput } from "./inputs.ts";
import { unknownListener } from "../listener/known.ts";
import type { Listener } from "../listener/listener.ts";
import { toListener } from "../services.ts";
import type { ListenerServices } from "../services.ts";
import type { LeadRecord } from "../../records/listeners/types.ts";

export interface LeadCommands {
  route(context: Context, input: RouteLeadInput): Promise<void>;
  readonly handlers: readonly Handler<never>[];
  readonly reviewHandler: ReviewHandler;
}

const MUTATION = "routeLead";
const REVIEWED = "lead";
/** Of a lead, by its id: who it is about is looked up when it is sent, so there is nothing to send of whoever is gone. */
const SEND: EffectKind<{ readonly id: string }> = { name: "listeners.lead", data: z.object({ id: z.string() }) };

export function leadCommands(
  { records, leads, crm, now }: ListenerServices,
  { decideAnew, mutate, transact, outbox }: CommandTools,
): LeadCommands {
  return {
    async route(context, input) {
      const [id] = listenerId.decode(input.listenerId, "listenerId");
      await mutate(context, MUTATION, input, async () => {
        const listener = await find(id);
        if (!listener) throw unknownListener(MUTATION, input.listenerId);
        const decided = await decideAnew(context, leadRouting, leadFacts(listener), listener.id);
        const { score, route, queue } = decided;
        const lead: LeadRecord = {
          id: randomUUID(),
          listenerId: id,
          evaluationId: decided.id,
          score,
          route,
          queue,
          routedBy: context.caller,
          routedAt: new Date(now()),
          sentAt: null,
        };
        return async (tx) => {
          const there = await lockListeners(tx, [id]);
          if (!there.has(id)) throw unknownListener(MUTATION, input.listenerId);
          await addLead(tx, lead);
          if (route === "SUPPRESS") return { id: lead.id };
          if (decided.verdict === "ALLOW") await outbox.send(tx, SEND, { subject: listener.id, data: { id: lead.id } });
          if (decided.verdict === "REVIEW") {
            const review = { kind: REVIEWED, subject: listener.id, queue: queue ?? DEFAULT_QUEUE };
            await openReview(tx, { ...review, evaluationId: decided.id, openedAt: lead.routedAt });
          }
          return { id: lead.id };
        };
      });
    },
    handlers: [handler({ kind: SEND, perform: send })],
    reviewHandler: {
      kind: REVIEWED,
      async apply(tx, { subject, evaluationId, verdict }) {
        const lead = await leadByEvaluation(tx, evaluationId);
        if (lead && verdict === "ALLOW") await outbox.send(tx, SEND, { subject, data: { id: lead.id } });
      },
    },
  };

  async function send({ id: effect, data: { id }, log }: Attempt<{ readonly id: string }>): Promise<void> {
    const [lead] = await leads.byIds([id]);
    // Sent, or not to be, by an earlier attempt.
    if (!lead || lead.sentAt !== null || lead.route === "SUPPRESS") return;
    const listener = await find(lead.listenerId);
    if (!listener || !isGranted(listener, "MARKETING")) {
      log.info({ lead: id, evaluation: lead.evaluationId }, "lead suppressed: its listener agrees to it no more");
      return transact((tx) => closeLead(tx, id, { route: "SUPPRESS", queue: null }));
    }
    await crm.send({ id: effect, type: "lead.routed", data: dataOf(lead, listener), at: lead.routedAt });
    return transact((tx) => closeLead(tx, id, { sentAt: new Date(now()) }));
  }

  /** As they are now. */
  async function find(id: string): Promise<Listener | undefined> {
    const [found] = await records.byIds([id]);
    return found && toListener(found);
  }
}

/** What it takes to call somebody about something, and nothing more. */
function dataOf({ id, evaluationId, score, route, queue }: LeadRecord, listener: Listener): object {
  const { id: who, productInterest, industry, country } = listener;
  return { leadId: id, listenerId: who, score, route, queue, productInterest, industry, country, evaluationId };
}
