/** OpenText refuses our account: one line names what to renew, whoever asks, and it goes on once it works again. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPipeline } from "../../subgraphs/pipeline/pipeline.ts";
import type { Pipeline } from "../../subgraphs/pipeline/pipeline.ts";
import { failureOf } from "../../subgraphs/records/outbox/failure.ts";
import { createOpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { OpenTextSandbox } from "../../subgraphs/sandbox/opentext/server.ts";
import type { Faults } from "../../subgraphs/sandbox/sandbox.ts";
import { SUBJECT } from "../support/asks.ts";
import { accountAt, loan, loanTable, readableLog, request } from "../support/loans.ts";
import { behave, misbehave } from "../support/sandbox-control.ts";
import { HOUR_MS } from "../support/times.ts";

const BATCH = "/batch";

/** Milliseconds that the test added to the real time. */
let skipped: number;
const now = (): number => Date.now() + skipped;
let sandbox: OpenTextSandbox;
let pipeline: Pipeline;
let lines: ReturnType<typeof readableLog>["lines"];

beforeEach(async () => {
  skipped = 0;
  sandbox = createOpenTextSandbox({ tables: [loanTable()], batchPath: BATCH, now });
});
afterEach(async () => {
  await pipeline.close();
  await sandbox.close();
});

async function start(batchPath: string | undefined): Promise<void> {
  const { log, lines: written } = readableLog();
  lines = written;
  pipeline = createPipeline({
    account: accountAt(await sandbox.listen(), { batchPath, versionIntervalMs: HOUR_MS }),
    declared: [{ decisions: [loan], tables: [loanTable()] }],
    log,
    now,
  });
  await pipeline.start();
}

/** In one request. */
const ask = (...amounts: readonly number[]) => {
  const context = request();
  const asked = amounts.map((amount) => pipeline.decide(context, loan, { amount, country: "DE" }, SUBJECT));
  return Promise.all(asked.map((decided) => decided.catch((error: unknown) => error)));
};
const loud = () => lines.filter(({ level }) => level === 50).map(({ msg, renew }) => ({ msg, renew }));
const RENEW = ["OPENTEXT_CLIENT_ID", "OPENTEXT_CLIENT_SECRET"];

describe("an account that OpenText refuses", () => {
  it.each([
    ["its client is unknown", undefined, { account: "invalid_client" }, /^opentext-token refuses our account: /],
    [
      "its tokens are refused, new ones too",
      undefined,
      { status: 401, only: "execute" },
      /^opentext refuses our account: /,
    ],
    ["403 to everything", undefined, { status: 403 }, /^opentext(?:-token)? refuses our account: /],
    ["403 to everything but tokens", BATCH, { status: 403 }, /^opentext refuses our account: /],
  ] as const)(
    "fails no effect, and one line names what to renew: %s",
    async (_title, batchPath, faults: Faults, msg) => {
      await start(batchPath);
      await ask(1, 2);
      await misbehave(sandbox, faults);
      for (const error of [...(await ask(2000, 3000)), ...(await ask(4000))]) {
        expect(error).toMatchObject({
          message: "Cannot decide loan: decision service is not available to our account",
          extensions: { code: "DECISION_UNAVAILABLE", retryable: false },
        });
        expect(failureOf(error)).toMatchObject({ kind: "refused" });
      }
      expect(loud()).toEqual([{ msg: expect.stringMatching(msg), renew: RENEW }]);
      skipped += HOUR_MS;
      await ask(5000);
      await ask(6000);
      expect(loud()).toHaveLength(2);
      await behave(sandbox);
      expect(await ask(7000)).toMatchObject([{ verdict: "REVIEW" }]);
    },
  );

  it("is told too where no request fails by it", async () => {
    await start(undefined);
    await misbehave(sandbox, { status: 401, only: "list" });
    expect(await pipeline.versions.refresh()).toBe(false);
    expect(loud()).toMatchObject([{ renew: RENEW }]);
  });
});

it("a 403 to evaluations alone is about their model: nothing is to be renewed", async () => {
  await start(undefined);
  await misbehave(sandbox, { status: 403, only: "execute" });
  expect(await ask(1)).toMatchObject([
    { message: "Cannot decide loan: decision service answered 403", extensions: { code: "DECISION_UNAVAILABLE" } },
  ]);
  expect(loud()).toEqual([]);
});
