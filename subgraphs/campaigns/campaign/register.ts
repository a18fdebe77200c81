/**
 * Which campaign belongs to which account?
 *
 * The one that advertises in it. Spotify cannot be asked that, so all ads are read from time to time, and what they say is
 * kept in our records, from the first time that a caller with some accounts only asks: nobody else needs it. A campaign whose
 * ads cannot be read stays where it was; one that was never attributed belongs to nobody.
 */
import { campaignId } from "../../../schema/id.ts";
import type { AccountsOf } from "../../platform/accounts.ts";
import { serviceContext } from "../../platform/context.ts";
import type { Context } from "../../platform/context.ts";
import { useFacts } from "../../platform/facts/used.ts";
import { ItemError } from "../../platform/items.ts";
import type { CampaignAccount, CampaignAccountRecords } from "../../records/campaigns/types.ts";
import { createWorklist } from "../../records/worklists/worklist.ts";
import type { KeptWorklist, Next, WorklistOptions } from "../../records/worklists/worklist.ts";
import type { AdsFacts } from "../../sources/spotify-ads/facts.ts";
import { advertiserAccount } from "./advertiser.ts";

export interface CampaignRegister extends KeptWorklist {
  readonly accountsOf: AccountsOf;
  /** The ids in Spotify Ads of their campaigns, newest first. */
  ofAccounts(accounts: readonly string[]): Promise<readonly string[]>;
}

export interface CampaignRegisterTools extends WorklistOptions {
  readonly ads: Pick<AdsFacts, "campaigns" | "ads">;
  readonly records: CampaignAccountRecords;
}

const NAME = "campaign-accounts";
/** Read together: the process does other work between two batches. */
const BATCH = 250;

/** What is known of a campaign of Spotify Ads. */
interface Listed {
  readonly campaignId: string;
  readonly place: number;
}

export function createCampaignRegister({ ads, records, ...options }: CampaignRegisterTools): CampaignRegister {
  const { log, now } = options;
  const work = { name: NAME, sweep, isDue: async () => false, settle: async () => {}, changedAt: () => 0 };
  const kept = createWorklist(work, options);
  let isNeeded = false;

  return {
    ...kept,
    ready,
    /** It starts once it is needed. */
    start() {},
    async accountsOf(ids) {
      await ready();
      return records.accountsOf(ids);
    },
    async ofAccounts(accounts) {
      await ready();
      return records.ofAccounts(accounts);
    },
  };

  async function ready(): Promise<Date | null> {
    if (!isNeeded) kept.start();
    isNeeded = true;
    return kept.ready();
  }

  async function sweep(next: Next): Promise<number> {
    const context = serviceContext(log, NAME);
    const before = new Map((await records.all()).map((one) => [one.campaignId, one]));
    const found = new Set<string>();
    for (let offset = 0, total = Infinity; offset < total; offset += BATCH) {
      await next();
      const page = await ads.campaigns(context, { limit: BATCH, offset });
      total = page.campaigns.length === 0 ? offset : page.total;
      const listed = page.campaigns.flatMap((one, index): readonly Listed[] => {
        const id = one instanceof Error ? (one instanceof ItemError ? one.id : undefined) : one.value.id;
        return id === undefined ? [] : [{ campaignId: id, place: page.total - offset - index }];
      });
      for (const one of await attributed(listed, before, context)) found.add(one.campaignId);
    }
    await records.remove([...before.keys()].filter((id) => !found.has(id)));
    return Math.min(context.used.asOf, now());
  }

  /** Those that belong to an account, which it writes where that has changed. */
  async function attributed(
    listed: readonly Listed[],
    before: ReadonlyMap<string, CampaignAccount>,
    context: Context,
  ): Promise<readonly CampaignAccount[]> {
    const facts = await useFacts(
      context,
      ads.ads,
      listed.map((one) => one.campaignId),
    );
    const own = listed.flatMap(({ campaignId: id, place }, index): readonly CampaignAccount[] => {
      const fact = facts[index];
      const known = before.get(id);
      const account = fact === undefined || fact instanceof Error ? known?.account : accountIn(fact.value, known);
      return account == null ? [] : [{ campaignId: id, subject: campaignId.encode(id), account, place }];
    });
    await records.put(own.filter((one) => !isSame(one, before.get(one.campaignId))));
    return own;
  }
}

type Ads = Parameters<typeof advertiserAccount>[0];

/** While an ad cannot be read, the account that was known. */
function accountIn(ads: Ads, known: CampaignAccount | undefined): string | null | undefined {
  return ads.some((ad) => ad instanceof Error) ? known?.account : advertiserAccount(ads);
}

function isSame(one: CampaignAccount, before: CampaignAccount | undefined): boolean {
  return before?.account === one.account && before.place === one.place && before.subject === one.subject;
}
