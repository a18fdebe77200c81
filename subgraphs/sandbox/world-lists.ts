/**
 * How does the world answer for first-party records that belong to campaigns, while no database does?
 *
 * From memory, as the records' interfaces ask: aligned with what is asked for, the newest first.
 */
import type { BelowCampaigns, CaseRecord, CaseRecords, ListPosition } from "../campaigns/records.ts";
import type { SponsorshipRecord, SponsorshipRecords } from "../campaigns/records.ts";

interface Item {
  readonly id: string;
  readonly campaignId: string | null;
}

export function caseRecordsOf(cases: readonly CaseRecord[]): CaseRecords {
  const unresolved = cases.filter(({ status }) => status !== "RESOLVED");
  return { ...belowCampaigns(cases, ({ openedAt }) => openedAt), open: async () => unresolved };
}

export function sponsorshipRecordsOf(sponsorships: readonly SponsorshipRecord[]): SponsorshipRecords {
  return belowCampaigns(sponsorships, ({ requestedAt }) => requestedAt);
}

function belowCampaigns<Record extends Item>(
  records: readonly Record[],
  timeOf: (record: Record) => Date,
): BelowCampaigns<Record> {
  const byId = new Map(records.map((record) => [record.id, record]));
  const positionOf = (record: Record): ListPosition => ({ at: timeOf(record), id: record.id });
  const newestFirst = records.toSorted((left, right) => newer(positionOf(left), positionOf(right)));
  const byCampaign = Map.groupBy(newestFirst, ({ campaignId }) => campaignId);
  const ofCampaign = (id: string): readonly Record[] => byCampaign.get(id) ?? [];
  return {
    byIds: async (ids) => ids.map((id) => byId.get(id)),
    lists: async (campaignIds, { limit, after }) =>
      campaignIds.map((id) =>
        ofCampaign(id)
          .filter((record) => after === undefined || newer(after, positionOf(record)) < 0)
          .slice(0, limit),
      ),
    counts: async (campaignIds) => campaignIds.map((id) => ofCampaign(id).length),
  };
}

/** Below 0 where the left one comes first. */
function newer(left: ListPosition, right: ListPosition): number {
  const difference = Number(right.at) - Number(left.at);
  if (difference !== 0) return difference;
  return left.id === right.id ? 0 : left.id > right.id ? -1 : 1;
}
