/**
 * How is a listener routed as a lead?
 *
 * The decision is recorded whatever its verdict. If it allows the lead, or a reviewer does, an effect sends it to the CRM.
 */
import { randomUUID } from "node:crypto";
import { listenerId, reviewId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../records/database/database.ts";
import { DEFAULT_QUEUE } from "../../records/decisions/requests.ts";
import { openReview } from "../../records/decisions/reviews.ts";
import type { ReviewHandler } from "../../records/decisions/reviews.ts";
import { addLead, leadByEvaluation } from "../../records/listeners/leads.ts";
import { lockListeners } from "../../records/listeners/store.ts";
import type { LeadRecord } from "../../records/listeners/types.ts";
import type { Handler } from "../../records/outbox/effect.ts";
import type { EventData } from "../../records/webhooks/events.ts";
import { toldDecision } from "../../records/webhooks/events.ts";
import { recordedDecision } from "../../records/webhooks/recorded-decision.ts";
import type { CommandTools } from "../../server/commands.ts";
import { leadFacts, leadRouting } from "../decisions/lead-routing.ts";
import { unknownListener } from "../listener/unknown-listener.ts";
import { readListener } from "../services.ts";
import type { ListenerServices } from "../services.ts";
import type { RouteLeadInput } from "./inputs.ts";
import { SEND_LEAD, sendLeadHandler } from "./send-effect.ts";

export interface LeadCommands {
  /** Returns the id of the evaluation that routed the lead. */
  route(context: Context, input: RouteLeadInput): Promise<string>;
  readonly handlers: readonly Handler<never>[];
  readonly reviewHandler: ReviewHandler;
}

type Outcome = Pick<EventData["lead.routed"], "decision" | "review">;

const MUTATION = "routeLead";
const REVIEW_KIND = "lead";

export function leadCommands(
  services: ListenerServices,
  { decideAnew, mutate, transact, outbox, tell }: CommandTools,
): LeadCommands {
  const { records, leads, now } = services;

  return {
    async route(context, input) {
      const [id] = listenerId.decode(input.listenerId, "listenerId");
      const { id: leadId } = await mutate(context, MUTATION, input, async () => {
        const listener = await readListener(records, id);
        if (!listener) throw unknownListener(MUTATION, input.listenerId);
        const decision = await decideAnew(context, leadRouting, leadFacts(listener), listener.id);
        const { verdict, score, route, queue } = decision;
        const lead: LeadRecord = {
          id: randomUUID(),
          listenerId: id,
          evaluationId: decision.id,
          score,
          route,
          queue,
          routedBy: context.caller.id,
          routedAt: new Date(now()),
          sentAt: null,
        };
        return async (tx) => {
          const locked = await lockListeners(tx, [id]);
          if (!locked.has(id)) throw unknownListener(MUTATION, input.listenerId);
          await addLead(tx, lead);
          if (route === "SUPPRESS") return { id: lead.id };
          if (verdict === "ALLOW")
            await routed(tx, lead, async () => ({ decision: toldDecision(decision), review: null }));
          if (verdict === "REVIEW") {
            const review = { kind: REVIEW_KIND, subject: listener.id, queue: queue ?? DEFAULT_QUEUE };
            await openReview(tx, tell, { ...review, evaluationId: decision.id, openedAt: lead.routedAt });
          }
          return { id: lead.id };
        };
      });
      const [lead] = await leads.byIds([leadId]);
      if (!lead) throw new Error(`Cannot read lead ${leadId}, which was just recorded`);
      return lead.evaluationId;
    },
    handlers: [sendLeadHandler(services, transact)],
    reviewHandler: {
      kind: REVIEW_KIND,
      async apply(tx, { id, evaluationId, verdict }) {
        const lead = await leadByEvaluation(tx, evaluationId);
        if (!lead || verdict !== "ALLOW") return;
        await routed(tx, lead, async () => ({
          decision: await recordedDecision(tx, evaluationId),
          review: { reviewId: reviewId.encode(id), verdict },
        }));
      },
    },
  };

  async function routed(tx: Tx, lead: LeadRecord, outcome: () => Promise<Outcome>): Promise<void> {
    const { id, score, route, queue } = lead;
    const subject = listenerId.encode(lead.listenerId);
    await outbox.send(tx, SEND_LEAD, { subject, data: { id } });
    await tell(tx, "lead.routed", async () => ({
      subject,
      at: new Date(now()),
      data: { leadId: id, listenerId: subject, score, route, queue, ...(await outcome()) },
    }));
  }
}
