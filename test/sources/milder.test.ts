/**
 * No gap in a reply makes a verdict milder.
 *
 * Every field of every reply that decisions read is taken away, nulled and changed in its type, one at a time. Each decision
 * is then as severe as before, or there is none, or a person is asked because something is not known. So whoever leaves
 * something out allows nothing.
 */
import "reflect-metadata";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { campaignServices } from "../../subgraphs/campaigns/index.ts";
import {
  campaignActivationFacts,
  listenerActivationFacts,
  marketingActivation,
} from "../../subgraphs/campaigns/decisions/marketing-activation.ts";
import { campaignTargeting, targetingFacts } from "../../subgraphs/campaigns/decisions/campaign-targeting.ts";
import type { CampaignFacts } from "../../subgraphs/campaigns/decisions/campaign-facts.ts";
import { placementFacts, placementReview } from "../../subgraphs/campaigns/decisions/placement-review.ts";
import type { EpisodeFacts } from "../../subgraphs/campaigns/external/episode.ts";
import type { ListenerFacts } from "../../subgraphs/campaigns/external/listener.ts";
import { episodePublishing, publishingFacts } from "../../subgraphs/episodes/decisions/episode-publishing.ts";
import { episodeServices } from "../../subgraphs/episodes/index.ts";
import { factsOf } from "../../subgraphs/episodes/services.ts";
import { locationPlayback } from "../../subgraphs/locations/decisions/location-playback.ts";
import { locationServices } from "../../subgraphs/locations/index.ts";
import type { Decision } from "../../subgraphs/pipeline/decision.ts";
import { loadTables } from "../../subgraphs/pipeline/table/load.ts";
import type { Facts } from "../../subgraphs/pipeline/table/table.ts";
import { judge } from "../../subgraphs/pipeline/verdict.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { upstreams } from "../../subgraphs/registry.ts";
import { createEpisodeChanges } from "../../subgraphs/sandbox/episode-changes.ts";
import type { Sandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { createWorld, firstPartyOf } from "../../subgraphs/sandbox/world/world.ts";
import { whole } from "../support/whole.ts";
import type { Whole } from "../support/whole.ts";
import type { World } from "../../subgraphs/sandbox/world/world.ts";
import { unkeptFacts } from "../support/facts.ts";
import { inParallel } from "../support/in-parallel.ts";
import { request } from "../support/loans.ts";
import { memoryRecords } from "../support/memory-records.ts";
import { NOW } from "../support/now.ts";
import { changesOf, spoiledReplies } from "../support/spoiled-replies.ts";
import type { FieldChange, ReplyChange } from "../support/spoiled-replies.ts";
import { tableNamed } from "../support/tables.ts";
import { UNFILTERED, unused } from "../support/unused.ts";

/** Verdict and its reason codes; null where there is no decision. */
type Made = { readonly verdict: keyof typeof SEVERITY; readonly codes: readonly string[] } | null;
/** By what is decided. */
type Verdicts = ReadonlyMap<string, Made>;

const SEVERITY = { ALLOW: 0, REVIEW: 1, DENY: 2 } as const;
/** A person is asked because something is not known: the business decided so for what would deny. */
const NOT_KNOWN = /UNKNOWN|UNSET|UNDER_REVIEW|NOT_READY|WITHOUT_AGE|TOO_SHORT/;
/** What an owner says by leaving it out. */
const SAID: readonly RegExp[] = [
  // Spotify's description gives the default.
  /age_ranges\.\d+\.max$/,
  // An episode that Spotify does not have, or does not have yet.
  /spotifyIdentifier$/,
  /^episodes\.\d+$/,
];

const lazyWorld = createWorld({ scale: 1, now: new Date(NOW) });
const world = whole(lazyWorld);
const records = memoryRecords(firstPartyOf(lazyWorld, () => true));
const tables = (
  await Promise.all(
    ["campaigns", "episodes", "locations"].map((name) => loadTables(join(projectRoot(), "subgraphs", name))),
  )
).flat();
// Hundreds of changes each, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });
const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

const now = (): number => NOW;
const elsewhere = { ...UNFILTERED, now, elapsed: now, decide: unused(), recall: unused() };

/** Decided by the table here; null where facts are not known. */
async function made<Inputs extends Decision["inputs"], Answer extends object>(
  decision: Decision<Inputs, Answer>,
  facts: () => Facts | Promise<Facts>,
): Promise<Made> {
  try {
    const evaluation = tableNamed(tables, decision.key).evaluate(await facts());
    if ("failed" in evaluation) return null;
    const { verdict, reasons } = judge(decision, evaluation.rows);
    return { verdict, codes: reasons.map(({ code }) => code) };
  } catch (error) {
    if (error instanceof UpstreamError) return null;
    throw error;
  }
}

const EPISODE: EpisodeFacts = {
  topics: ["food-and-drink"],
  sensitiveTopics: [],
  explicit: false,
  languages: ["de", "en", "es", "fr", "it", "ja", "nl", "pt", "sv"],
  transcript: true,
  sponsors: [],
  status: "PUBLISHED",
  markets: ["AU", "BR", "DE", "ES", "FR", "GB", "IT", "JP", "MX", "NL", "SE", "US"],
  adultsOnly: false,
};
const EPISODES: Readonly<Record<string, EpisodeFacts>> = {
  plain: EPISODE,
  tobacco: Object.assign({}, EPISODE, { sensitiveTopics: ["tobacco"] }),
  gambling: Object.assign({}, EPISODE, { sensitiveTopics: ["gambling", "alcohol"] }),
  "for adults": Object.assign({}, EPISODE, { adultsOnly: true }),
  explicit: Object.assign({}, EPISODE, { explicit: true }),
  "for families": Object.assign({}, EPISODE, { topics: ["family-and-relationships"] }),
  "for nobody known": Object.assign({}, EPISODE, { topics: ["real-estate"], markets: [] }),
};
const COUNTRIES = ["DE", "US", "IT", "NL", "JP"];
const LISTENERS: readonly ListenerFacts[] = COUNTRIES.flatMap((country) => [
  { age: 30, country, consents: ["MARKETING", "PROFILING"], refusals: [] },
  { age: 30, country, consents: ["MARKETING"], refusals: [] },
  { age: 16, country, consents: ["MARKETING", "PROFILING"], refusals: ["PERSONALISATION"] },
  { age: null, country, consents: [], refusals: ["MARKETING"] },
]);

/** Every decision about this campaign. */
async function ofCampaign(ads: ReturnType<typeof upstreams.ads.connect>, id: string): Promise<Verdicts> {
  const load = campaignServices({
    ...elsewhere,
    ads,
    register: unused(),
    records: records.campaigns,
    cases: records.cases,
    sponsorships: records.sponsorships,
  }).load(request());
  const verdicts = new Map<string, Made>();
  const campaign = await load.campaign.load(id).catch(() => null);
  if (!campaign) return verdicts;
  const facts = (): Promise<CampaignFacts> => load.facts.load(campaign);
  verdicts.set("targeting", await made(campaignTargeting, async () => targetingFacts(await facts())));
  verdicts.set(
    "activation",
    await made(marketingActivation, async () => campaignActivationFacts(campaign.status, await facts())),
  );
  for (const [name, episode] of Object.entries(EPISODES)) {
    verdicts.set(`placement ${name}`, await made(placementReview, async () => placementFacts(await facts(), episode)));
  }
  for (const [index, listener] of LISTENERS.entries()) {
    const listenerFacts = async () => listenerActivationFacts(campaign.status, await facts(), listener);
    verdicts.set(`activation ${index} in ${listener.country}`, await made(marketingActivation, listenerFacts));
  }
  return verdicts;
}

const CAMPAIGN: CampaignFacts = {
  goal: "AWARENESS",
  categories: ["food"],
  countries: COUNTRIES,
  languages: EPISODE.languages,
  targets: {
    countries: COUNTRIES,
    minAge: 13,
    maxAge: 17,
    genders: [],
    placements: ["PODCAST"],
    topics: [],
    sensitiveTopicExclusions: ["tobacco", "gambling"],
    audienceIds: [],
  },
  profile: { tier: "STANDARD", competitors: world.episodes.episodes.flatMap((episode) => episode.advertisingTags) },
};
const FOR_ADULTS = { ...CAMPAIGN, profile: { ...CAMPAIGN.profile, competitors: [] } };
const TOYS = {
  ...FOR_ADULTS,
  categories: ["toys"],
  targets: Object.assign({}, CAMPAIGN.targets, { minAge: 30, maxAge: 50 }),
};

async function ofEpisodes(
  megaphone: ReturnType<typeof upstreams.megaphone.connect>,
  web: ReturnType<typeof upstreams.web.connect>,
  episodes: readonly { readonly id: string; readonly podcastId: string }[],
): Promise<Verdicts> {
  const load = episodeServices({ ...elsewhere, megaphone, web, records: records.episodes }).load(request());
  const verdicts = new Map<string, Made>();
  const decideOne = async ({ id, podcastId }: (typeof episodes)[number]): Promise<void> => {
    const episode = await load.episode.load({ podcastId, episodeId: id }).catch(() => null);
    if (!episode) return;
    verdicts.set(
      `publishing ${id}`,
      await made(episodePublishing, async () => publishingFacts(await load.knowledge.load(episode))),
    );
    for (const [index, campaign] of [CAMPAIGN, FOR_ADULTS, TOYS].entries()) {
      const facts = async () => placementFacts(campaign, await factsOf(episode, load));
      verdicts.set(`placement ${index} ${id}`, await made(placementReview, facts));
    }
  };
  await Promise.all(episodes.map(decideOne));
  return verdicts;
}

async function ofLocations(
  soundtrack: ReturnType<typeof upstreams.soundtrack.connect>,
  ids: readonly string[],
): Promise<Verdicts> {
  const load = locationServices({
    ...elsewhere,
    soundtrack,
    accountsOf: unused(),
    web: unused(),
    records: records.locations,
    playlistRequests: records.playlistRequests,
  }).load(request());
  const verdicts = new Map<string, Made>();
  const decideOne = async (id: string): Promise<void> => {
    const location = await load.location.load(id).catch(() => null);
    if (location) verdicts.set(id, await made(locationPlayback, () => load.playback.load(location.source)));
  };
  await Promise.all(ids.map(decideOne));
  return verdicts;
}

/** What became milder by which change, of all changes of what the sandbox answers. */
async function milder(
  sandbox: Sandbox,
  decide: (origin: string) => Promise<Verdicts>,
  more: (body: unknown) => readonly FieldChange[] = () => [],
): Promise<{ readonly milder: readonly string[]; readonly changes: number; readonly verdicts: ReadonlySet<string> }> {
  const replies = await spoiledReplies(sandbox);
  open.push(replies);
  const before = await decide(replies.origin());
  const changes = replies
    .replies()
    .flatMap(({ request: of, body }): readonly ReplyChange[] =>
      [...changesOf(body), ...more(body)].map((change) => Object.assign({ request: of }, change)),
    )
    .filter(({ path, value }) => !SAID.some((said) => said.test(path) && (value === undefined || value === null)));
  const found: string[] = [];
  await inParallel(changes, async (change) => {
    const after = await decide(replies.origin(change));
    for (const [what, was] of before) {
      const is = after.get(what) ?? null;
      if (was === null || is === null || SEVERITY[is.verdict] >= SEVERITY[was.verdict]) continue;
      if (is.verdict === "REVIEW" && is.codes.some((code) => NOT_KNOWN.test(code) && !was.codes.includes(code)))
        continue;
      const to = `${was.verdict} ${was.codes.join()} → ${is.verdict} ${is.codes.join()}`;
      found.push(`${change.path} = ${JSON.stringify(change.value)}: ${what}: ${to}`);
    }
  });
  return {
    milder: found,
    changes: changes.length,
    verdicts: new Set([...before.values()].map((one) => one?.verdict ?? "none")),
  };
}

/** A list with fewer items than it counts: without its first ones, each by itself, and without any. */
function shortened(body: unknown): readonly FieldChange[] {
  if (typeof body !== "object" || body === null || !("paging" in body)) return [];
  const changes: FieldChange[] = [];
  for (const [name, list] of Object.entries(body)) {
    if (!Array.isArray(list) || list.length === 0) continue;
    for (const index of list.slice(0, 3).keys()) changes.push({ path: `${name}.${index}`, isContainer: true });
    changes.push({ path: name, isContainer: true, value: [] });
  }
  return changes;
}

const surroundings = { world, changes: createEpisodeChanges(), scale: 1000, now, elapsed: now };
type AdSet = Whole<World>["campaigns"]["adSets"][number];
const excludes = ({ targets: { sensitive_topic_exclusions: excluded } }: AdSet, topic: string): boolean =>
  "topics" in excluded && excluded.topics.some(({ id }) => id === topic);
const hasTopics = ({ targets }: AdSet): boolean => (targets.podcast_episode_topic_ids ?? []).length > 0;

const GAMBLING = "ADV_16_144";
it.each<[title: string, isSuch: (adSet: AdSet) => boolean, isWhole: boolean]>([
  ["for minors", ({ targets }) => targets.age_ranges.some(({ max }) => max < 18), false],
  ["that excludes topics", (adSet) => hasTopics(adSet) && excludes(adSet, "tobacco"), false],
  ["that excludes all topics", ({ targets }) => "filter_option" in targets.sensitive_topic_exclusions, false],
  ["for an audience", (adSet) => hasTopics(adSet) && adSet.targets.audience_ids.length > 0, false],
  ["for gambling", ({ category }) => category === GAMBLING, false],
  ["for gambling, with all its ad sets,", ({ category }) => category === GAMBLING, true],
  ["of which one ad set decides", ({ campaign_id: id }) => id.startsWith("f45d4d63"), true],
  ["for music", ({ targets }) => targets.placements.join() === "MUSIC", false],
])(
  "no decision about a campaign %s is milder for a gap in what Spotify Ads answers",
  async (_title, isSuch, isWhole) => {
    const adSet = world.campaigns.adSets.find(isSuch);
    if (!adSet) throw new RangeError("the world has such an ad set");
    const own = adSet.campaign_id;
    const campaigns = {
      ...world.campaigns,
      campaigns: world.campaigns.campaigns
        .filter(({ id }) => id === own)
        .map((one) => Object.assign({}, one, { status: "ACTIVE" as const })),
      adSets: world.campaigns.adSets.filter((one) => one === adSet || (isWhole && one.campaign_id === own)),
    };
    const { sandbox, account } = upstreams.ads.sandbox({ ...surroundings, world: { ...world, campaigns } });
    open.push(sandbox);
    const ofIts = (body: unknown): readonly FieldChange[] => {
      const { categories = [] } = body as { categories?: readonly { id: string }[] };
      const index = categories.findIndex(({ id }) => id === adSet.category);
      const fields = ["id", "name", "parent_category"].map((field) => `categories.${index}.${field}`);
      if (index === -1) return shortened(body);
      return fields.flatMap((path) => [
        { path, isContainer: false },
        { path, isContainer: false, value: null },
      ]);
    };
    const { milder: found, changes } = await milder(
      sandbox,
      async (origin) => {
        const ads = upstreams.ads.connect(account(origin), { facts: unkeptFacts() });
        return ofCampaign(ads, own).finally(() => ads.close());
      },
      ofIts,
    );
    expect(found).toEqual([]);
    expect(changes).toBeGreaterThan(100);
  },
);

const published = world.episodes.episodes.filter(({ draft, pubdate }) => !draft && Number(pubdate) <= NOW);
const someEpisodes = [
  published.find(({ contentRating }) => contentRating === "eighteen_plus"),
  published.find(({ advertisingTags }) => advertisingTags.length > 0),
  published.find(({ promotionalContent }) => promotionalContent),
  world.episodes.episodes.find(({ draft }) => draft),
].filter((one) => one !== undefined);
const fewEpisodes: Whole<World> = {
  ...world,
  episodes: {
    ...world.episodes,
    shows: world.episodes.shows.filter((one) => someEpisodes.some(({ podcastId }) => podcastId === one.podcastId)),
    episodes: someEpisodes,
  },
};
const someLocations = world.locations.locations.slice(0, 6);
const fewLocations: Whole<World> = { ...world, locations: { ...world.locations, locations: someLocations } };

it.each(["megaphone", "web"] as const)(
  "no decision about an episode is milder for a gap in what %s answers",
  async (spoilt) => {
    const megaphone = upstreams.megaphone.sandbox({ ...surroundings, world: fewEpisodes });
    const web = upstreams.web.sandbox({ ...surroundings, world: fewEpisodes });
    open.push(megaphone.sandbox, web.sandbox);
    const origins = { megaphone: await megaphone.sandbox.listen(), web: await web.sandbox.listen() };
    const {
      milder: found,
      changes,
      verdicts,
    } = await milder({ megaphone, web }[spoilt].sandbox, async (origin) => {
      const at = { ...origins, [spoilt]: origin };
      const [first, second] = [
        upstreams.megaphone.connect(megaphone.account(at.megaphone), { facts: unkeptFacts() }),
        upstreams.web.connect(web.account(at.web), { facts: unkeptFacts() }),
      ];
      return ofEpisodes(first, second, someEpisodes).finally(() => Promise.all([first.close(), second.close()]));
    });
    expect(found).toEqual([]);
    expect([changes > 20, verdicts.has("DENY")]).toEqual([true, true]);
  },
);

it("no decision about a location is milder for a gap in what Soundtrack answers", async () => {
  const { sandbox, account } = upstreams.soundtrack.sandbox({ ...surroundings, world: fewLocations });
  open.push(sandbox);
  const ids = someLocations.map(({ id }) => id);
  const { milder: found, changes } = await milder(sandbox, async (origin) => {
    const soundtrack = upstreams.soundtrack.connect(account(origin), { facts: unkeptFacts() });
    return ofLocations(soundtrack, ids).finally(() => soundtrack.close());
  });
  expect(found).toEqual([]);
  expect(changes).toBeGreaterThan(20);
});
