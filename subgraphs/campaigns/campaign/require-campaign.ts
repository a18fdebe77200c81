/** Which campaign does a mutation name, and what does its payload show of it? */
import { badUserInput, notFound } from "../../../schema/errors.ts";
import { campaignId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { CampaignLoaders, CampaignServices } from "../services.ts";
import type { Campaign } from "./campaign.ts";

/** Its current state in Spotify. Throws BAD_USER_INPUT: "Cannot pauseCampaign: there is no campaign campaign_1". */
export async function requireCampaign(
  { load }: Pick<CampaignServices, "load">,
  context: Context,
  adsId: string,
  mutation: string,
): Promise<Campaign> {
  // An earlier mutation of the same request may have changed it.
  const campaign = await load(context).campaign.clear(adsId).load(adsId);
  if (campaign) return campaign;
  throw badUserInput(`Cannot ${mutation}: there is no campaign ${campaignId.encode(adsId)}`, "campaignId");
}

/**
 * The campaign with the status request that the mutation has just stored, or with the status that Spotify has got by it
 * meanwhile. `id` is its id in the graph.
 */
export async function loadForPayload(
  { load }: { readonly load: (context: Context) => Pick<CampaignLoaders, "campaign" | "statusRequest"> },
  context: Context,
  id: string,
): Promise<Campaign> {
  const [adsId] = campaignId.decode(id, "campaignId");
  const { campaign, statusRequest } = load(context);
  statusRequest.clear(adsId);
  const request = await statusRequest.load(adsId);
  const known = await campaign.load(adsId);
  const isOlder = known !== null && request?.closedAt != null && request.closedAt >= known.asOf;
  const loaded = isOlder ? await campaign.clear(adsId).load(adsId) : known;
  if (!loaded) throw notFound(`Cannot show campaign ${id}: it no longer exists`);
  return loaded;
}
