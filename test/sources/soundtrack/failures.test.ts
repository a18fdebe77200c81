/** Partial answers and failed requests. */
import { describe, expect, it } from "vitest";
import { UpstreamError } from "../../../subgraphs/platform/upstream-error.ts";
import { behave, misbehave, failure } from "../../support/sandbox-control.ts";
import {
  start,
  answering,
  sent,
  idsOf,
  ordered,
  orderedIds,
  first,
  second,
  third,
} from "../../support/soundtrack-client.ts";

describe("a partial answer of Soundtrack", () => {
  const trouble = (...more: readonly (readonly [string, string])[]) => ({ troubles: new Map(more) });

  it("has null zones if they failed, with the rest of the location", async () => {
    const { soundtrack } = await start(trouble([`${first}.soundZones`, "INTERNAL_SERVER_ERROR"]));
    const zones = (found: readonly unknown[]): unknown[] =>
      found.map((one) => (one as { zones: unknown }).zones === null);
    expect(zones(await soundtrack.locationsById([first, second]))).toEqual([true, false]);
    expect(zones((await soundtrack.locations({ first: 2 })).map(({ location }) => location))).toEqual([true, false]);
  });

  it("has null zones if one is missing", async () => {
    const zone = ordered[0]?.zones[0]?.id ?? "";
    const { soundtrack } = await start(trouble([zone, "INTERNAL_SERVER_ERROR"]));
    const [location] = await soundtrack.locationsById([first]);
    expect(location).toMatchObject({ id: first, zones: null });
  });

  it("has null zones if there are more than were returned", async () => {
    const location = {
      id: "a",
      name: "a",
      physicalAddress: { city: "", country: "SE" },
      timezone: "UTC",
      soundZones: { total: 2, edges: [{ node: { id: "z", name: "z", online: true, subscription: { state: "NEW" } } }] },
    };
    const { soundtrack } = await answering(() => ({ data: { a0: { ...location, account: null } } }));
    expect(await soundtrack.locationsById(["a"])).toEqual([
      { id: "a", name: "a", account: null, country: "SE", city: null, timezone: "UTC", zones: null },
    ]);
  });

  it("has a location without its account", async () => {
    const { soundtrack } = await start(trouble([`${first}.account`, "INTERNAL_SERVER_ERROR"]));
    expect(await soundtrack.locationsById([first])).toMatchObject([{ id: first, account: null }]);
  });

  it("has an error at the id's index, and reads it again", async () => {
    const { sandbox, soundtrack } = await start(trouble([second, "INTERNAL_SERVER_ERROR"], [third, "FORBIDDEN"]));
    const found = await soundtrack.locationsById([first, second, third]);
    expect([found[0], found[2]]).toMatchObject([{ id: first }, null]);
    const [, error] = found;
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({
      message: `Cannot ask soundtrack: it answered INTERNAL_SERVER_ERROR: Failed to resolve ${second}`,
      failure: "STATUS",
      status: 500,
      retryable: true,
    });
    await sent(sandbox);
    await soundtrack.locationsById([first, second, third]);
    expect((await sent(sandbox)).map(({ variables }) => variables)).toEqual([{ i0: second }]);
  });

  it("omits inaccessible objects from a list, and fails for others", async () => {
    const { soundtrack } = await start(trouble([first, "NOT_FOUND"], [second, "FORBIDDEN"]));
    expect(idsOf(await soundtrack.locations({ first: 4 }))).toEqual(orderedIds.slice(2, 6));
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds.slice(2));

    const failing = await start(trouble([third, "INTERNAL_SERVER_ERROR"]));
    expect(idsOf(await failing.soundtrack.locations({ first: 2 }))).toEqual([first, second]);
    expect((await failure(failing.soundtrack.locations({ first: 3 }))).message).toBe(
      `Cannot ask soundtrack: it answered INTERNAL_SERVER_ERROR: Failed to resolve ${third}`,
    );
  });

  it("fails a list if an account failed", async () => {
    const account = ordered[0]?.accountId ?? "";
    const { soundtrack } = await start(trouble([`${account}.locations`, "TEAPOT"]));
    const error = await failure(soundtrack.locations({ first: 1 }));
    expect([error.failure, error.retryable, error.message]).toEqual([
      "UNEXPECTED",
      false,
      `Cannot ask soundtrack: it answered TEAPOT: Failed to resolve ${account}.locations`,
    ]);
  });

  it("has an error at the zone's index", async () => {
    const [one = "", two = ""] = ordered[0]?.zones.map(({ id }) => id) ?? [];
    const { soundtrack } = await start(trouble([`${one}.nowPlaying`, "INTERNAL_SERVER_ERROR"]));
    const [error, title] = await soundtrack.nowPlaying([one, two]);
    expect([error instanceof UpstreamError, title]).toEqual([true, "Copper Sky"]);
  });
});

describe("a failing Soundtrack", () => {
  it.each([["a wrong token", { token: "other" }, "it answered 401: UNAUTHENTICATED: Invalid credentials", 401, false]])(
    "reports %s",
    async (_what, limits, message, status, retryable) => {
      const { soundtrack } = await start(limits);
      const error = await failure(soundtrack.accounts());
      expect([error.message, error.status, error.retryable]).toEqual([
        `Cannot ask soundtrack: ${message}`,
        status,
        retryable,
      ]);
    },
  );

  it.each([
    [{ status: 503 }, "it answered 503: HTTP_503: The service could not process the request", true],
    [{ body: "malformed" }, "it answered 200 with a body that is not JSON", false],
    [{ latencyMs: 60_000 }, "no answer within 200 ms", true],
  ] as const)("says so of %j", async (fault, message, retryable) => {
    const { sandbox, soundtrack } = await start({}, { timeoutMs: 200 });
    await misbehave(sandbox, fault);
    const error = await failure(soundtrack.accounts());
    expect([error.message, error.retryable]).toEqual([`Cannot ask soundtrack: ${message}`, retryable]);
    await behave(sandbox);
    expect(await soundtrack.accounts()).toHaveLength(40);
  });

  it.each([
    [{}, "it answered neither data nor errors"],
    [{ data: null, errors: [] }, "it answered neither data nor errors"],
    [{ data: null, errors: [{ message: "Boom" }] }, "it answered UNKNOWN: Boom"],
    [{ data: {} }, "it answered unexpectedly: data.me: Invalid input: expected object, received undefined"],
    [{ errors: "no" }, "it answered unexpectedly: errors: Invalid input: expected array, received string"],
  ])("rejects the reply %j", async (body, message) => {
    const { soundtrack } = await answering(() => body);
    const error = await failure(soundtrack.accounts());
    expect([error.failure, error.message]).toEqual(["UNEXPECTED", `Cannot ask soundtrack: ${message}`]);
  });
});
