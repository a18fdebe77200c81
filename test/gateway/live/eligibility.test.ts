/** Who subscribes to `eligibilityChanged` is told exactly what they would notice if they asked again after every change. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../../support/random.ts";
import { SEED, SEEDED } from "../../support/seed.ts";
import { startTestDecibel, NOW } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";
import { overSse, overWebSocket, toldTo } from "../../support/live.ts";
import type { Subscribed } from "../../support/live.ts";
import { askAgain, change, watchedIn } from "../../support/live-changes.ts";
import type { Watched } from "../../support/live-changes.ts";
import { withRules } from "../../support/rules.ts";

let graph: TestDecibel;
let watched: Watched;
let now = NOW;
beforeAll(async () => {
  graph = await startTestDecibel({ now: () => now });
  watched = await watchedIn(graph, 60);
}, 60_000);
afterAll(() => graph.stop());

const QUERY = `subscription ($ids: [ID!]!, $campaignId: ID) {
  eligibilityChanged(ids: $ids, campaignId: $campaignId) { id previous verdict eligible reasons { verdict } }
}`;
const watch = (ids: readonly string[], campaignId?: string, subscribe = overSse): Promise<Subscribed> =>
  subscribe(graph.decibel.url, QUERY, { variables: { ids, campaignId } });

interface Change {
  readonly id: string;
  readonly previous: string | null;
  readonly verdict: string;
}
const changesTold = (one: Subscribed): readonly Change[] =>
  toldTo(one).map((data) => (data as { readonly eligibilityChanged: Change }).eligibilityChanged);

async function licence(locationId: string, status: string): Promise<void> {
  const { errors } = await graph.query(
    "mutation ($input: RecordLicenceInput!) { recordLicence(input: $input) { location { id } } }",
    { input: { locationId, status, tier: "background" } },
  );
  expect(errors).toEqual([]);
}

describe("a subscriber of eligibilityChanged", () => {
  it("is told of a licence that changes a verdict, and not of one that does not", async () => {
    const [id = ""] = watched.locations;
    await licence(id, "ACTIVE");
    const { [id]: before } = await askAgain(graph, { ...watched, listeners: [], locations: [id] });
    const one = await watch([id]);
    await licence(id, "ACTIVE");
    await licence(id, "EXPIRED");
    const { [id]: after } = await askAgain(graph, { ...watched, listeners: [], locations: [id] });
    expect(after).not.toBe(before);
    const reasons = expect.arrayContaining([{ verdict: after }]);
    const told = { id, previous: before, verdict: after, eligible: after === "ALLOW", reasons };
    await expect.poll(() => toldTo(one)).toEqual([{ eligibilityChanged: told }]);
    one.leave();
  });

  it("is told of a new version of a table", async () => {
    const [id = ""] = watched.locations;
    await licence(id, "ACTIVE");
    const one = await watch([id]);
    await withRules(graph, "location_playback", { verdict: "DENY", licence_action: "NONE", priority: 1 }, async () => {
      await expect.poll(() => changesTold(one)).toMatchObject([{ verdict: "DENY" }]);
    });
    await expect.poll(() => changesTold(one)).toMatchObject([{ verdict: "DENY" }, { previous: "DENY" }]);
    one.leave();
  });

  it("is told of what could not be decided when it began", async () => {
    const [, id = ""] = watched.locations;
    await graph.sandbox("opentext").misbehave({ status: 500 });
    now += 86_400_000;
    const one = await watch([id]);
    await graph.sandbox("opentext").behave();
    now += 60_000;
    await expect.poll(() => changesTold(one), { timeout: 30_000 }).toMatchObject([{ id, previous: null }]);
    one.leave();
  }, 60_000);

  it.each([
    ["a listener without a campaign", () => watch(watched.listeners.slice(0, 1)), "send campaignId"],
    ["something else", () => watch(["review_1"]), "is of no campaign, episode, location or listener"],
    ["what is no id", () => watch(["location_ "]), "is no location id"],
    ["more than 500", () => watch(Array.from({ length: 501 }, (_, n) => `location_${n}`)), "more than 500 ids"],
  ])("cannot watch %s", async (_what, subscribe, message) => {
    const one = await subscribe();
    expect(await one.end).toBe("complete");
    expect(one.told).toMatchObject([
      { errors: [{ message: expect.stringContaining(message), extensions: { code: "BAD_USER_INPUT" } }] },
    ]);
  });

  it("is told exactly what asking again after each change would tell", async () => {
    const random = createRandom(SEED);
    const { campaignId, listeners, locations } = watched;
    // A WebSocket does not say when a subscription has begun: it has when it is told of this one's changes.
    const [first = "", ...others] = locations;
    const overBoth = [
      await watch([first, ...others, ...listeners], campaignId, overWebSocket),
      await watch([...listeners, ...others, first], campaignId),
    ];
    let flips = 0;
    const hasBegun = async (): Promise<boolean> => {
      flips += 1;
      await licence(first, flips % 2 === 0 ? "ACTIVE" : "EXPIRED");
      return overBoth.every(({ told }) => told.length > 0);
    };
    await expect.poll(hasBegun, { timeout: 20_000, interval: 200 }).toBe(true);
    const drawn = { ...watched, locations: others };
    const changesDrawn = (one: Subscribed): readonly Change[] => changesTold(one).filter(({ id }) => id !== first);
    /** Of each the last verdict that is known. */
    const last = { ...(await askAgain(graph, drawn)) };
    const expected: Change[] = [];
    for (let n = 0; n < 80; n += 1) {
      now += 1000;
      const { what } = await change(graph, drawn, random);
      const after = await askAgain(graph, drawn);
      for (const [id, verdict] of Object.entries(after)) {
        if (verdict === null || verdict === last[id]) continue;
        expected.push({ id, previous: last[id] ?? null, verdict });
        last[id] = verdict;
      }
      for (const one of overBoth) {
        const message = `${what}; ${SEEDED}`;
        await expect.poll(() => changesDrawn(one).length, { message, timeout: 9000 }).toBe(expected.length);
      }
    }
    for (const one of overBoth) {
      expect(
        changesDrawn(one)
          .map(({ id, previous, verdict }) => ({ id, previous, verdict }))
          .toSorted(byText),
      ).toEqual(expected.toSorted(byText));
      one.leave();
    }
    expect(expected.length).toBeGreaterThan(10);
  }, 120_000);
});

function byText(left: object, right: object): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}
