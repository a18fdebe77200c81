/**
 * Which support cases are in the sandboxes' world?
 *
 * For each unit of scale 60 cases. The first 20 are fixed, so that every rule about cases matches an open one; the
 * others are random by name. They are first-party data: no upstream has them. A larger scale adds cases and does not
 * change the others. Rules compare hours, so times are relative to the hour in which the world is created.
 */
import { at, planAt } from "./campaign-plan.ts";
import type { CampaignProfile } from "./campaigns.ts";
import { createWorldList, keepLast } from "./list.ts";
import type { WorldList } from "./list.ts";
import { integer, pick, random, uuid } from "./random.ts";

export interface WorldCase {
  readonly id: string;
  /** Its id in Spotify Ads; null without a campaign. */
  readonly campaignId: string | null;
  readonly account: string;
  readonly customerValue: CustomerValue;
  /** ISO country of the account. */
  readonly country: string;
  readonly issue: Issue;
  readonly severity: Severity;
  readonly description: string;
  readonly status: "OPEN" | "ROUTED" | "RESOLVED";
  readonly openedAt: Date;
}

export interface CaseWorldOptions {
  /** A whole number from 1. */
  readonly scale: number;
  readonly now: Date;
  /** Of the campaigns of the same scale, in their order. */
  readonly profiles: WorldList<CampaignProfile>;
}

type Issue = keyof typeof DESCRIPTIONS;
type Severity = "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
type CustomerValue = "LOW" | "MEDIUM" | "HIGH";
/** NONE for a case without a campaign. */
type Tier = CampaignProfile["tier"] | "NONE";
type Placed = readonly [
  issue: Issue,
  severity: Severity,
  tier: Tier,
  customerValue: CustomerValue,
  country: string,
  hours: number,
];

/** At scale 1, including the fixed ones. */
const CASES = 60;
const PLACED: readonly Placed[] = [
  ["PRIVACY", "LOW", "NONE", "LOW", "DE", 50],
  ["PRIVACY", "HIGH", "STANDARD", "LOW", "US", 2],
  ["PRIVACY", "MEDIUM", "PREMIUM", "MEDIUM", "BR", 10],
  ["AD_CONTENT", "CRITICAL", "STANDARD", "MEDIUM", "FR", 5],
  ["AD_CONTENT", "LOW", "STANDARD", "LOW", "JP", 80],
  ["AD_CONTENT", "LOW", "PREMIUM", "LOW", "US", 3],
  ["BILLING", "CRITICAL", "PREMIUM", "HIGH", "GB", 9],
  ["BILLING", "MEDIUM", "STRATEGIC", "HIGH", "DE", 30],
  ["BILLING", "LOW", "STANDARD", "LOW", "NL", 3],
  ["PLACEMENT", "HIGH", "STANDARD", "LOW", "SE", 4],
  ["PLACEMENT", "LOW", "STANDARD", "LOW", "AU", 200],
  ["PLAYBACK", "HIGH", "STRATEGIC", "MEDIUM", "JP", 4],
  ["PLAYBACK", "HIGH", "NONE", "MEDIUM", "CA", 20],
  ["PLAYBACK", "MEDIUM", "NONE", "HIGH", "IT", 2],
  ["PLAYBACK", "LOW", "NONE", "LOW", "ES", 1],
  ["OTHER", "CRITICAL", "STANDARD", "MEDIUM", "IT", 1],
  ["OTHER", "HIGH", "PREMIUM", "MEDIUM", "US", 6],
  ["OTHER", "MEDIUM", "NONE", "LOW", "MX", 1],
  ["OTHER", "LOW", "NONE", "LOW", "CA", 12],
  ["OTHER", "LOW", "STANDARD", "LOW", "DE", 0],
];

const DESCRIPTIONS = {
  AD_CONTENT: [
    "The ad names a price that the shop does not honour",
    "The voice in the ad is taken for that of a public figure who never agreed to it",
    "The ad runs in a language that its listeners do not speak",
    "The landing page promises more than the ad",
  ],
  PLACEMENT: [
    "The ad was heard in an episode about an accident",
    "Two competitors were heard in the same break",
    "The ad runs in a podcast that the plan leaves out",
    "The ad plays three times within one episode",
  ],
  BILLING: [
    "The invoice names impressions that the report does not show",
    "The campaign was billed twice for the same month",
    "The credit note of last month is missing from the invoice",
    "The invoice is in another currency than the contract",
  ],
  PLAYBACK: [
    "The music stops every few minutes in one of the zones",
    "The branded playlist does not appear on the player",
    "The volume differs so much between ads and music that staff turn the sound off",
    "The player has been offline since it was moved",
  ],
  PRIVACY: [
    "A listener asks what is recorded of them and since when",
    "A listener goes on hearing ads for what they once looked at, after an objection",
    "A report names people who should have been anonymous",
    "A listener wants everything recorded of them to be deleted",
  ],
  OTHER: [
    "The customer would like to know who looks after the account now",
    "The login of a colleague who left still works",
    "The customer wants to move the campaign to another legal entity",
    "The monthly report goes to an address that nobody reads",
  ],
} as const;
/** Accounts with branded playlists and without campaigns. */
const ACCOUNTS = [
  "Harbour Lane Hotels",
  "Café Morgenrot",
  "Stride Fitness Clubs",
  "Mercado Luna",
  "Birchwood Offices",
  "Osteria del Ponte",
] as const;
const ISSUES: readonly Issue[] = ["AD_CONTENT", "PLACEMENT", "BILLING", "PLAYBACK", "PRIVACY", "OTHER"];
const SEVERITIES: readonly Severity[] = ["LOW", "LOW", "LOW", "MEDIUM", "MEDIUM", "HIGH"];
const VALUES: readonly CustomerValue[] = ["LOW", "LOW", "MEDIUM", "MEDIUM", "HIGH"];
const TIERS: readonly Tier[] = ["NONE", "STANDARD", "STANDARD", "PREMIUM", "STRATEGIC"];
const HOME = ["US", "GB", "DE", "FR", "ES", "IT", "NL", "SE", "BR", "MX", "AU", "JP"] as const;
const HOUR = 3_600_000;

export function createCases({ scale, now, profiles }: CaseWorldOptions): WorldList<WorldCase> {
  if (!Number.isInteger(scale) || scale < 1) throw new RangeError(`scale is a whole number from 1, but got ${scale}`);
  const hour = Math.floor(now.getTime() / HOUR) * HOUR;
  const share = Math.floor(profiles.length / scale);
  /** The campaigns that one unit of scale adds. */
  const campaignsOf = keepLast((edition) =>
    profiles.slice(edition * share, (edition + 1) * share).map(({ campaignId, tier }, nth) => ({
      campaignId,
      tier,
      brand: planAt(edition * share + nth, 0).brand,
    })),
  );

  return createWorldList({ length: () => CASES * scale, make: caseAt });

  function caseAt(index: number): WorldCase {
    const [issue, severity, tier, customerValue, country, hours] = PLACED[index % CASES] ?? drawn(index);
    const candidates = campaignsOf(Math.floor(index / CASES)).filter((campaign) => campaign.tier === tier);
    const campaign = tier === "NONE" ? null : pick(candidates, "case", index, "campaign");
    return {
      id: uuid("case", index),
      campaignId: campaign?.campaignId ?? null,
      account: campaign?.brand.name ?? pick(ACCOUNTS, "case", index, "account"),
      customerValue,
      country,
      issue,
      severity,
      description: pick(DESCRIPTIONS[issue], "case", index, "description"),
      status: statusOf(index),
      openedAt: new Date(hour - hours * HOUR - integer(0, 50, "case", index, "minutes") * 60_000),
    };
  }
}

/** A fixed case is never resolved, because every rule needs an unresolved case. */
function statusOf(index: number): WorldCase["status"] {
  if (index % CASES >= PLACED.length && random("case", index, "resolved") < 0.4) return "RESOLVED";
  return random("case", index, "routed") < 0.6 ? "ROUTED" : "OPEN";
}

function drawn(index: number): Placed {
  const name = ["case", index] as const;
  return [
    at(ISSUES, index),
    pick(SEVERITIES, ...name, "severity"),
    pick(TIERS, ...name, "tier"),
    pick(VALUES, ...name, "value"),
    pick(HOME, ...name, "country"),
    integer(0, 150, ...name, "hours"),
  ];
}
