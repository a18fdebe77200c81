/** The line in the log that names what to renew. */
import { pino } from "pino";
import { beforeEach, expect, it } from "vitest";
import { createRefusedAccounts } from "../../subgraphs/platform/refused-accounts.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";

const HOUR_MS = 3_600_000;
const lines: string[] = [];
const log = pino(
  { level: "error" },
  { write: (line: string) => lines.push((JSON.parse(line) as { msg: string }).msg) },
);
const refusal = (renew: readonly string[]) =>
  new UpstreamError("things", "STATUS", "it answered 400: invalid_grant", { status: 400, renew });

beforeEach(() => lines.splice(0));

it("is written once for many failures, and again while they go on for an hour", () => {
  let now = 0;
  const { tell } = createRefusedAccounts(() => now);
  for (let index = 0; index < 20; index += 1) tell(log, refusal(["THINGS_TOKEN"]));
  expect(lines).toEqual([
    "things refuses our account: renew THINGS_TOKEN; calls fail and effects wait until then (Cannot ask things: it answered 400: invalid_grant)",
  ]);
  now += HOUR_MS - 1;
  tell(log, refusal(["THINGS_TOKEN"]));
  expect(lines).toHaveLength(1);
  now += 1;
  tell(log, refusal(["THINGS_TOKEN"]));
  expect(lines).toHaveLength(2);
});

it("is another one for another part of the account", () => {
  const { tell } = createRefusedAccounts(() => 0);
  tell(log, refusal(["THINGS_ID", "THINGS_SECRET"]));
  tell(log, refusal([]));
  expect(lines).toMatchObject(
    [/renew THINGS_ID or THINGS_SECRET;/, /renew its credentials;/].map((each) => expect.stringMatching(each)),
  );
});

it("says what to check where an upstream does not know our account", () => {
  const { tell } = createRefusedAccounts(() => 0);
  const more = { status: 404, renew: ["THINGS_URL", "THINGS_ID"], isMisdirected: true };
  tell(log, new UpstreamError("things", "STATUS", "it answered 404", more));
  expect(lines).toEqual([
    "things does not know our account: check THINGS_URL or THINGS_ID; calls fail and effects wait until then (Cannot ask things: it answered 404)",
  ]);
});

it("is not written for a refusal that may be about the call, unless others are refused too", () => {
  const { tell } = createRefusedAccounts(() => 0);
  const doubtful = new UpstreamError("things", "STATUS", "it answered 403", { status: 403, doubted: ["THINGS_TOKEN"] });
  tell(log, doubtful);
  expect(lines).toEqual([]);
  tell(log, doubtful, true);
  expect(lines).toEqual([
    "things refuses each write of our account: renew THINGS_TOKEN, with the right to write; calls fail and effects wait until then (Cannot ask things: it answered 403)",
  ]);
});

it("is written for what failed because of it, and for nothing else", () => {
  const { tell } = createRefusedAccounts(() => 0);
  tell(log, new UpstreamError("things", "STATUS", "it answered 403", { status: 403 }));
  tell(log, new Error("a bug"));
  expect(lines).toEqual([]);
  tell(log, new Error("Cannot decide", { cause: refusal(["THINGS_TOKEN"]) }));
  expect(lines).toHaveLength(1);
});
