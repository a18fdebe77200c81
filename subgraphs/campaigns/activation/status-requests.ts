/**
 * How does Spotify Ads get the requested status of a campaign?
 *
 * The request and an effect are stored in one transaction. The requests of a campaign are counted by revision, and only the
 * latest is ever carried out: a campaign that was paused while Spotify was unavailable is never switched on first.
 */
import { z } from "zod";
import { campaignId } from "../../../schema/id.ts";
import { backgroundContext } from "../../platform/context.ts";
import type { Context } from "../../platform/context.ts";
import { closeStatusRequest, requestStatus } from "../../records/campaigns/store.ts";
import type { StatusRequest } from "../../records/campaigns/types.ts";
import type { Tx } from "../../records/database/database.ts";
import { AbsentError, handler } from "../../records/outbox/effect.ts";
import type { Attempt, EffectKind, Handler } from "../../records/outbox/effect.ts";
import type { CommandTools } from "../../server/commands.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { CampaignServices } from "../services.ts";

export interface StatusRequests {
  /** Supersedes the request of `revision`. Throws CONFLICT if that is no longer the latest. */
  add(
    tx: Tx,
    context: Context,
    campaign: Campaign,
    request: Pick<StatusRequest, "status" | "revision" | "evaluationId">,
  ): Promise<void>;
  readonly handlers: readonly Handler<never>[];
}

const Data = z.object({ campaignId: z.string(), revision: z.int() });
type Data = z.infer<typeof Data>;
const STATUS: EffectKind<Data> = { name: "campaigns.status", supersedesEarlier: true, data: Data };

export function createStatusRequests(
  services: CampaignServices,
  { transact, outbox }: Pick<CommandTools, "transact" | "outbox">,
  isAllowed: (context: Context, campaign: Campaign) => Promise<boolean>,
): StatusRequests {
  const { ads, records, now } = services;

  return {
    async add(tx, { caller: { id: requestedBy } }, { id: subject, adsId }, { revision: latest, status, evaluationId }) {
      // An activation that failed must not keep a campaign running.
      if (status === "PAUSED") await outbox.unblockSubject(tx, STATUS, subject);
      const request = { campaignId: adsId, status, evaluationId, requestedBy, requestedAt: new Date(now()) };
      const { revision } = await requestStatus(tx, request, latest);
      await outbox.send(tx, STATUS, { subject, data: { campaignId: adsId, revision } });
    },
    handlers: [handler({ kind: STATUS, perform: apply, failed })],
  };

  async function apply({ data, log }: Attempt<Data>): Promise<void> {
    const request = await unlessSuperseded(data);
    if (!request) return log.info("superseded by a later status request");
    if (request.status === "ACTIVE" && !(await isStillAllowed(request, log))) {
      log.warn({ campaign: request.campaignId }, "not activated: the rules no longer allow it");
      return close(request);
    }
    await ads.setCampaignStatus(request.campaignId, request.status);
    return close(request);
  }

  /** The campaign keeps the status that Spotify has, and another one may be requested. Operators see the failed effect. */
  async function failed({ data }: Attempt<Data>): Promise<void> {
    const request = await unlessSuperseded(data);
    if (request) await close(request);
  }

  /** Decides again, because an earlier effect on the campaign may have changed its targeting since it was allowed. */
  async function isStillAllowed(
    { campaignId: adsId, requestedBy }: StatusRequest,
    log: Attempt<Data>["log"],
  ): Promise<boolean> {
    const context = backgroundContext(log, requestedBy);
    const campaign = await services.load(context).campaign.clear(adsId).load(adsId);
    if (campaign) return isAllowed(context, campaign);
    throw new AbsentError(`Cannot activate ${campaignId.encode(adsId)}: there is no such campaign`, "spotify-ads");
  }

  /** Returns a closed request too: operators may retry an effect that failed. */
  async function unlessSuperseded({ campaignId: adsId, revision }: Data): Promise<StatusRequest | undefined> {
    const [latest] = await records.statusRequests([adsId]);
    return latest?.revision === revision ? latest : undefined;
  }

  async function close(request: StatusRequest): Promise<void> {
    await transact((tx) => closeStatusRequest(tx, request, new Date(now())));
  }
}
