/** What the sandboxes make of a large world for one request: what it answers, wherever that is in a list. */
import { afterAll, describe, expect, it } from "vitest";
import { createMegaphoneSandbox } from "../../subgraphs/sandbox/megaphone/server.ts";
import { createSoundtrackSandbox } from "../../subgraphs/sandbox/soundtrack/server.ts";
import { createEpisodes } from "../../subgraphs/sandbox/world/episodes.ts";
import { createLocations } from "../../subgraphs/sandbox/world/locations.ts";
import { countedList } from "../support/counted-list.ts";

const now = new Date("2026-03-10T12:00:00Z");
const scale = 10;

describe("Megaphone's sandbox", () => {
  const episodes = createEpisodes({ scale, now, advertisers: [] });
  const [shows, own] = [countedList(episodes.shows), countedList(episodes.episodes)];
  const sandbox = createMegaphoneSandbox({ world: { ...episodes, shows: shows.list, episodes: own.list } });
  afterAll(() => sandbox.close());
  const get = async <Body>(path: string): Promise<Body> => {
    const headers = { authorization: 'Token token="sandbox"' };
    const reply = await sandbox.app.inject({ url: `/api/networks/sandbox/podcasts${path}`, headers });
    expect(reply.statusCode).toBe(200);
    return reply.json<Body>();
  };

  it("makes the shows of a page and no episodes for a deep page of podcasts", async () => {
    const page = await get<readonly { readonly id: string; readonly episodesCount: number }[]>("?page=11&per_page=10");
    expect([page.length, shows.made(), own.made()]).toEqual([10, 10, 0]);
    const inAll = [...episodes.episodes].filter(({ podcastId }) => podcastId === page[3]?.id);
    expect(page[3]?.episodesCount).toBe(inAll.length);
  });

  it("makes one show and one episode for an episode, and a show's own for its list", async () => {
    const last = episodes.episodes.at(3999);
    expect(await get(`/${last?.podcastId}/episodes/${last?.id}`)).toMatchObject({ externalId: last?.externalId });
    expect([shows.made(), own.made()]).toEqual([1, 1]);
    const listed = await get<readonly unknown[]>(`/${last?.podcastId}/episodes`);
    expect([shows.made(), own.made()]).toEqual([1, listed.length]);
  });
});

describe("Soundtrack's sandbox", () => {
  const world = createLocations({ scale, now });
  const [accounts, locations] = [countedList(world.accounts), countedList(world.locations)];
  const sandbox = createSoundtrackSandbox({
    world: { ...world, accounts: accounts.list, locations: locations.list },
    bucket: { capacity: 1e6, perSecond: 1 },
  });
  afterAll(() => sandbox.close());
  const ask = async <Data>(query: string, variables: object = {}): Promise<Data> => {
    const headers = { authorization: "Basic sandbox" };
    const reply = await sandbox.app.inject({ method: "POST", url: "/v2", headers, payload: { query, variables } });
    const { data, errors } = reply.json<{ readonly data: Data; readonly errors?: unknown }>();
    expect(errors).toBeUndefined();
    return data;
  };
  interface Listed {
    readonly me: {
      readonly accounts: {
        readonly total: number;
        readonly edges: readonly { readonly node: { readonly id: string; readonly businessName: string } }[];
        readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
      };
    };
  }
  const LIST = `query ($after: String) { me { ... on PublicAPIClient { accounts(first: 40, after: $after) {
    total edges { node { id businessName } } pageInfo { endCursor hasNextPage } } } } }`;

  it("lists all accounts by name, and makes those of a page only", async () => {
    const found: string[] = [];
    let after: string | null = null;
    do {
      const page: Listed["me"]["accounts"] = (await ask<Listed>(LIST, { after })).me.accounts;
      const { edges, pageInfo } = page;
      expect([page.total, edges.length]).toEqual([400, 40]);
      // The ends of a page are looked at for its cursors.
      expect(accounts.made()).toBeLessThanOrEqual(2 * 40 + 2);
      found.push(...edges.map(({ node }) => node.id));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);
    const { compare } = new Intl.Collator("en");
    const byName = [...world.accounts].toSorted((left, right) => compare(left.businessName, right.businessName));
    expect(found).toEqual(byName.map(({ id }) => id));
    expect(locations.made()).toBe(0);
  });

  it("makes one location for a location and for a zone, and an account's own for its list", async () => {
    const last = world.locations.at(4999);
    const zone = last?.zones[0];
    await ask("query ($id: ID!) { location(id: $id) { name } }", { id: last?.id });
    expect([accounts.made(), locations.made()]).toEqual([0, 1]);
    expect(await ask("query ($id: ID!) { soundZone(id: $id) { name location { id } } }", { id: zone?.id })).toEqual({
      soundZone: { name: zone?.name, location: { id: last?.id } },
    });
    expect([accounts.made(), locations.made()]).toEqual([0, 1]);
    const list = "query ($id: ID!, $first: Int!) { account(id: $id) { locations(first: $first) { total } } }";
    for (const first of [50, 1]) {
      const variables = { id: last?.accountId, first };
      const { account } = await ask<{ account: { locations: { total: number } } }>(list, variables);
      expect([account.locations.total, locations.made()]).toEqual([13, Math.min(13, first)]);
    }
  });
});
