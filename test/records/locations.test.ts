/** Playlist requests and licences as they are stored. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlaylistRequestRecord } from "../../subgraphs/records/locations/types.ts";
import type { Database } from "../../subgraphs/records/database/database.ts";
import { addPlaylistRequest, putLicence, setPlaylistUri } from "../../subgraphs/records/locations/store.ts";
import { recordsOver } from "../support/records.ts";
import type { Records } from "../support/records.ts";
import { NOW } from "../support/now.ts";
import { playlistRequestId } from "../../schema/id.ts";
import { moveFrom } from "../../subgraphs/records/database/move-from.ts";
import { playlistRequests } from "../../subgraphs/records/locations/tables.ts";
import type { OpenedDatabase } from "../support/database.ts";
import { DATABASES } from "../support/database.ts";
import { playlistRequest } from "../support/record-samples.ts";

describe.each(DATABASES)("playlist requests and licences (%s)", (_kind, open) => {
  let opened: OpenedDatabase;
  let database: Database;
  let records: Records;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
    records = recordsOver(database, () => NOW);
  });
  afterAll(() => opened.close());

  it("change a request's status once under ten concurrent changes", async () => {
    const id = randomUUID();
    await database.transaction((tx) => addPlaylistRequest(tx, { ...playlistRequest(id), status: "UNDECIDED" }));
    const moves = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        database.transaction((tx) =>
          moveFrom(tx, playlistRequests, {
            id,
            subject: playlistRequestId.encode(id),
            from: ["UNDECIDED"],
            to: { status: "APPROVED", evaluationId: "e" },
          }),
        ),
      ),
    );
    expect(moves.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(moves.find((move) => move.status === "rejected")?.reason).toMatchObject({
      message: `Cannot change playlist-request_${id}: another caller has changed it meanwhile`,
      extensions: { code: "CONFLICT" },
    });
    expect(await records.playlistRequests.byIds([id])).toMatchObject([{ status: "APPROVED", evaluationId: "e" }]);
  });

  it("keep the first playlist of a request", async () => {
    const id = randomUUID();
    await database.transaction((tx) => addPlaylistRequest(tx, playlistRequest(id)));
    const set = (uri: string) => database.transaction((tx) => setPlaylistUri(tx, id, uri));
    expect([await set("spotify:playlist:1"), await set("spotify:playlist:2")]).toEqual([true, false]);
    expect(await records.playlistRequests.byIds([id])).toMatchObject([{ playlistUri: "spotify:playlist:1" }]);
  });

  it("keep a request unchanged: times in milliseconds, special characters in texts", async () => {
    const odd: PlaylistRequestRecord = {
      ...playlistRequest(randomUUID()),
      title: `'"; drop table x; -- {"a"} \\ ${"é".repeat(3)} 🎧`,
      trackUris: ["a,b", 'c"d', "{}", "", "NULL"],
      startsAt: new Date("9999-12-31T23:59:59.999Z"),
      requestedAt: new Date("2026-03-10T12:00:00.123Z"),
    };
    await database.transaction((tx) => addPlaylistRequest(tx, odd));
    expect(await records.playlistRequests.byIds([odd.id])).toMatchObject([odd]);
  });

  it("keep the latest licence of a location", async () => {
    const recorded = { recordedBy: "a", recordedAt: new Date(NOW) };
    const put = (status: "ACTIVE" | "EXPIRED", expiresAt: Date | null) =>
      database.transaction((tx) => putLicence(tx, "new location", { status, tier: "events", expiresAt, ...recorded }));
    await put("ACTIVE", new Date(NOW));
    await put("EXPIRED", null);
    expect(await records.locations.profiles(["new location"])).toMatchObject([
      { storeType: "OTHER", openingHours: [], licence: { status: "EXPIRED", tier: "events", expiresAt: null } },
    ]);
  });
});
