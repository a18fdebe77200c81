/**
 * How is a lead sent to the CRM?
 *
 * By an effect of the outbox that holds only the lead's id: the listener is read when it is sent, so nothing is sent of a
 * listener who was erased. Consent is checked then too, so a lead is suppressed if its listener has withdrawn since.
 *
 * Of a webhook's refusals only 410 is final. A receiver answers any other 4xx during a deployment too, so the lead is tried
 * again, with the later leads of its listener behind it, until its attempts are used up.
 */
import { z } from "zod";
import { GONE } from "../../platform/webhook-client.ts";
import { closeLead } from "../../records/listeners/leads.ts";
import type { LeadRecord } from "../../records/listeners/types.ts";
import type { Transact } from "../../records/mutations/transact.ts";
import { handler } from "../../records/outbox/effect.ts";
import type { EffectKind, Handler } from "../../records/outbox/effect.ts";
import { isGranted } from "../consents/consents.ts";
import type { Listener } from "../listener/listener.ts";
import { readListener } from "../services.ts";
import type { ListenerServices } from "../services.ts";

export const SEND_LEAD: EffectKind<{ readonly id: string }> = {
  name: "listeners.lead",
  data: z.object({ id: z.string() }),
};

export function sendLeadHandler({ records, leads, crm, now }: ListenerServices, transact: Transact): Handler<never> {
  return handler({
    kind: SEND_LEAD,
    isFinal: ({ status }) => status === GONE,
    async perform({ id: effectId, data: { id }, log }) {
      const [lead] = await leads.byIds([id]);
      // An earlier attempt has closed it.
      if (!lead || lead.sentAt !== null || lead.route === "SUPPRESS") return;
      const listener = await readListener(records, lead.listenerId);
      if (!listener || !isGranted(listener, "MARKETING")) {
        log.info({ lead: id, evaluation: lead.evaluationId }, "lead suppressed: no marketing consent");
        return transact((tx) => closeLead(tx, id, { route: "SUPPRESS", queue: null }));
      }
      await crm.send({ id: effectId, type: "lead.routed", data: crmData(lead, listener), at: lead.routedAt });
      return transact((tx) => closeLead(tx, id, { sentAt: new Date(now()) }));
    },
  });
}

/** What a sales call needs, and nothing more. */
function crmData({ id, evaluationId, score, route, queue }: LeadRecord, listener: Listener): object {
  const { productInterest, industry, country } = listener;
  return {
    leadId: id,
    listenerId: listener.id,
    score,
    route,
    queue,
    productInterest,
    industry,
    country,
    evaluationId,
  };
}
