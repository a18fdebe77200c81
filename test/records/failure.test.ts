/** What a failed attempt means for its effect. */
import { GraphQLError } from "graphql";
import { expect, it } from "vitest";
import { DecisionError } from "../../subgraphs/pipeline/ask.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import type { UpstreamErrorDetails } from "../../subgraphs/platform/upstream-error.ts";
import { AbsentError, FinalError } from "../../subgraphs/records/outbox/effect.ts";
import { TooEarlyError } from "../../subgraphs/records/outbox/own-writes.ts";
import { failureOf } from "../../subgraphs/records/outbox/failure.ts";

const status = (code: number, more: UpstreamErrorDetails = {}) =>
  new UpstreamError("things", "STATUS", `it answered ${code}`, { status: code, ...more });
const RETRY = { kind: "retry" };
const PERMANENT = { kind: "permanent" };
const wait = (ms: number) => ({ kind: "wait", ms });
const asked = (ms: number) => ({ kind: "asked", ms });
const AWAITED = { kind: "awaited", ms: 15_000 };
const ACCOUNT = { kind: "refused", ms: 60_000, isDoubtful: false, acceptedAgoMs: undefined };

it.each([
  ["a refusal of the call", status(400), PERMANENT],
  ["a refusal of our account", status(403, { renew: ["THINGS_TOKEN"] }), ACCOUNT],
  ["a refused token", status(401), ACCOUNT],
  ["a failed decision because of our account", new Error("undecided", { cause: status(401) }), ACCOUNT],
  [
    "a refusal that may be of our account's rights",
    status(403, { doubted: ["THINGS_TOKEN"], acceptedAgoMs: 5 }),
    { kind: "refused", ms: 15_000, isDoubtful: true, acceptedAgoMs: 5 },
  ],
  ["an overload without a time to come back", status(429), RETRY],
  ["a Retry-After of two hours", status(429, { retryAfterMs: 7_200_000 }), asked(7_200_000)],
  ["a Retry-After of 0", status(503, { retryAfterMs: 0 }), asked(1000)],
  ["a Retry-After of a month", status(429, { retryAfterMs: 30 * 86_400_000 }), asked(86_400_000)],
  ["a Retry-After of a refusal", status(400, { retryAfterMs: 5000 }), PERMANENT],
  ["what we wrote and is not there yet", status(400, { isAwaited: true }), AWAITED],
  ["a 404", status(404), AWAITED],
  ["an upstream without what the effect is about", new AbsentError("no zone", "things"), AWAITED],
  ["a subject that is gone", new GraphQLError("gone", { extensions: { code: "NOT_FOUND" } }), AWAITED],
  ["a campaign that is not listed", new GraphQLError("gone", { extensions: { code: "BAD_USER_INPUT" } }), AWAITED],
  ["a write that may not be listed yet", new TooEarlyError("too early"), wait(15_000)],
  ["an outage", new UpstreamError("things", "TIMEOUT", "no answer"), RETRY],
  ["a malformed answer", new UpstreamError("things", "UNEXPECTED", "no JSON"), RETRY],
  [
    "rules without an answer",
    new DecisionError("DECISION_UNDETERMINED", "m", "no rows", false),
    { kind: "undecidable" },
  ],
  ["facts that are refused", new DecisionError("DECISION_REJECTED", "m", "400", false), { kind: "undecidable" }],
  ["a decision service that is down", new DecisionError("DECISION_UNAVAILABLE", "m", "503", true), RETRY],
  ["a bug", new TypeError("undefined is not a function"), RETRY],
  ["what a person has to mend", new FinalError("a twin"), PERMANENT],
] as const)("%s", (_title, error, expected) => {
  expect(failureOf(error)).toEqual(expected);
});

it("follows its handler in which refusals end the effect", () => {
  const isFinal = ({ status: code }: UpstreamError): boolean => code === 410;
  expect([status(410), status(404), status(400)].map((error) => failureOf(error, isFinal))).toEqual([
    PERMANENT,
    RETRY,
    RETRY,
  ]);
});
