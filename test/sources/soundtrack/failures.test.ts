/** Partial answers and failed requests. */
import { describe, expect, it } from "vitest";
import { UpstreamError } from "../../../subgraphs/platform/upstream-error.ts";
import { behave, misbehave, failure } from "../../support/sandbox-control.ts";
import {
  world,
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

  it("says that the zones are unknown if they failed, with the rest of the location", async () => {
    const { soundtrack } = await start(trouble([`${first}.soundZones`, "INTERNAL_SERVER_ERROR"]));
    const zones = (found: readonly unknown[]): unknown[] =>
      found.map((one) => (one as { zonesError: unknown }).zonesError !== null);
    expect(zones(await soundtrack.locationsById([first, second]))).toEqual([true, false]);
    expect(zones((await soundtrack.locations({ first: 2 })).found.map(({ location }) => location))).toEqual([
      true,
      false,
    ]);
  });

  it("says so of the zones if one is missing", async () => {
    const zone = ordered[0]?.zones[0]?.id ?? "";
    const { soundtrack } = await start(trouble([zone, "INTERNAL_SERVER_ERROR"]));
    const [location] = await soundtrack.locationsById([first]);
    expect(location).toMatchObject({
      id: first,
      zones: [{}],
      zonesError: { message: "Cannot ask soundtrack: its reply has no sound zones of the location" },
    });
  });

  it("says so of the zones if there are more than were returned", async () => {
    const location = {
      id: "a",
      name: "a",
      physicalAddress: { city: "", country: "SE" },
      timezone: "UTC",
      soundZones: { total: 2, edges: [{ node: { id: "z", name: "z", online: true, subscription: { state: "NEW" } } }] },
    };
    const { soundtrack } = await answering(() => ({ data: { a0: { ...location, account: null } } }));
    expect(await soundtrack.locationsById(["a"])).toEqual([
      {
        id: "a",
        name: "a",
        account: null,
        country: "SE",
        city: null,
        timezone: "UTC",
        zones: [expect.anything()],
        zonesError: expect.any(UpstreamError),
      },
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

  it("omits inaccessible objects from a list, and names others that failed", async () => {
    const { soundtrack } = await start(trouble([first, "NOT_FOUND"], [second, "FORBIDDEN"]));
    expect(idsOf(await soundtrack.locations({ first: 4 }))).toEqual(orderedIds.slice(2, 6));
    expect(idsOf(await soundtrack.everyLocation())).toEqual(orderedIds.slice(2));

    const failing = await start(trouble([third, "INTERNAL_SERVER_ERROR"]));
    const list = await failing.soundtrack.locations({ first: 3 });
    expect(idsOf(list)).toEqual([first, second, orderedIds[3]]);
    expect(list.unreadable.map(({ message }) => message)).toEqual([
      `Cannot ask soundtrack: it answered INTERNAL_SERVER_ERROR: Failed to resolve ${third}`,
    ]);
  });

  it("omits the locations of an account that failed, and names it", async () => {
    const account = ordered[0]?.accountId ?? "";
    const { soundtrack } = await start(trouble([`${account}.locations`, "TEAPOT"]));
    const list = await soundtrack.everyLocation();
    expect(idsOf(list)).toEqual(ordered.filter(({ accountId }) => accountId !== account).map(({ id }) => id));
    expect(list.unreadable.map(({ message }) => message)).toEqual([
      `Cannot ask soundtrack: it answered TEAPOT: Failed to resolve ${account}.locations`,
    ]);
  });

  it("fails a list if all of its accounts failed", async () => {
    const account = ordered[0]?.accountId ?? "";
    const all = world.accounts.map(({ id }) => [`${id}.locations`, "TEAPOT"] as const);
    const { soundtrack } = await start(trouble(...all));
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

describe("an error of Soundtrack that has only a message", () => {
  it.each([
    ["Forbidden", 403, false],
    ["Not Found", 404, false],
    ["Rate limit exceeded", 429, true],
    ["Too many requests", 429, true],
    ["Unauthorized", 401, false],
    ["Internal server error", 500, true],
  ])("means what it says: %s", async (message, status, retryable) => {
    const { soundtrack } = await answering(() => ({ data: { me: null }, errors: [{ message, path: ["me"] }] }));
    const error = await failure(soundtrack.accounts());
    expect([error.failure, error.status, error.retryable]).toEqual(["STATUS", status, retryable]);
  });

  it("is no error where an object is not accessible", async () => {
    const trouble = new Map([
      [first, "FORBIDDEN"],
      [second, "NOT_FOUND"],
      [third, "INTERNAL_SERVER_ERROR"],
    ]);
    const { soundtrack } = await start({ errors: "messages", troubles: trouble });
    const [one, two, three] = await soundtrack.locationsById([first, second, third]);
    expect([one, two]).toEqual([null, null]);
    expect(three).toMatchObject({
      message: "Cannot ask soundtrack: it answered INTERNAL_SERVER_ERROR: Internal server error",
    });
  });

  it.each(["codes", "messages"] as const)("is about our account where nothing is accessible (%s)", async (errors) => {
    const troubles = new Map(orderedIds.map((id) => [id, "FORBIDDEN"]));
    const { soundtrack } = await start({ errors, troubles });
    const refused = { status: 403, doubted: ["SOUNDTRACK_TOKEN"], final: false };
    expect(await failure(soundtrack.locations({ first: 3 }))).toMatchObject(refused);
    expect(await failure(soundtrack.everyLocation())).toMatchObject(refused);
    expect(await soundtrack.locationsById([first, second])).toMatchObject([refused, refused]);
  });

  describe("Forbidden, to all that was asked for", () => {
    const forbidden = (...aliases: readonly string[]) => ({
      data: Object.fromEntries(aliases.map((alias) => [alias, null])),
      errors: aliases.map((alias) => ({ message: "Forbidden", path: [alias] })),
    });
    const own = { id: "QWNjb3VudCwsMQ", locations: { total: 2 } };
    const listed = { cursor: "1", node: { id: "l1", soundZones: { total: 0, edges: [] } } };
    const accounts = { data: { me: { accounts: { total: 1, edges: [{ cursor: "c", node: own }] } } } };
    /** Lists an account of ours, which itself is readable or not. */
    const answer = (isReadable: boolean) =>
      answering(({ i, ...variables }) => {
        if (i !== undefined) return isReadable ? { data: { account: own } } : forbidden("account");
        if (isReadable && "f0" in variables) return { data: { a0: { locations: { edges: [listed] } } } };
        const aliases = Object.keys(variables).filter((name) => /^i\d/.test(name));
        return aliases.length === 0 ? accounts : forbidden(...aliases.map((name) => name.replace("i", "a")));
      });
    const refused = { status: 403, renew: ["SOUNDTRACK_TOKEN"] };

    it("is about our account, if not even an account of ours can be read", async () => {
      const { soundtrack } = await answer(false);
      await expect(soundtrack.locations({ first: 3 })).rejects.toMatchObject(refused);
      expect(await soundtrack.locationsById([first, second])).toMatchObject([refused, refused]);
    });

    it("is about what was asked for, if one can be", async () => {
      const { soundtrack } = await answer(true);
      expect(await soundtrack.locationsById([first, second])).toEqual([null, null]);
    });
  });

  it("is a rate limit also by its status", async () => {
    const { soundtrack } = await start(
      { errors: "messages", bucket: { capacity: 10, perSecond: 1 } },
      { timeoutMs: 1000 },
    );
    const error = await failure(soundtrack.accounts());
    expect([error.status, error.retryable]).toEqual([429, true]);
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
    [{ latencyMs: 60_000 }, "no answer within 1500 ms", true],
  ] as const)("says so of %j", async (fault, message, retryable) => {
    const { sandbox, soundtrack } = await start({}, { timeoutMs: 1500 });
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
