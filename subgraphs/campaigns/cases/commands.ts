/**
 * What becomes of a complaint?
 *
 * The rules say who takes it and how soon, when it is opened; where they cannot be asked it is open all the same, before
 * all others, and they are asked again until they answer. Somebody settles it, once.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { badUserInput } from "../../../schema/errors.ts";
import { campaignId, caseId } from "../../../schema/id.ts";
import { assertTransition } from "../../../schema/states.ts";
import type { States } from "../../../schema/states.ts";
import { backgroundContext } from "../../platform/context.ts";
import type { Context } from "../../platform/context.ts";
import { unlessUndecided } from "../../pipeline/undecided.ts";
import type { CommandTools } from "../../server/commands.ts";
import { addCase, moveCase } from "../../records/campaigns/store.ts";
import type { Tx } from "../../records/database/database.ts";
import { handler } from "../../records/outbox/outbox.ts";
import type { EffectKind, Handler } from "../../records/outbox/outbox.ts";
import type { OpenCaseInput, ResolveCaseInput } from "./inputs.ts";
import { caseRouting } from "../decisions.ts";
import { existing } from "../campaign/existing.ts";
import type { CampaignServices } from "../services.ts";
import type { CaseRecord, CaseStatus } from "../../records/campaigns/types.ts";

export interface CaseCommands {
  /** Gives the id of the record. */
  open(context: Context, input: OpenCaseInput): Promise<string>;
  resolve(context: Context, input: ResolveCaseInput): Promise<string>;
  readonly handlers: readonly Handler<never>[];
}

interface Routed {
  readonly id: string;
  readonly queue: string;
  readonly priority: number;
}

const CASE_STATES: States<CaseStatus> = {
  OPEN: ["ROUTED", "RESOLVED"],
  ROUTED: ["RESOLVED"],
  RESOLVED: [],
};
const ROUTE: EffectKind<{ readonly id: string }> = {
  name: "campaigns.route-case",
  retriesForever: true,
  data: z.object({ id: z.string() }),
};

export function caseCommands(services: CampaignServices, { decideAnew, mutate, outbox }: CommandTools): CaseCommands {
  const { cases, load, now } = services;

  return {
    async open(context, input) {
      const about = typeof input.campaignId === "string" ? campaignId.decode(input.campaignId, "campaignId")[0] : null;
      const { id } = await mutate(context, "openCase", input, async () => {
        const { account, customerValue, country, issue, severity, description } = input;
        const record = {
          id: randomUUID(),
          campaignId: about,
          account,
          customerValue,
          // The scalar takes "de" too; the rules know "DE".
          country: country.toUpperCase(),
          issue,
          severity,
          description,
          status: "OPEN" as const,
          openedBy: context.caller,
          openedAt: new Date(now()),
        };
        if (about !== null) await existing(services, context, about, "open a case");
        const routed = await unlessUndecided(decide(context, record));
        return async (tx) => {
          await addCase(tx, record);
          if (routed) await route(tx, record, routed);
          else await outbox.send(tx, ROUTE, { subject: caseId.encode(record.id), data: { id: record.id } });
          return { id: record.id };
        };
      });
      return id;
    },

    async resolve(context, input) {
      const [id] = caseId.decode(input.caseId, "caseId");
      await mutate(context, "resolveCase", input, async () => {
        const [record] = await cases.byIds([id]);
        if (!record) throw badUserInput(`Cannot resolve a case: there is no case ${input.caseId}`, "caseId");
        assertTransition(CASE_STATES, record.status, "RESOLVED", { action: "resolve", id: input.caseId });
        const resolved = { resolvedBy: context.caller, resolvedAt: new Date(now()), note: input.note };
        return async (tx) => {
          // That it was routed meanwhile is in nobody's way.
          await moveCase(tx, id, ["OPEN", "ROUTED"], { status: "RESOLVED", ...resolved });
          return {};
        };
      });
      return id;
    },

    handlers: [
      handler({
        kind: ROUTE,
        async perform({ data: { id }, log }) {
          const [record] = await cases.byIds([id]);
          // Routed by an earlier attempt, or resolved without it.
          if (record?.status !== "OPEN") return;
          const context = backgroundContext(log, record.openedBy ?? "");
          const routed = await decide(context, record);
          await mutate(context, ROUTE.name, {}, async () => async (tx) => {
            await route(tx, record, routed);
            return {};
          });
        },
      }),
    ],
  };

  async function decide(context: Context, record: CaseRecord): Promise<Routed> {
    return decideAnew(context, caseRouting, await load(context).routing.load(record), caseId.encode(record.id));
  }
}

async function route(tx: Tx, { id }: CaseRecord, { id: evaluationId, queue, priority }: Routed): Promise<void> {
  await moveCase(tx, id, ["OPEN"], { status: "ROUTED", evaluationId, queue, priority });
}
