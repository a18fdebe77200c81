/** The worklist as it is kept: equal to deciding everything now, whatever has changed before the sweep. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eq } from "drizzle-orm";
import { locationId } from "../../../schema/id.ts";
import { compile } from "../../../subgraphs/pipeline/table/compile.ts";
import { worklist } from "../../../subgraphs/records/locations/tables.ts";
import { integer, pick } from "../../../subgraphs/sandbox/world/random.ts";
import { FACTS_KEPT, NOW, startTestDecibel } from "../../support/decibel.ts";
import type { Answer, TestDecibel } from "../../support/decibel.ts";
import { DAY_MS } from "../../support/times.ts";

interface Decided {
  readonly id: string;
  readonly licence: { readonly expiresAt: string | null } | null;
  readonly playback: { readonly eligible: boolean; readonly licenceAction: string; readonly priority: number } | null;
}
interface Page<Node> {
  readonly asOf: string | null;
  readonly totalCount: number;
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const MINUTE_MS = 60_000;
let clock = NOW;
let graph: TestDecibel;
beforeAll(async () => {
  const variables = { ...FACTS_KEPT, SOUNDTRACK_STALE_SECONDS: "0" };
  graph = await startTestDecibel({ now: () => clock, variables });
});
afterAll(() => graph.stop());

async function listOf<Node>(field: string, selection: string): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  for (let after: string | null = null; ;) {
    const answer: Answer<{ list: Page<Node> }> = await graph.query(
      `query ($after: String) { list: ${field}(first: 200, after: $after) {
        totalCount nodes { ${selection} } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    const { data, errors } = answer;
    // What cannot be decided is null.
    expect(errors.filter(({ extensions }) => extensions["code"] !== "DECISION_UNDETERMINED")).toEqual([]);
    nodes.push(...data.list.nodes);
    if (!data.list.pageInfo.hasNextPage) {
      expect(nodes).toHaveLength(data.list.totalCount);
      return nodes;
    }
    after = data.list.pageInfo.endCursor;
  }
}

const worklistNow = async () => (await listOf<{ id: string }>("locationWorklist", "id")).map(({ id }) => id);

/** Everything decided now, and ranked. */
async function decidedNow(): Promise<readonly string[]> {
  const all = await listOf<Decided>(
    "locations",
    "id licence { expiresAt } playback { eligible licenceAction priority }",
  );
  return all
    .map(({ id, licence, playback }) => ({
      id,
      end: Date.parse(licence?.expiresAt ?? "") || Infinity,
      priority: playback?.priority ?? 0,
      isListed: !playback || !playback.eligible || playback.licenceAction !== "NONE" || playback.priority <= 3,
    }))
    .filter(({ isListed }) => isListed)
    .toSorted(
      (a, b) =>
        a.priority - b.priority ||
        (a.end === b.end ? 0 : a.end - b.end) ||
        (locationId.decode(a.id)[0] < locationId.decode(b.id)[0] ? -1 : 1),
    )
    .map(({ id }) => id);
}

async function catchUp(): Promise<void> {
  for (const kept of graph.decibel.worklists) await kept.catchUp();
}

async function record(id: string, licence: { status: string; tier: string; expiresAt: string | null }): Promise<void> {
  const { errors } = await graph.query(
    "mutation ($input: RecordLicenceInput!) { recordLicence(input: $input) { location { id } } }",
    { input: { locationId: id, ...licence } },
  );
  expect(errors).toEqual([]);
}

/** Another version of the table: default, with the priorities that it has. */
function deploy(version: number, priority?: (index: number) => number): Promise<unknown> {
  const { pipeline, sandboxes } = graph.decibel;
  const current = pipeline.models.get("location_playback")?.compiled.table;
  if (!current) throw new RangeError("there is no table");
  const rules = current.rules.map((rule, index) =>
    priority ? { ...rule, row: { ...rule.row, priority: priority(index) } } : rule,
  );
  sandboxes.opentext?.deploy(compile({ ...current, version, rules }));
  return pipeline.versions.refresh();
}

describe("the worklist of locations", () => {
  it("is right from the first page on", async () => {
    expect(await worklistNow()).toEqual(await decidedNow());
  });

  it("equals deciding everything now, after random changes and a sweep", async () => {
    const ids = (await listOf<{ id: string }>("locations", "id")).map(({ id }) => id);
    let moved = 0;
    for (let turn = 0; turn < 5; turn += 1) {
      const before = await worklistNow();
      for (let change = 0; change < 5; change += 1) {
        const seed = ["worklist", turn, change] as const;
        const days = integer(-40, 120, ...seed, "days");
        const status = pick(["ACTIVE", "EXPIRING", "EXPIRED"], ...seed, "status");
        const expiresAt = days > 100 ? null : new Date(clock + days * DAY_MS).toISOString();
        await record(pick(ids, ...seed), { status, tier: pick(["background", "events"], ...seed, "tier"), expiresAt });
      }
      const path = `data.*.locations.edges.${integer(0, 3, "zones", turn)}.node.soundZones.edges.*.node.online`;
      await graph.sandbox("soundtrack").misbehave({ spoil: { path, value: turn % 2 !== 0 } });
      clock += integer(2, 3 * 24 * 60, "clock", turn) * MINUTE_MS;
      if (turn === 3) await deploy(7, (index) => 1 + (index % 5));
      if (turn === 4) await deploy(1);
      await graph.decibel.pipeline.versions.refresh();
      await catchUp();
      const after = await worklistNow();
      expect(after).toEqual(await decidedNow());
      if (after.join(" ") !== before.join(" ")) moved += 1;
    }
    expect(moved).toBe(5);
  }, 60_000);

  it("has a licence's change at once, without a sweep", async () => {
    const [first = ""] = await worklistNow();
    await record(first, { status: "ACTIVE", tier: "foreground", expiresAt: null });
    expect(await worklistNow()).toEqual(await decidedNow());
    await record(first, { status: "EXPIRED", tier: "foreground", expiresAt: new Date(clock - DAY_MS).toISOString() });
    expect(await worklistNow()).toEqual(await decidedNow());
  });

  it("keeps its places while Soundtrack is down, and says of when they are", async () => {
    await catchUp();
    const before = await worklistNow();
    const asOf = new Date(clock).toISOString();
    clock += 30 * MINUTE_MS;
    await graph.sandbox("soundtrack").misbehave({ status: 503 });
    await expect(catchUp()).rejects.toThrow("soundtrack");
    const { data, errors } = await graph.query<{ locationWorklist: Page<{ id: string; name: string }> }>(
      "{ locationWorklist(first: 200) { asOf nodes { id name zones { id } } } }",
    );
    expect(errors).toEqual([]);
    expect(data.locationWorklist.asOf).toBe(asOf);
    expect(data.locationWorklist.nodes.map(({ id }) => id)).toEqual(before.slice(0, 200));
    await graph.sandbox("soundtrack").behave();
  });

  it("has a location once that several accounts list", async () => {
    clock += 30 * MINUTE_MS;
    const [id = ""] = await worklistNow();
    const path = "data.*.locations.edges.1.node.id";
    await graph.sandbox("soundtrack").misbehave({ spoil: { path, value: locationId.decode(id)[0] } });
    await catchUp();
    const during = await worklistNow();
    expect(during.filter((each) => each === id)).toHaveLength(1);
    expect(new Set(during).size).toBe(during.length);
    await graph.sandbox("soundtrack").behave();
    clock += 30 * MINUTE_MS;
    await catchUp();
    expect(await worklistNow()).toEqual(await decidedNow());
  });

  it("says of a location that a sweep could not read of when it is", async () => {
    clock += 30 * MINUTE_MS;
    await catchUp();
    const query = "{ locationWorklist(first: 1) { asOf nodes { id asOf } } }";
    const shown = async () =>
      (await graph.query<{ locationWorklist: Page<{ id: string; asOf: string }> }>(query)).data.locationWorklist;
    const swept = await shown();
    expect(swept.nodes[0]?.asOf).toBe(swept.asOf);
    const asOf = new Date(clock - DAY_MS);
    const [id] = locationId.decode(swept.nodes[0]?.id ?? "");
    const { db } = graph.decibel.database;
    await db.update(worklist).set({ asOf, error: "UPSTREAM_UNEXPECTED" }).where(eq(worklist.locationId, id));
    expect((await shown()).nodes[0]?.asOf).toBe(asOf.toISOString());
  });

  it("lists what cannot be decided first, with the code, and decides it again", async () => {
    clock += 30 * MINUTE_MS;
    await graph.sandbox("opentext").misbehave({ rows: "empty" });
    await graph.decibel.pipeline.versions.refresh();
    await catchUp();
    const { db } = graph.decibel.database;
    const undecided = await db.select().from(worklist).where(eq(worklist.error, "DECISION_UNDETERMINED"));
    expect(undecided.length).toBeGreaterThan(10);
    const ids = new Set(undecided.map((one) => locationId.encode(one.locationId)));
    expect(new Set((await worklistNow()).slice(0, ids.size))).toEqual(ids);
    await graph.sandbox("opentext").behave();
    await catchUp();
    expect(await worklistNow()).toEqual(await decidedNow());
  });
});
