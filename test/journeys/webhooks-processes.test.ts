/**
 * Events out of two processes, one of which is killed while receivers answer badly: whatever a client was answered is told to
 * every receiver at least once, and by one id. The processes are built ones, on one database.
 */
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../subgraphs/records/database/open.ts";
import { createTestDatabase, hasServer } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { ask } from "../support/decibel.ts";
import { moveOutboxClock } from "../support/outbox-clock.ts";
import { partsOf, runMain } from "../support/process.ts";
import type { Run } from "../support/process.ts";
import { secretOf, startReceiver } from "../support/receiver.ts";
import type { Receiver } from "../support/receiver.ts";
import { writeWebhooks } from "../support/webhooks-file.ts";
import type { WebhooksFile } from "../support/webhooks-file.ts";

const CASES = 40;
/** Without a heartbeat for so long, a process is dead. The outbox's clock is moved by it, and others look soon. */
const DEAD_MS = 35_000;
const LOOK_MS = 40_000;
const OPEN = `mutation ($input: OpenCaseInput!) { openCase(input: $input) { supportCase { id status } } }`;

describe.runIf(hasServer())("two processes, of which one is killed", () => {
  let database: TestDatabase;
  let file: WebhooksFile;
  let receivers: readonly Receiver[];
  let runs: readonly Run[] = [];
  let urls: readonly string[];

  beforeAll(async () => {
    database = await createTestDatabase();
    receivers = [await startReceiver(secretOf(1)), await startReceiver(secretOf(2))];
    const events = ["case.routed"] as const;
    const [first, second] = receivers as [Receiver, Receiver];
    file = await writeWebhooks({
      first: { receiver: first, secret: secretOf(1), events },
      second: { receiver: second, secret: secretOf(2), events },
    });
    const variables = { ...database.variables, ...file.variables, OUTBOX_RETRY_SECONDS: "0" };
    runs = [runMain(variables), runMain(variables)];
    const parts = await Promise.all(runs.map(async ({ banner }) => partsOf(await banner)));
    urls = parts.map((part) => part.get("gateway") ?? "");
  }, 60_000);
  afterAll(async () => {
    await Promise.all(runs.map((run) => run.kill()));
    for (const receiver of receivers) await receiver.close();
    await file.remove();
    await database.drop();
  });

  it(
    "tell every receiver of every case that a client was answered",
    async () => {
      let calls = 0;
      for (const receiver of receivers) {
        // Slow, and every third one refused: some are under way when the process is killed.
        receiver.behave(() => ({ status: (calls += 1) % 3 === 0 ? 503 : 200, latencyMs: 150 }));
      }
      const answered: string[] = [];
      const openOne = async (index: number): Promise<void> => {
        const input = {
          account: `Account ${index}`,
          customerValue: "LOW",
          country: "DE",
          issue: "BILLING",
          severity: "LOW",
          description: "Billed twice.",
        };
        // Of those sent to the killed one, some fail: nobody was told that they are recorded.
        const { data } = await ask<{ openCase: { supportCase: { id: string } } } | null>(urls[index % 2] ?? "", OPEN, {
          input,
        });
        if (data) answered.push(data.openCase.supportCase.id);
      };
      const opening = Promise.allSettled(Array.from({ length: CASES }, (_none, index) => openOne(index)));
      const enough = () => receivers.every((receiver) => receiver.deliveries.length >= 4);
      await expect.poll(enough, { timeout: 30_000, interval: 5 }).toBe(true);
      await runs[1]?.kill();
      await opening;
      const opened = await openDatabase({ url: database.url, directory: "memory", log: pino({ enabled: false }) });
      await moveOutboxClock(opened, DEAD_MS);
      await opened.close();
      expect(answered.length).toBeGreaterThanOrEqual(CASES / 2);

      const toldTo = (receiver: Receiver) => new Set(receiver.accepted().map(({ data }) => data["caseId"]));
      const untold = () => receivers.flatMap((receiver) => answered.filter((id) => !toldTo(receiver).has(id)));
      await expect.poll(untold, { timeout: LOOK_MS, interval: 100 }).toEqual([]);
      for (const receiver of receivers) {
        const ids = Map.groupBy(receiver.deliveries, ({ data }) => data["caseId"]);
        for (const deliveries of ids.values()) expect(new Set(deliveries.map(({ id }) => id)).size).toBe(1);
      }
      const ids = receivers.map((receiver) => new Set(receiver.deliveries.map(({ id }) => id)));
      expect(ids[0]?.intersection(ids[1] ?? new Set())).toEqual(new Set());
    },
    LOOK_MS + 40_000,
  );
});
