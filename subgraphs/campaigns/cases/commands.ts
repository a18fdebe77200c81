/**
 * How is a support case opened, routed and resolved?
 *
 * The rules route it when it is opened. If they cannot decide it then, it stays open at the top of the worklist, and the
 * decision is retried until it succeeds. It is resolved once.
 */
import { randomUUID } from "node:crypto";
import { badUserInput } from "../../../schema/errors.ts";
import { campaignId, caseId } from "../../../schema/id.ts";
import { assertTransition } from "../../../schema/states.ts";
import type { States } from "../../../schema/states.ts";
import { undefinedIfUndecided } from "../../pipeline/undecided.ts";
import type { Context } from "../../platform/context.ts";
import { forgetLists } from "../../platform/lists.ts";
import { addCase } from "../../records/campaigns/store.ts";
import { cases as table } from "../../records/campaigns/tables.ts";
import type { CaseRecord, CaseStatus } from "../../records/campaigns/types.ts";
import { moveFrom } from "../../records/database/move-from.ts";
import type { Tx } from "../../records/database/database.ts";
import type { Handler } from "../../records/outbox/effect.ts";
import { toldDecision } from "../../records/webhooks/events.ts";
import type { CommandTools } from "../../server/commands.ts";
import { decideLater } from "../../server/decide-later.ts";
import { badFields } from "../../server/validation.ts";
import { requireCampaign } from "../campaign/require-campaign.ts";
import { caseRouting } from "../decisions/case-routing.ts";
import type { CampaignServices } from "../services.ts";
import type { OpenCaseInput, ResolveCaseInput } from "./inputs.ts";

export interface CaseCommands {
  /** Returns the id of the record. */
  open(context: Context, input: OpenCaseInput): Promise<string>;
  resolve(context: Context, input: ResolveCaseInput): Promise<string>;
  readonly handlers: readonly Handler<never>[];
}

/** `id` of the evaluation. */
type Routing = Parameters<typeof toldDecision>[0] & {
  readonly queue: string;
  readonly priority: number;
  readonly compensation: string | null;
};

const CASE_STATES: States<CaseStatus> = {
  OPEN: ["ROUTED", "RESOLVED"],
  ROUTED: ["RESOLVED"],
  RESOLVED: [],
};

export function caseCommands(
  services: CampaignServices,
  { decideAnew, mutate, transact, outbox, tell }: CommandTools,
): CaseCommands {
  const { cases, load, now } = services;
  const later = decideLater(transact, {
    kind: "campaigns.route-case",
    find: async (id) => (await cases.byIds([id]))[0],
    isOpen: ({ status }) => status === "OPEN",
    caller: ({ openedBy }) => openedBy ?? "",
    decide,
    async apply(tx, record, routing) {
      const { id } = record;
      await moveFrom(tx, table, { id, subject: caseId.encode(id), from: ["OPEN"], to: routedBy(routing) });
      await tellRouted(tx, record, routing);
    },
  });

  return {
    async open(context, input) {
      const adsId = typeof input.campaignId === "string" ? campaignId.decode(input.campaignId, "campaignId")[0] : null;
      if (adsId === null) requireNoAccounts(context);
      const { id } = await mutate(context, "openCase", input, async () => {
        const { account, customerValue, country, issue, severity, description } = input;
        const record = {
          id: randomUUID(),
          campaignId: adsId,
          account,
          customerValue,
          // The scalar accepts "de" too, but the rules compare with "DE".
          country: country.toUpperCase(),
          issue,
          severity,
          description,
          status: "OPEN" as const,
          openedBy: context.caller.id,
          openedAt: new Date(now()),
        };
        if (adsId !== null) await requireCampaign(services, context, adsId, "openCase");
        const routing = await undefinedIfUndecided(decide(context, record));
        return async (tx) => {
          await addCase(tx, { ...record, ...(routing && routedBy(routing)) });
          if (routing) await tellRouted(tx, record, routing);
          else {
            await outbox.send(tx, later.kind, { subject: caseId.encode(record.id), data: { id: record.id } });
          }
          return { id: record.id };
        };
      });
      forgetLists(load(context).cases, id);
      return id;
    },

    async resolve(context, input) {
      const [id] = caseId.decode(input.caseId, "caseId");
      await mutate(context, "resolveCase", input, async () => {
        // An earlier mutation of the same request may have changed it.
        const record = await load(context).cases.item.clear(id).load(id);
        if (!record) throw badUserInput(`Cannot resolveCase: there is no case ${input.caseId}`, "caseId");
        assertTransition(CASE_STATES, record.status, "RESOLVED", { action: "resolve", id: input.caseId });
        const resolved = { resolvedBy: context.caller.id, resolvedAt: new Date(now()), note: input.note };
        return async (tx) => {
          // It may have been routed since it was read.
          const to = { status: "RESOLVED" as const, ...resolved };
          await moveFrom(tx, table, { id, subject: input.caseId, from: ["OPEN", "ROUTED"], to });
          return {};
        };
      });
      forgetLists(load(context).cases, id);
      return id;
    },

    handlers: [later.handler],
  };

  async function tellRouted(tx: Tx, record: CaseRecord, routing: Routing): Promise<void> {
    const [subject, { queue, priority, compensation }] = [caseId.encode(record.id), routing];
    const about = record.campaignId === null ? null : campaignId.encode(record.campaignId);
    await tell(tx, "case.routed", () => ({
      subject,
      at: new Date(now()),
      data: { caseId: subject, campaignId: about, queue, priority, compensation, decision: toldDecision(routing) },
    }));
  }

  async function decide(context: Context, record: CaseRecord): Promise<Routing> {
    return decideAnew(context, caseRouting, await load(context).routing.load(record), caseId.encode(record.id));
  }
}

/** A case about no campaign belongs to no account: a caller that sees some only would never see it again. */
function requireNoAccounts({ caller: { accounts } }: Context): void {
  if (accounts !== undefined) throw badFields("openCase", { campaignId: ["must name a campaign"] });
}

function routedBy({ id: evaluationId, queue, priority }: Routing) {
  return { status: "ROUTED" as const, evaluationId, queue, priority, rank: priority, rankError: null };
}
