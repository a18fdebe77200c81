/**
 * Who advertises in a campaign?
 *
 * Spotify Ads knows advertisers by the names on ads only, so the name is the identity: spelled otherwise, it is another one.
 */
import { advertiserId } from "../../../schema/id.ts";
import { requireAll } from "../../platform/results.ts";
import type { Results } from "../../platform/results.ts";
import type { AdsAd } from "../../sources/spotify-ads/replies.ts";

type Ads = Results<Pick<AdsAd, "advertiserName">>;

/** For clients: of the first ad that names one. Throws the error of one that cannot be read, if no other names one. */
export function advertiserName(ads: Ads): string | null {
  const named = ads.find((ad) => !(ad instanceof Error) && ad.advertiserName !== null);
  const [first] = named ? [named] : requireAll(ads);
  return first && !(first instanceof Error) ? first.advertiserName : null;
}

/** The account that a campaign belongs to; null if its ads name several or none. Throws the error of one that cannot be read. */
export function advertiserAccount(ads: Ads): string | null {
  const names = new Set(requireAll(ads).flatMap((ad) => ad.advertiserName || []));
  const [name, ...others] = names;
  return name === undefined || others.length > 0 ? null : advertiserId.encode(name);
}
