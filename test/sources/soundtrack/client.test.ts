/** Accounts, locations and sound zones. Over 200 lines: reads by page, by id and from the cache have to agree. */
import { describe, expect, it } from "vitest";
import { requireAll } from "../../../subgraphs/platform/results.ts";
import type { PlacedLocation } from "../../../subgraphs/sources/soundtrack/walk.ts";
import {
  world,
  time,
  start,
  connect,
  answering,
  sent,
  idsOf,
  ordered,
  orderedIds,
  first,
  second,
  third,
} from "../../support/soundtrack-client.ts";

describe("Soundtrack's client", () => {
  it("reads accounts with their numbers of locations in one query, and caches them for five minutes", async () => {
    const { sandbox, soundtrack } = await start();
    const accounts = requireAll(await soundtrack.accounts());
    const names = new Map(world.accounts.map(({ id, businessName }) => [id, businessName]));
    expect(accounts.map(({ id }) => names.get(id)).slice(0, 3)).toEqual([
      "Academia Ritmo",
      "Albergo Miramare",
      "Bar Navigli",
    ]);
    expect([accounts.length, accounts.reduce((sum, { locations }) => sum + (locations ?? 0), 0)]).toEqual([40, 500]);
    time.now += 299_999;
    await soundtrack.accounts();
    expect(await sent(sandbox)).toHaveLength(1);
    time.now += 1;
    await soundtrack.accounts();
    expect(await sent(sandbox)).toHaveLength(1);
  });

  it("reads accounts page by page, with pages of any size", async () => {
    const pages = new Map([
      [null, ["a", "b"]],
      ["2", ["c"]],
    ]);
    const { sandbox, soundtrack } = await answering(({ after }) => ({
      data: {
        me: {
          accounts: {
            total: 3,
            edges: (pages.get(after as string | null) ?? []).map((id) => ({
              cursor: id === "b" ? "2" : id,
              node: { id, locations: { total: 1 } },
            })),
          },
        },
      },
    }));
    expect(requireAll(await soundtrack.accounts()).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect((await sent(sandbox)).map(({ variables }) => variables)).toEqual([
      { first: 100, after: null },
      { first: 100, after: "2" },
    ]);
  });

  it("reads a page of locations across accounts in one query", async () => {
    const { sandbox, soundtrack } = await start();
    await soundtrack.accounts();
    await sent(sandbox);
    const page = await soundtrack.locations({ first: 20 });
    expect(idsOf(page)).toEqual(orderedIds.slice(0, 20));
    expect(page.found[0]?.location).toEqual({
      id: first,
      name: "Manaus, Avenida Brasil",
      account: "Academia Ritmo",
      country: "BR",
      city: "Manaus",
      timezone: "America/Manaus",
      zones: (ordered[0]?.zones ?? []).map(({ id, name, online, subscription }) => ({
        id,
        name,
        online,
        subscription: subscription.state,
      })),
      zonesError: null,
    });
    // Those with more zones than were read with them are completed by a second one.
    const [query, ...more] = await sent(sandbox);
    const withMore = ordered.slice(0, 20).filter(({ zones }) => zones.length > 2);
    expect(more.map(({ variables }) => Object.values(variables))).toEqual([withMore.map(({ id }) => id)]);
    const { id: one = "" } = world.accounts.find(({ businessName }) => businessName === "Academia Ritmo") ?? {};
    const { id: two = "" } = world.accounts.find(({ businessName }) => businessName === "Albergo Miramare") ?? {};
    expect(query?.variables).toEqual({ i0: one, f0: 12, c0: null, i1: two, f1: 8, c1: null });
  });

  it.each([1, 7, 100, 333])("gives every location once, in pages of %i", async (size) => {
    const { soundtrack } = await start({ bucket: { capacity: 1e6, perSecond: 0 } });
    const ids: string[] = [];
    for (let after: PlacedLocation["position"] | undefined; ;) {
      const page = await soundtrack.locations({ first: size, after });
      ids.push(...idsOf(page));
      if (page.found.length < size) break;
      after = page.found.at(-1)?.position;
    }
    expect(ids).toEqual(orderedIds);
  });

  it("caches a page for a minute, with one query for concurrent reads", async () => {
    const { sandbox, soundtrack } = await start();
    await soundtrack.accounts();
    await sent(sandbox);
    const [page, same] = await Promise.all([soundtrack.locations({ first: 3 }), soundtrack.locations({ first: 3 })]);
    time.now += 59_999;
    expect([same, await soundtrack.locations({ first: 3 })]).toEqual([page, page]);
    // One of the three has more zones.
    expect(await sent(sandbox)).toHaveLength(2);
    time.now += 1;
    await soundtrack.locations({ first: 3 });
    expect(await sent(sandbox)).toHaveLength(2);
  });

  it("continues after a position from another process", async () => {
    const { sandbox, soundtrack } = await start();
    const position = (await soundtrack.locations({ first: 5 })).found.at(-1)?.position;
    const address = sandbox.app.server.address();
    const elsewhere = connect(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    expect(idsOf(await elsewhere.locations({ first: 3, after: position }))).toEqual(orderedIds.slice(5, 8));
  });

  it("continues after a deleted location without a gap", async () => {
    const position = (await (await start()).soundtrack.locations({ first: 5 })).found.at(-1)?.position;
    // Soundtrack continues after the cursor of an existing location, and refuses the cursor of a deleted one.
    const { soundtrack } = await start({
      world: { ...world, locations: world.locations.filter(({ id }) => id !== orderedIds[2]) },
    });
    expect(idsOf(await soundtrack.locations({ first: 2, after: position }))).toEqual(orderedIds.slice(5, 7));
  });

  it("ends after a position in a deleted account", async () => {
    const position = (await (await start()).soundtrack.locations({ first: 5 })).found.at(-1)?.position;
    const { soundtrack } = await start({
      world: { ...world, accounts: world.accounts.filter(({ id }) => id !== ordered[0]?.accountId) },
    });
    expect(await soundtrack.locations({ first: 2, after: position })).toEqual({ found: [], unreadable: [] });
  });

  it("sends a second query if an account has fewer locations than counted", async () => {
    const node = (id: string) => ({
      cursor: id,
      node: {
        id,
        name: id,
        physicalAddress: { city: "", country: "SE" },
        timezone: "UTC",
        soundZones: { total: 0, edges: [] },
      },
    });
    const held = new Map([
      ["a", ["a1"]],
      ["b", ["b1", "b2", "b3"]],
    ]);
    const { sandbox, soundtrack } = await answering((variables) => {
      if (!("i0" in variables)) {
        const edges = ["a", "b", "gone"].map((id) => ({ cursor: id, node: { id, locations: { total: 3 } } }));
        return { data: { me: { accounts: { total: 3, edges } } } };
      }
      const part = (index: number) => {
        const own = held.get(String(variables[`i${index}`]));
        const start = (own?.indexOf(String(variables[`c${index}`])) ?? -1) + 1;
        const edges = own?.slice(start, start + Number(variables[`f${index}`])).map(node);
        return own ? { businessName: "x", locations: { edges } } : null;
      };
      const indexes = [0, 1, 2].filter((index) => `i${index}` in variables);
      return {
        data: Object.fromEntries(indexes.map((index) => [`a${index}`, part(index)])),
        errors: [{ message: "Not found", path: ["a1"], extensions: { code: "NOT_FOUND" } }],
      };
    });
    expect(idsOf(await soundtrack.locations({ first: 5 }))).toEqual(["a1", "b1", "b2", "b3"]);
    expect((await sent(sandbox)).slice(1).map(({ variables }) => variables)).toEqual([
      { i0: "a", f0: 3, c0: null, i1: "b", f1: 2, c1: null },
      { i0: "b", f0: 1, c0: "b2", i1: "gone", f1: 1, c1: null },
    ]);
  });

  it("reads all locations in three queries, one for more zones of each, and one for the accounts, and caches them for a minute", async () => {
    const { sandbox, soundtrack } = await start();
    const [all, same] = await Promise.all([soundtrack.everyLocation(), soundtrack.everyLocation()]);
    expect([idsOf(all), same]).toEqual([orderedIds, all]);
    expect(await sent(sandbox)).toHaveLength(7);
    time.now += 59_999;
    await soundtrack.everyLocation();
    expect(await sent(sandbox)).toHaveLength(0);
    time.now += 1;
    await soundtrack.everyLocation();
    expect(await sent(sandbox)).toHaveLength(6);
  });

  it("has the same positions in the whole list and in pages", async () => {
    const { soundtrack } = await start();
    const all = await soundtrack.everyLocation();
    const page = await soundtrack.locations({ first: 30, after: all.found[9]?.position });
    expect(page.found.map(({ position }) => position)).toEqual(all.found.slice(10, 40).map(({ position }) => position));
  });

  it("has pages that are as old as the list that they are taken from", async () => {
    const { sandbox, soundtrack } = await start();
    await soundtrack.everyLocation();
    const readAt = time.now;
    await sent(sandbox);
    time.now += 30_000;
    const page = await soundtrack.locations({ first: 5 });
    expect(page.found.map(({ asOf }) => asOf)).toEqual(Array(5).fill(readAt));
    expect(await sent(sandbox)).toEqual([]);
    // Both are no longer fresh.
    time.now += 30_000;
    const next = await soundtrack.locations({ first: 5 });
    expect(next.found.map(({ asOf }) => asOf)).toEqual(Array(5).fill(time.now));
  });

  it("continues after a location of the list that it takes a page from, also after one before it was deleted", async () => {
    const locations = [...world.locations];
    const { soundtrack } = await start({ world: { ...world, locations } });
    const position = (await soundtrack.locations({ first: 5 })).found.at(-1)?.position;
    const deleted = locations.findIndex(({ id }) => id === orderedIds[2]);
    const { soundtrack: later } = await start({ world: { ...world, locations: locations.toSpliced(deleted, 1) } });
    await later.everyLocation();
    expect(idsOf(await later.locations({ first: 2, after: position }))).toEqual(orderedIds.slice(5, 7));
  });

  it("asks again for each account of which something could not be read, not only for the first one of its query", async () => {
    const { sandbox, soundtrack } = await start();
    const fault = { spoil: { path: "data.a1.locations", value: null } };
    await sandbox.app.inject({ method: "PUT", url: "/sandbox/faults", payload: fault });
    expect(idsOf(await soundtrack.everyLocation()).length).toBeLessThan(orderedIds.length);
    await sandbox.app.inject({ method: "DELETE", url: "/sandbox/faults" });
    time.now += 10_000;
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds);
  });

  it("reads the whole list of an account that has more locations than were counted", async () => {
    const held = new Map([
      ["a", ["a1", "a2"]],
      ["b", ["b1", "b2", "b3"]],
    ]);
    const { soundtrack } = await answering((variables) => {
      if (!("i0" in variables)) {
        const edges = ["a", "b"].map((id) => ({ cursor: id, node: { id, locations: { total: 2 } } }));
        return { data: { me: { accounts: { total: 2, edges } } } };
      }
      const part = (index: number) => {
        const own = held.get(String(variables[`i${index}`])) ?? [];
        const from = own.indexOf(String(variables[`c${index}`])) + 1;
        const edges = own.slice(from, from + Number(variables[`f${index}`])).map((id) => ({
          cursor: id,
          node: { id, name: id, timezone: "UTC", soundZones: { total: 0, edges: [] } },
        }));
        return { businessName: "x", locations: { total: own.length, edges } };
      };
      const indexes = [0, 1].filter((index) => `i${index}` in variables);
      return { data: Object.fromEntries(indexes.map((index) => [`a${index}`, part(index)])) };
    });
    expect(idsOf(await soundtrack.everyLocation())).toEqual(["a1", "a2", "b1", "b2", "b3"]);
    held.set("a", ["a0", "a1", "a2"]);
    time.now += 60_000;
    expect(idsOf(await soundtrack.everyLocation())).toEqual(["a0", "a1", "a2", "b1", "b2", "b3"]);
  });

  it("reads locations by id, a hundred in a query, each once, aligned with the ids", async () => {
    const { sandbox, soundtrack } = await start();
    const wanted = [...orderedIds.slice(0, 150).toReversed(), first];
    const found = await soundtrack.locationsById(wanted);
    expect(found.map((location) => (location instanceof Error ? null : location?.id))).toEqual(wanted);
    const queries = (await sent(sandbox)).filter(({ query }) => query.includes("LocationFields"));
    expect(queries.map(({ variables }) => Object.keys(variables).length)).toEqual([100, 50]);
    expect(new Set(queries.flatMap(({ variables }) => Object.values(variables))).size).toBe(150);
  });

  it("reads the same fields by id and in a list", async () => {
    const { soundtrack } = await start();
    const [byId] = await soundtrack.locationsById([first]);
    expect(byId).toEqual((await soundtrack.locations({ first: 1 })).found[0]?.location);
  });

  it("sends one query for all reads by id in a tick", async () => {
    const { sandbox, soundtrack } = await start();
    await Promise.all([soundtrack.locationsById([first, second]), soundtrack.locationsById([second, third])]);
    const [query, more] = await sent(sandbox);
    expect([query?.variables, more?.query]).toEqual([
      { i0: first, i1: second, i2: third },
      expect.stringContaining("soundZones(first: 1, after:"),
    ]);
  });

  it("caches locations read by id or in a list for a minute", async () => {
    const { sandbox, soundtrack } = await start();
    await soundtrack.locationsById([first]);
    await soundtrack.locations({ first: 2 });
    await sent(sandbox);
    time.now += 59_999;
    await soundtrack.locationsById([first, second]);
    expect(await sent(sandbox)).toEqual([]);
    time.now += 1;
    await soundtrack.locationsById([first, second]);
    expect((await sent(sandbox)).map(({ variables }) => variables)).toEqual([{ i0: first, i1: second }]);
  });

  it("is null for an unknown location, and sends no malformed id", async () => {
    const { sandbox, soundtrack } = await start();
    const nobody = Buffer.from("Location,,nobody/").toString("base64");
    const found = await soundtrack.locationsById([nobody, first, "", "a b", "ü", '"', "x".repeat(300)]);
    expect(found.map((location) => location !== null)).toEqual([false, true, false, false, false, false, false]);
    expect((await sent(sandbox)).map(({ variables }) => variables)).toEqual([{ i0: nobody, i1: first }]);
    expect(await soundtrack.locationsById(["?"])).toEqual([null]);
    expect(await sent(sandbox)).toEqual([]);
  });

  it("reads what plays in sound zones in one query; null if nothing does", async () => {
    const paused = world.locations
      .flatMap(({ zones }) => zones)
      .find(({ subscription: { state } }) => state === "PAUSED");
    const playing = ordered[0]?.zones.map(({ id }) => id) ?? [];
    const { sandbox, soundtrack } = await start();
    const ids = [...playing, paused?.id ?? "", "U291bmRab25lLCxub2JvZHkv", "?"];
    expect(await soundtrack.nowPlaying(ids)).toEqual(["Quiet Machinery", "Copper Sky", null, null, null]);
    expect(await sent(sandbox)).toHaveLength(1);
    time.now += 210_000;
    expect(await soundtrack.nowPlaying(playing)).not.toEqual(["Quiet Machinery", "Copper Sky"]);
  });
});
