/** A payload shows either that a status is requested or that Spotify has it, however fast its effect is carried out. */
import "reflect-metadata";
import DataLoader from "dataloader";
import { pino } from "pino";
import { expect, it } from "vitest";
import { Campaign, CampaignStatus } from "../../../subgraphs/campaigns/campaign/campaign.ts";
import { loadForPayload } from "../../../subgraphs/campaigns/campaign/require-campaign.ts";
import { serviceContext } from "../../../subgraphs/platform/context.ts";
import type { StatusRequest } from "../../../subgraphs/records/campaigns/types.ts";

const READ_AT = 1000;

it.each([
  ["open", null, "PAUSED"],
  ["closed since the campaign was read", READ_AT, "ACTIVE"],
  ["closed before", READ_AT - 1, "PAUSED"],
])("where the request is %s", async (_title, closedAt, status) => {
  const request: StatusRequest = {
    campaignId: "one",
    status: "ACTIVE",
    revision: 1,
    evaluationId: null,
    requestedBy: "anybody",
    requestedAt: new Date(0),
    closedAt: closedAt === null ? null : new Date(closedAt),
  };
  let reads = 0;
  const loaders = {
    campaign: new DataLoader<string, Campaign | null>(async (ids) =>
      ids.map((adsId) => {
        reads += 1;
        const read = reads === 1 ? CampaignStatus.PAUSED : CampaignStatus.ACTIVE;
        return Object.assign(new Campaign(), { adsId, status: read, asOf: new Date(READ_AT) });
      }),
    ),
    statusRequest: new DataLoader<string, StatusRequest | null>(async (ids) => ids.map(() => request)),
  };
  await loaders.campaign.load("one");
  const shown = await loadForPayload(
    { load: () => loaders },
    serviceContext(pino({ enabled: false }), "test"),
    "campaign_one",
  );
  expect(shown.status).toBe(status);
});
