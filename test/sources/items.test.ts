/**
 * One bad item of a reply costs that item alone.
 *
 * Every field of every reply is taken away, nulled and changed in its type, one at a time: at most the item that it belongs
 * to is lost, with an error, and all others are as before. Each operation of each client has a case here.
 */
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { ItemError, byId } from "../../subgraphs/platform/items.ts";
import type { ById } from "../../subgraphs/platform/items.ts";
import { withoutErrors } from "../../subgraphs/platform/results.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import { backgroundContext } from "../../subgraphs/platform/context.ts";
import type { Fact } from "../../subgraphs/platform/facts/kind.ts";
import { unkeptFacts } from "../support/facts.ts";
import { upstreams } from "../../subgraphs/registry.ts";
import { createEpisodeChanges } from "../../subgraphs/sandbox/episode-changes.ts";
import { trackId } from "../../subgraphs/sandbox/world/tracks.ts";
import { createWorld } from "../../subgraphs/sandbox/world/world.ts";
import type { World } from "../../subgraphs/sandbox/world/world.ts";
import type { AdsReport } from "../../subgraphs/sources/spotify-ads/reports.ts";
import type { PlaylistDraft } from "../../subgraphs/sources/spotify-web/playlists.ts";
import type { LocationList } from "../../subgraphs/sources/soundtrack/walk.ts";
import { inParallel } from "../support/in-parallel.ts";
import { TOTAL_HEADER, changesOf, spoiledReplies } from "../support/spoiled-replies.ts";
import type { ReplyChange, SpoiledReplies } from "../support/spoiled-replies.ts";
import { whole } from "../support/whole.ts";
import type { Whole } from "../support/whole.ts";

type Name = keyof typeof upstreams;
/** What Soundtrack's facts are read by is one function for all queries: its operations are those of its facts. */
type Client<N extends Name> = N extends "soundtrack"
  ? ReturnType<(typeof upstreams)["soundtrack"]["connect"]>
  : ReturnType<(typeof upstreams)[N]["create"]>;
type Operation<N extends Name> = Exclude<keyof Client<N>, "close">;

/** What an operation gave, item by item: a value, or why there is none. An error without an item has a place. */
type Found = ReadonlyMap<string, unknown>;
interface Case<C> {
  /** What the sandbox needs to know before. */
  readonly prepare?: (client: C) => Promise<unknown>;
  readonly run: (client: C) => Promise<Found>;
  /** Fields that several items share, and what those items have in common. */
  readonly shared?: readonly Shared[];
  /** Items that do not exist where they are null. */
  readonly nullable?: RegExp;
}
interface Shared {
  readonly path: RegExp;
  readonly of: (key: string) => unknown;
}

const now = Date.parse("2026-03-10T12:00:00Z");
const world = small(whole(createWorld({ scale: 1, now: new Date(now) })));
const campaignIds = world.campaigns.campaigns.map(({ id }) => id);
const published = world.episodes.episodes.flatMap(({ spotifyId, draft, pubdate }) =>
  draft || Number(pubdate) > now ? [] : spotifyId,
);
const [show] = world.episodes.shows;
const podcastId = show?.podcastId ?? "";
const ownEpisodes = world.episodes.episodes.filter((episode) => episode.podcastId === podcastId).map(({ id }) => id);
const locationIds = world.locations.locations.map(({ id }) => id);
const zoneIds = world.locations.locations.flatMap(({ zones }) => zones.map(({ id }) => id)).slice(0, 3);
const tracks = [trackId(true, "a"), trackId(false, "b"), trackId(false, "c")];
const audience = world.campaigns.audiences[1];
const source = "spotify:playlist:37i9dQZF1DX4sWSpwq3LiO";

const context = backgroundContext(pino({ enabled: false }), "test");
const valueOf = <Value>(fact: Fact<Value> | Error): Value | Error => (fact instanceof Error ? fact : fact.value);

/** The key of an item in a list of an owner's is `owner/item`. */
const owner = (key: string): unknown => key.split("/")[0];
const item = (key: string): unknown => key.split("/")[1];
/** Its locations are known by the account, and have its name. */
const ofAccount: readonly Shared[] = [
  { path: /^data\.me\.accounts\.edges\.\d+(\.node(\.id)?)?$/, of: owner },
  { path: /^data\.a\d+(\.businessName)?$/, of: owner },
];

/** A write finds out first whether it happened: it has one result, and fails visibly or does what it would have done. */
const cases: { readonly [N in Name]: { readonly [O in Operation<N>]: Case<Client<N>> } } = {
  ads: {
    campaigns: { run: async (ads) => named((await ads.campaigns({ limit: 5, offset: 0 })).campaigns) },
    campaignsById: { run: async (ads) => aligned(campaignIds, await ads.campaignsById(campaignIds)) },
    adSets: { run: async (ads) => nested(campaignIds, await ads.adSets(campaignIds)) },
    ads: {
      run: async (ads) => nested(campaignIds, await ads.ads(campaignIds)),
      shared: [{ path: /^ad_sets\.\d+(\.id)?$/, of: owner }],
    },
    reports: {
      run: async (ads) => figures(await ads.reports(campaignIds)),
      shared: [
        { path: /^rows\.\d+(\.(entity_id|stats))?$/, of: owner },
        { path: /^currency_code$/, of: item },
      ],
    },
    currency: { run: async (ads) => one(await ads.currency()) },
    categories: {
      run: async (ads) =>
        looked(
          ["ADV_1_0", "ADV_2_0", "ADV_3_0"],
          byId(await ads.categories(), ({ code }) => code),
        ),
    },
    audiences: { run: async (ads) => named(await ads.audiences()) },
    ensureAudience: {
      run: async (ads) => one(await ads.ensureAudience(audience?.name ?? "", "key")),
    },
    setCampaignStatus: { run: async (ads) => one(await ads.setCampaignStatus(campaignIds[0] ?? "", "ACTIVE")) },
    retargetAdSet: {
      run: async (ads) =>
        one(
          await ads.retargetAdSet(world.campaigns.adSets[0]?.id ?? "", { include: [audience?.id ?? ""], exclude: [] }),
        ),
    },
  },
  web: {
    episodes: { run: async (web) => aligned(published, await web.episodes(published)), nullable: /^episodes\.\d+$/ },
    tracks: { run: async (web) => aligned(tracks, await web.tracks(tracks)), nullable: /^tracks\.\d+$/ },
    ensurePlaylist: {
      prepare: async (web) => {
        for (const marker of ["l", "m", "n"]) await web.ensurePlaylist(draft(marker));
      },
      run: async (web) => one((await web.ensurePlaylist(draft("m"))).outcome),
    },
    playlistsOf: {
      prepare: async (web) => {
        for (const marker of ["l", "m", "n"]) await web.ensurePlaylist(draft(marker));
      },
      run: async (web) => one((await web.playlistsOf("m"))[0]),
    },
  },
  megaphone: {
    podcasts: { run: async (megaphone) => named(await megaphone.podcasts()) },
    episodes: {
      run: async (megaphone) => named((await megaphone.episodes(podcastId, { page: 1, perPage: 5 })).episodes),
    },
    episode: { run: async (megaphone) => one(await megaphone.episode(podcastId, ownEpisodes[0] ?? "")) },
    episodesById: {
      run: async (megaphone) =>
        aligned(ownEpisodes, await megaphone.episodesById(ownEpisodes.map((episodeId) => ({ podcastId, episodeId })))),
    },
    publishEpisode: {
      run: async (megaphone) =>
        one(await megaphone.publishEpisode({ podcastId, episodeId: ownEpisodes[0] ?? "" }, new Date(now))),
    },
  },
  soundtrack: {
    accounts: { run: async (soundtrack) => named(await soundtrack.accounts(context)) },
    locations: {
      run: async (soundtrack) => listed(await soundtrack.locations(context, { first: 100 })),
      shared: ofAccount,
      nullable: /^data\.a\d+$/,
    },
    everyLocation: {
      run: async (soundtrack) => listed(await soundtrack.everyLocation(context)),
      shared: ofAccount,
      nullable: /^data\.a\d+$/,
    },
    locationsOf: {
      run: async (soundtrack) => {
        const all = await soundtrack.accounts(context);
        const accounts = withoutErrors(all);
        const lists = await soundtrack.locationsOf(
          context,
          accounts.map(({ id }) => id),
        );
        const read = withoutErrors(lists);
        return listed({
          found: read.flatMap(({ found }) => found),
          unreadable: [
            ...[...all, ...lists].filter((one) => one instanceof Error),
            ...read.flatMap(({ unreadable }) => unreadable),
          ],
        });
      },
      shared: ofAccount,
      nullable: /^data\.a\d+$/,
    },
    location: {
      run: async (soundtrack) => aligned(locationIds, (await soundtrack.location.get(locationIds)).map(valueOf)),
      nullable: /^data\.a\d+$/,
    },
    nowPlaying: {
      run: async (soundtrack) => aligned(zoneIds, await soundtrack.nowPlaying(zoneIds)),
      nullable: /^data\.a\d+$/,
    },
    assignSource: { run: async (soundtrack) => one(await soundtrack.assignSource(zoneIds, source)) },
  },
  crm: {
    send: { run: async (crm) => one((await crm.send({ id: "1", type: "t", data: {}, at: new Date(now) })) ?? null) },
  },
};

/** Nothing of a reply is read. */
const ASKS_NOTHING = new Set(["send"]);

describe.each(names())("%s", (name) => {
  const { sandbox, account } = upstreams[name].sandbox({
    world,
    changes: createEpisodeChanges(),
    scale: 1000,
    now: () => now,
    elapsed: () => now,
  });
  const connect = (origin: string) =>
    name === "soundtrack"
      ? upstreams.soundtrack.connect(account(origin), { facts: unkeptFacts() })
      : upstreams[name].create(account(origin));
  const open: SpoiledReplies[] = [];
  let origin: string | undefined;
  afterAll(async () => {
    for (const one of open) await one.close();
    await sandbox.close();
  });

  it("has a case for each operation", async () => {
    const client = connect("http://127.0.0.1:9");
    expect(Object.keys(cases[name]).toSorted()).toEqual(
      Object.keys(client)
        .filter((operation) => operation !== "close")
        .toSorted(),
    );
    await client.close();
  });

  it.each(Object.entries(cases[name]))(
    "%s loses nothing but the item that a field belongs to",
    async (operation, own) => {
      const { prepare, run, shared, nullable } = own as Case<unknown>;
      if (prepare) await prepare(connect((origin ??= await sandbox.listen())));
      const replies = await spoiledReplies(sandbox);
      open.push(replies);
      const attempt = async (change?: ReplyChange): Promise<Found | UpstreamError> => {
        const client = connect(replies.origin(change));
        try {
          return await run(client);
        } catch (error) {
          if (error instanceof UpstreamError) return error;
          throw error;
        } finally {
          await client.close();
        }
      };
      const before = await attempt();
      if (before instanceof Error) throw before;
      const all = replies.replies().flatMap(({ request, body, headers }): ReplyChange[] => {
        const total = { path: TOTAL_HEADER, value: "many", isContainer: false, request };
        const fields = Array.from(changesOf(body), (change) => Object.assign(change, { request }));
        return headers.includes(TOTAL_HEADER) ? fields.concat(total) : fields;
      });
      const problems: string[] = [];
      await inParallel(all, async (change) => {
        const after = await attempt(change);
        if (change.value === null && nullable?.test(change.path)) return;
        const problem = problemOf(before, after, change, upstreams[name].settings.name, shared);
        if (problem) problems.push(`${change.path} = ${JSON.stringify(change.value)}: ${problem}`);
      });
      expect(problems).toEqual([]);
      expect(all.length > 10 || ASKS_NOTHING.has(operation)).toBe(true);
    },
    // Hundreds of changes, each with a client of its own.
    60_000,
  );
});

/** Why a change cost more than it may, or less than it says; undefined if all is well. */
function problemOf(
  before: Found,
  after: Found | UpstreamError,
  { path, isContainer }: ReplyChange,
  upstream: string,
  shared: readonly Shared[] = [],
): string | undefined {
  // All items are in it.
  const isAll = isContainer && !/(^|\.)\d+(\.|$)/.test(path);
  if (after instanceof UpstreamError) {
    if (after.upstream !== upstream) return `the error is of ${after.upstream}`;
    return before.size === 1 || isAll ? undefined : `everything is lost: ${after.message}`;
  }
  const errors = [...after.values()].filter((value) => value instanceof Error);
  const unnamed = errors.find((error) => !(error instanceof UpstreamError) || error.upstream !== upstream);
  if (unnamed) return `${String(unnamed)} does not name the upstream`;
  const nameless = errors.find((error) => error instanceof ItemError && !error.message.includes(error.item));
  if (nameless) return `${String(nameless)} does not name the item`;
  const missing = [...before.keys()].filter((key) => !after.has(key));
  const changed = [...before].flatMap(([key, value]) =>
    after.has(key) && textOf(after.get(key)) !== textOf(value) ? [key] : [],
  );
  const gone = changed.filter((key) => after.get(key) === null && typeof before.get(key) === "object");
  if (missing.length + gone.length > 0 && errors.length === 0)
    return `silently lost: ${[...missing, ...gone].join(", ")}`;
  const added = [...after].flatMap(([key, value]) => (before.has(key) || value instanceof Error ? [] : [key]));
  if (added.length > 0) return `made up: ${added.join(", ")}`;
  const lost = [...missing, ...changed];
  const sharing = shared.find((one) => one.path.test(path));
  const count = sharing ? new Set(lost.map(sharing.of)).size : lost.length;
  return count > 1 && !isAll ? `lost: ${lost.join(", ")}` : undefined;
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (inner instanceof Error ? inner.message : inner)) ?? "";
}

function names(): readonly Name[] {
  return Object.keys(upstreams).filter((name): name is Name => name in cases);
}

function draft(marker: string): PlaylistDraft {
  return { marker, name: "One", description: "d", uris: tracks.map((id) => `spotify:track:${id}`) };
}

function one(value: unknown): Found {
  return new Map([["the result", value]]);
}

function named(items: readonly (Error | { readonly id: string })[]): Found {
  return new Map(items.map((value, index) => [value instanceof Error ? `#${index}` : value.id, value]));
}

function aligned(ids: readonly string[], items: readonly unknown[]): Found {
  return new Map(ids.map((id, index) => [id, items[index]]));
}

function nested(
  ids: readonly string[],
  lists: readonly (Error | readonly (Error | { readonly id: string })[])[],
): Found {
  return new Map(
    ids.flatMap((id, index): readonly (readonly [string, unknown])[] => {
      const list = lists[index] ?? [];
      if (list instanceof Error) return [[id, list]];
      return Array.from(named(list), ([key, value]) => [`${id}/${key}`, value] as const);
    }),
  );
}

function figures(reports: readonly (AdsReport | null | Error)[]): Found {
  return new Map(
    campaignIds.flatMap((id, index): readonly (readonly [string, unknown])[] => {
      const report = reports[index] ?? null;
      if (report === null || report instanceof Error) return [[id, report]];
      return Object.entries(report).map(([figure, value]) => [`${id}/${figure}`, value as unknown] as const);
    }),
  );
}

function looked(codes: readonly string[], items: ById<object>): Found {
  return new Map(codes.map((code) => [code, items.get(code) ?? null]));
}

function listed({ found, unreadable }: LocationList): Found {
  const locations = found.map(({ location, position }) => [`${position.accountId}/${location.id}`, location] as const);
  return new Map<string, unknown>([...locations, ...unreadable.map((error, index) => [`#${index}`, error] as const)]);
}

/** Few of each, so that each field of each reply can be changed. */
function small({ campaigns, episodes, locations, ...rest }: Whole<World>): Whole<World> {
  const own = campaigns.campaigns.slice(0, 4);
  const isOwn = (id: string): boolean => own.some((campaign) => campaign.id === id);
  const adSets = campaigns.adSets.filter(({ campaign_id: id }) => isOwn(id));
  const shows = episodes.shows.slice(0, 3);
  const accounts = locations.accounts.slice(0, 2);
  return {
    ...rest,
    campaigns: {
      ...campaigns,
      campaigns: own,
      adSets,
      ads: campaigns.ads.filter(({ ad_set_id: id }) => adSets.some((adSet) => adSet.id === id)),
      reports: campaigns.reports.filter(({ campaignId }) => isOwn(campaignId)),
    },
    episodes: { ...episodes, shows, episodes: shows.flatMap((one) => episodesOf(one.podcastId, episodes.episodes)) },
    locations: {
      ...locations,
      accounts,
      locations: accounts.flatMap(({ id }) => locations.locations.filter((one) => one.accountId === id).slice(0, 3)),
    },
  };
}

function episodesOf(id: string, episodes: Whole<World>["episodes"]["episodes"]): Whole<World>["episodes"]["episodes"] {
  const own = episodes.filter((episode) => episode.podcastId === id);
  return [...own.slice(0, 2), ...own.slice(-2)];
}
