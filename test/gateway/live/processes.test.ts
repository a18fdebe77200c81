/** Events cross processes: two on one PostgreSQL server, and the workers of a gateway. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evaluationId } from "../../../schema/id.ts";
import { evaluationRecords } from "../../../subgraphs/records/decisions/ledger.ts";
import { createTestDatabase, hasServer } from "../../support/database.ts";
import type { TestDatabase } from "../../support/database.ts";
import { startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";
import { nodes } from "../../support/contracts.ts";
import { overSse, toldTo } from "../../support/live.ts";
import { evaluation } from "../../support/record-samples.ts";

describe.runIf(hasServer())("an event", () => {
  let database: TestDatabase;
  let first: TestDecibel;
  let second: TestDecibel;
  beforeAll(async () => {
    database = await createTestDatabase();
    first = await startTestDecibel({ variables: database.variables });
    second = await startTestDecibel({ variables: { ...database.variables, GATEWAY_WORKERS: "2" } });
  }, 60_000);
  afterAll(async () => {
    await Promise.all([first.stop(), second.stop()]);
    await database.drop();
  });

  it("of one process is told by another, and by each worker of it, once", async () => {
    const query = "subscription { decisionMade { id } }";
    // Connections are handed to the workers in turn.
    const subscribers = [
      await overSse(first.decibel.url, query),
      await overSse(second.decibel.url, query),
      await overSse(second.decibel.url, query),
    ];
    const ids = [evaluationId.encode(randomUUID()), evaluationId.encode(randomUUID())];
    await evaluationRecords(first.decibel.database).write(ids.map((id) => evaluation({ id })));
    for (const one of subscribers) {
      await expect.poll(() => toldTo(one)).toEqual(ids.map((id) => ({ decisionMade: { id } })));
      one.leave();
    }
  });

  it("of a licence changes the verdict that another process tells", async () => {
    const [location] = await nodes<{ readonly id: string }>(first, "locations(first: 1)", "id");
    const id = location?.id ?? expect.fail("there is no location");
    const record = async (status: string): Promise<void> => {
      const input = { locationId: id, status, tier: "background" };
      const mutation = "mutation ($input: RecordLicenceInput!) { recordLicence(input: $input) { location { id } } }";
      expect((await first.query(mutation, { input })).errors).toEqual([]);
    };
    await record("ACTIVE");
    const query = `subscription { eligibilityChanged(ids: ["${id}"]) { verdict } }`;
    const one = await overSse(second.decibel.url, query);
    await record("EXPIRED");
    await expect.poll(() => toldTo(one)).toEqual([{ eligibilityChanged: { verdict: "DENY" } }]);
    one.leave();
  });
});
