/** Is the campaign that a mutation names there, and what has become of it? */
import { badUserInput, notFound } from "../../../schema/errors.ts";
import { campaignId } from "../../../schema/id.ts";
import type { Context } from "../../platform/context.ts";
import type { Campaign } from "./campaign.ts";
import type { CampaignServices } from "../services.ts";

/** As Spotify has it now. Throws BAD_USER_INPUT: "Cannot pause a campaign: there is no campaign campaign_1". */
export async function existing(
  { load }: Pick<CampaignServices, "load">,
  context: Context,
  adsId: string,
  purpose: string,
): Promise<Campaign> {
  // An earlier mutation of the same request may have changed it.
  const campaign = await load(context).campaign.clear(adsId).load(adsId);
  if (campaign) return campaign;
  throw badUserInput(`Cannot ${purpose}: there is no campaign ${campaignId.encode(adsId)}`, "campaignId");
}

/** What a payload shows of the campaign that was asked to change; `id` as clients call it. */
export async function changed(
  { load }: Pick<CampaignServices, "load">,
  context: Context,
  id: string,
): Promise<Campaign> {
  const [adsId] = campaignId.decode(id, "campaignId");
  const { campaign, wish } = load(context);
  wish.clear(adsId);
  const found = await campaign.load(adsId);
  if (!found) throw notFound(`Cannot show campaign ${id}: there is none any more`);
  return found;
}
