/** How is it read and written who advertises in which campaign? */
import { desc, sql } from "drizzle-orm";
import { isAnyOf } from "../database/is-any-of.ts";
import type { Tx } from "../database/database.ts";
import { storableText } from "../database/texts.ts";
import { campaignAccounts } from "./tables.ts";
import type { CampaignAccount, CampaignAccountRecords } from "./types.ts";

export function campaignAccountRecords(db: Tx): CampaignAccountRecords {
  const { campaignId, account, place } = campaignAccounts;
  return {
    async accountsOf(ids) {
      const rows = await db.select({ campaignId, account }).from(campaignAccounts).where(isAnyOf(campaignId, ids));
      const byId = new Map(rows.map((row) => [row.campaignId, row.account]));
      return ids.map((id) => byId.get(id));
    },
    async ofAccounts(accounts) {
      const own = db.select({ campaignId }).from(campaignAccounts).where(isAnyOf(account, accounts));
      const rows = await own.orderBy(desc(place), desc(campaignId));
      return rows.map((row) => row.campaignId);
    },
    all: () => db.select().from(campaignAccounts),
    put: (campaigns) => put(db, campaigns),
    async remove(ids) {
      if (ids.length > 0) await db.delete(campaignAccounts).where(isAnyOf(campaignId, ids));
    },
  };
}

async function put(db: Tx, campaigns: readonly CampaignAccount[]): Promise<void> {
  if (campaigns.length === 0) return;
  const rows = campaigns.map(({ campaignId, subject, account, place }) => ({
    campaign_id: campaignId,
    subject,
    account: storableText(account),
    place,
  }));
  await db.execute(sql`insert into ${campaignAccounts} (campaign_id, subject, account, place)
    select campaign_id, subject, account, place
    from json_to_recordset(${JSON.stringify(rows)}::json) as read(campaign_id text, subject text, account text, place int)
    on conflict (campaign_id) do update
    set subject = excluded.subject, account = excluded.account, place = excluded.place`);
}
