import { it } from "vitest";
import { startLocations } from "./locations-graph.ts";
it("probe", async () => {
  const g = await startLocations();
  const show = async (q: string, cut = 1500) => {
    await g.forget();
    const t = performance.now();
    const a = await g.query(q);
    console.log(
      q,
      Math.round(performance.now() - t),
      "ms asked",
      await g.asked(),
      "executed",
      await g.executed(),
      JSON.stringify(a).slice(0, cut),
    );
    return a as any;
  };
  await show(
    `{ locations(first: 3) { totalCount pageInfo { hasNextPage endCursor } nodes { id name account country city timezone storeType openingHours { day opens closes } licence { status tier expiresAt } zones { id name online subscription nowPlaying } playback { verdict eligible playlists licenceAction priority reasons { code } origin } playlistRequests { totalCount } } } }`,
    4000,
  );
  await show(`{ locations(first: 200) { nodes { id playback { verdict } } } }`, 200);
  const w = await show(
    `{ locationWorklist(first: 5) { totalCount nodes { id name country licence { status expiresAt } playback { verdict priority licenceAction reasons { code } } } } }`,
    3000,
  );
  await show(
    `{ locationWorklist(first: 200) { totalCount nodes { id playback { verdict priority licenceAction reasons { code } } } } }`,
    100,
  );
  await show(`{ locations(first: 20, country: \"PL\") { totalCount nodes { name } } }`, 1000);
  await show(
    `{ locations(first: 20, storeType: BAR, country: \"FR\") { totalCount nodes { name storeType country } } }`,
    1000,
  );
  await show(
    `{ location(id: "${w.data.locationWorklist.nodes[0].id}") { name playlistRequests { nodes { id title usage status trackUris requestedAt startsAt decision { verdict action queue reasons { code } } location { name } } } } }`,
    3000,
  );
  await show(`{ __schema { types { name } } }`, 800);
  await g.stop();
}, 60000);
