/** `recordLicence`: the next decisions use the licence that was recorded last. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locationId } from "../../../schema/id.ts";
import { createWorld } from "../../../subgraphs/sandbox/world/world.ts";
import { NOW, startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";

const DAY = 86_400_000;
const TEXT = (maxLength: number): string => `must be 1 to ${maxLength} characters, not all blank and none NUL`;
const MISSING_LOCATION = "Tm9ib2R5LCwxbm9ib2R5Lw==";
/** In a country that no rule names. */
const location = createWorld({ scale: 1, now: new Date(NOW) }).locations.locations.find(({ address: { country } }) =>
  ["GB", "SE"].includes(country),
);
const id = location?.id ?? "";

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel();
});
afterAll(() => graph.stop());

describe("recording a licence", () => {
  interface Licensed {
    readonly licence: { readonly status: string; readonly tier: string; readonly expiresAt: string | null };
    readonly playback: { readonly verdict: string; readonly reasons: readonly { readonly code: string }[] };
  }
  const LOCATION = "licence { status tier expiresAt } playback { verdict reasons { code } }";
  const record = (input: object) =>
    graph.query<{ recordLicence: { location: Licensed } } | null>(
      `mutation ($input: RecordLicenceInput!) { recordLicence(input: $input) { location { ${LOCATION} } } }`,
      { input: { locationId: locationId.encode(id), status: "ACTIVE", tier: "foreground", ...input } },
    );

  it("changes the next decision, in its payload and in queries", async () => {
    const { data } = await record({ status: "EXPIRED", tier: "background", expiresAt: "2026-03-01T00:00:00Z" });
    const expected = {
      licence: { status: "EXPIRED", tier: "background", expiresAt: "2026-03-01T00:00:00.000Z" },
      playback: { verdict: "DENY", reasons: expect.arrayContaining([{ code: "LICENCE_EXPIRED" }]) },
    };
    expect(data?.recordLicence.location).toMatchObject(expected);
    const read = await graph.query(`{ location(id: "${locationId.encode(id)}") { ${LOCATION} } }`);
    expect(read.data).toMatchObject({ location: expected });
    const next = await record({});
    expect(next.data?.recordLicence.location).toMatchObject({
      licence: { status: "ACTIVE", tier: "foreground", expiresAt: null },
      playback: { verdict: expect.not.stringMatching("DENY") },
    });
  });

  it("twice in one operation shows each licence in order", async () => {
    const { data, errors } = await graph.query<Record<"first" | "second", { location: Licensed }>>(
      `mutation ($id: ID!) {
        first: recordLicence(input: { locationId: $id, status: NONE, tier: "none" }) { location { ${LOCATION} } }
        second: recordLicence(input: { locationId: $id, status: ACTIVE, tier: "events" }) { location { ${LOCATION} } }
      }`,
      { id: locationId.encode(id) },
    );
    expect(errors).toEqual([]);
    expect(data.first.location).toMatchObject({ licence: { status: "NONE" }, playback: { verdict: "DENY" } });
    expect(data.second.location.licence).toEqual({ status: "ACTIVE", tier: "events", expiresAt: null });
    expect(data.second.location.playback.verdict).not.toBe("DENY");
  });

  it("keeps the caller and the time", async () => {
    await record({});
    const rows = await rowsOf(
      sql`select recorded_by, (extract(epoch from recorded_at) * 1000)::bigint::text as at from locations.licences where location_id = ${id}`,
    );
    expect(rows).toEqual([{ recorded_by: "anonymous", at: String(NOW) }]);
  });

  it("by twenty concurrent callers leaves one consistent licence", async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_none, nth) => record({ tier: `tier ${nth}`, expiresAt: new Date(NOW + nth * DAY) })),
    );
    expect(all.flatMap(({ errors }) => errors)).toEqual([]);
    const { data } = await graph.query<{ location: Licensed }>(
      `{ location(id: "${locationId.encode(id)}") { licence { tier expiresAt } } }`,
    );
    const { tier, expiresAt } = data.location.licence;
    expect(expiresAt).toBe(new Date(NOW + Number(tier.split(" ")[1]) * DAY).toISOString());
  });

  it("with a used key returns the location and changes nothing", async () => {
    const idempotencyKey = randomUUID();
    await record({ tier: "events", idempotencyKey });
    await record({ tier: "background" });
    const { data } = await record({ tier: "events", idempotencyKey });
    expect(data?.recordLicence.location.licence.tier).toBe("background");
    const { errors } = await record({ tier: "foreground", idempotencyKey });
    expect(errors).toMatchObject([{ message: "Cannot recordLicence: idempotencyKey was used for another input" }]);
  });

  it.each([
    [{ status: "NONE", expiresAt: "2027-01-01T00:00:00Z" }, "expiresAt must be omitted if the status is NONE"],
    [{ expiresAt: "0001-01-01T00:00:00Z" }, "expiresAt must be in the years 1900 to 9999"],
    [{ expiresAt: "9999-12-31T23:59:59-12:00" }, "expiresAt must be in the years 1900 to 9999"],
    [{ tier: " " }, `tier ${TEXT(100)}`],
    [{ tier: "t".repeat(101) }, `tier ${TEXT(100)}`],
    [{ tier: "\0" }, `tier ${TEXT(100)}`],
  ])("is rejected: %j", async (input, problem) => {
    const { data, errors } = await record(input);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: `Cannot recordLicence: ${problem}`, extensions: { code: "BAD_USER_INPUT", argument: "input" } },
    ]);
  });

  it("of a location that Soundtrack does not have is rejected", async () => {
    const missing = locationId.encode(MISSING_LOCATION);
    const { errors } = await record({ locationId: missing });
    expect(errors).toMatchObject([
      {
        message: `Cannot recordLicence: there is no location ${missing}`,
        extensions: { code: "BAD_USER_INPUT", argument: "locationId" },
      },
    ]);
    const rows = await rowsOf(sql`select 1 from locations.licences where location_id = ${MISSING_LOCATION}`);
    expect(rows).toEqual([]);
  });
});

async function rowsOf(statement: SQL): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await graph.decibel.database.db.execute(statement)).rows;
}
