/** recordLicence: what is stored, and how decisions change at once. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locationId } from "../../../schema/id.ts";
import { NOW } from "../../support/now.ts";
import { LOCATION, MISSING_LOCATION, other, startPlaylistsGraph, textProblem } from "../../support/playlists-graph.ts";
import type { PlaylistsGraph, ShownLocation } from "../../support/playlists-graph.ts";
import { DAY_MS } from "../../support/times.ts";

let graph: PlaylistsGraph;
beforeAll(async () => {
  graph = await startPlaylistsGraph();
});
afterAll(() => graph.stop());

describe("recordLicence", () => {
  it("applies to the next decision, in the payload and in other requests", async () => {
    const { data } = await graph.recordLicence({
      status: "EXPIRED",
      tier: "background",
      expiresAt: "2026-03-01T00:00:00Z",
    });
    const expected = {
      licence: { status: "EXPIRED", tier: "background", expiresAt: "2026-03-01T00:00:00.000Z" },
      playback: { verdict: "DENY", reasons: expect.arrayContaining([{ code: "LICENCE_EXPIRED" }]) },
    };
    expect(data?.recordLicence.location).toMatchObject(expected);
    const later = await graph.query(`{ location(id: "${locationId.encode(other.id)}") { ${LOCATION} } }`);
    expect(later.data).toMatchObject({ location: expected });
    const renewed = await graph.recordLicence({});
    expect(renewed.data?.recordLicence.location).toMatchObject({
      licence: { status: "ACTIVE", tier: "foreground", expiresAt: null },
      playback: { verdict: expect.not.stringMatching("DENY") },
    });
  });

  it("applies each of two licences of one operation, in order", async () => {
    const { data, errors } = await graph.query<Record<"first" | "second", { location: ShownLocation }>>(
      `mutation ($id: ID!) {
        first: recordLicence(input: { locationId: $id, status: NONE, tier: "none" }) { location { ${LOCATION} } }
        second: recordLicence(input: { locationId: $id, status: ACTIVE, tier: "events" }) { location { ${LOCATION} } }
      }`,
      { id: locationId.encode(other.id) },
    );
    expect(errors).toEqual([]);
    expect(data.first.location).toMatchObject({ licence: { status: "NONE" }, playback: { verdict: "DENY" } });
    expect(data.second.location.licence).toEqual({ status: "ACTIVE", tier: "events", expiresAt: null });
    expect(data.second.location.playback.verdict).not.toBe("DENY");
  });

  it("stores the caller and the time", async () => {
    await graph.recordLicence({});
    const rows = await graph.rows(
      sql`select recorded_by, (extract(epoch from recorded_at) * 1000)::bigint::text as at from locations.licences where location_id = ${other.id}`,
    );
    expect(rows).toEqual([{ recorded_by: "anonymous", at: String(NOW) }]);
  });

  it("keeps one whole licence of twenty that are recorded concurrently", async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_none, index) =>
        graph.recordLicence({ tier: `tier ${index}`, expiresAt: new Date(NOW + index * DAY_MS) }),
      ),
    );
    expect(all.flatMap(({ errors }) => errors)).toEqual([]);
    const { data } = await graph.query<{ location: ShownLocation }>(
      `{ location(id: "${locationId.encode(other.id)}") { licence { tier expiresAt } } }`,
    );
    const { tier, expiresAt } = data.location.licence;
    expect(expiresAt).toBe(new Date(NOW + Number(tier.split(" ")[1]) * DAY_MS).toISOString());
  });

  it("shows the current location for a repeated idempotencyKey, and changes nothing", async () => {
    const idempotencyKey = randomUUID();
    await graph.recordLicence({ tier: "events", idempotencyKey });
    await graph.recordLicence({ tier: "background" });
    const { data } = await graph.recordLicence({ tier: "events", idempotencyKey });
    expect(data?.recordLicence.location.licence.tier).toBe("background");
    const { errors } = await graph.recordLicence({ tier: "foreground", idempotencyKey });
    expect(errors).toMatchObject([{ message: "Cannot recordLicence: idempotencyKey was used for another input" }]);
  });

  it.each([
    [{ status: "NONE", expiresAt: "2027-01-01T00:00:00Z" }, "expiresAt must be omitted if the status is NONE"],
    [{ expiresAt: "0001-01-01T00:00:00Z" }, "expiresAt must be in the years 1900 to 9999"],
    [{ expiresAt: "9999-12-31T23:59:59-12:00" }, "expiresAt must be in the years 1900 to 9999"],
    [{ tier: " " }, `tier ${textProblem(100)}`],
    [{ tier: "t".repeat(101) }, `tier ${textProblem(100)}`],
    [{ tier: "\0" }, `tier ${textProblem(100)}`],
  ])("refuses %j", async (input, problem) => {
    const { data, errors } = await graph.recordLicence(input);
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { message: `Cannot recordLicence: ${problem}`, extensions: { code: "BAD_USER_INPUT", argument: "input" } },
    ]);
  });

  it("refuses an unknown location, and stores nothing", async () => {
    const id = locationId.encode(MISSING_LOCATION);
    const { errors } = await graph.recordLicence({ locationId: id });
    expect(errors).toMatchObject([
      {
        message: `Cannot recordLicence: there is no location ${id}`,
        extensions: { code: "BAD_USER_INPUT", argument: "locationId" },
      },
    ]);
    const rows = await graph.rows(sql`select 1 from locations.licences where location_id = ${MISSING_LOCATION}`);
    expect(rows).toEqual([]);
  });
});
