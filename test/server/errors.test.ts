/**
 * Errors for clients and operators, tested with a subgraph whose fields all fail. Over 200 lines, because its subgraph
 * has a field for each kind of error.
 */
import { pino } from "pino";
import { Ctx, Field, ID, Int, ObjectType, Query, Resolver, registerEnumType } from "type-graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { badUserInput } from "../../schema/errors.ts";
import { CountryCode, DateTime } from "../../schema/scalars.ts";
import { perRequest } from "../../subgraphs/platform/context.ts";
import type { Context } from "../../subgraphs/platform/context.ts";
import { DecisionError } from "../../subgraphs/pipeline/ask.ts";
import { createSubgraph } from "../../subgraphs/server/subgraph.ts";
import type { Subgraph } from "../../subgraphs/server/subgraph.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";
import type { UpstreamFailure } from "../../subgraphs/platform/upstream-error.ts";
import { ask } from "../support/decibel.ts";
import type { LogLine } from "../support/decibel.ts";

/** Personal data, which may not reach other clients or the log. */
const PERSONAL = "ann@example.org";

const Size = { SMALL: "SMALL" } as const;
registerEnumType(Size, { name: "Size" });

/** Its values do not fit the types of its fields. */
@ObjectType()
class Thing {
  @Field(() => ID)
  readonly id = "thing_1";
  @Field(() => Int)
  readonly age = PERSONAL;
  @Field(() => Int)
  readonly half = 1.5;
  @Field(() => CountryCode)
  readonly country = PERSONAL;
  @Field(() => DateTime)
  readonly bornAt = PERSONAL;
  @Field(() => Size)
  readonly size = PERSONAL;
  @Field(() => [Size])
  readonly sizes = ["SMALL", PERSONAL];
  @Field(() => [ID])
  readonly friends = PERSONAL;
}

/** One error for all fields of a request, as from a loader. */
const sharedFailure = perRequest(
  () => new UpstreamError("megaphone", "STATUS", `it answered 502: ${PERSONAL}`, { status: 502, detail: PERSONAL }),
);
const failed = (failure: UpstreamFailure, status?: number) =>
  new UpstreamError("soundtrack", failure, `its own message: ${PERSONAL}`, status === undefined ? {} : { status });

@Resolver(() => Thing)
class ThingResolver {
  @Query(() => Thing, { nullable: true })
  thing(): Thing {
    return new Thing();
  }

  @Query(() => Int, { nullable: true })
  async shared(@Ctx() context: Context): Promise<number> {
    throw sharedFailure(context);
  }

  @Query(() => Int, { nullable: true })
  timeout(): number {
    throw failed("TIMEOUT");
  }
  @Query(() => Int, { nullable: true })
  unreachable(): number {
    throw failed("UNREACHABLE");
  }
  @Query(() => Int, { nullable: true })
  unexpected(): number {
    throw failed("UNEXPECTED", 200);
  }
  @Query(() => Int, { nullable: true })
  refused(): number {
    throw failed("STATUS", 403);
  }

  @Query(() => Int, { nullable: true })
  busy(): number {
    throw new UpstreamError("soundtrack", "STATUS", "busy", { status: 429, retryAfterMs: 7_199_001 });
  }
  @Query(() => Int, { nullable: true })
  expired(): number {
    throw new UpstreamError("crm", "STATUS", "it answered 401", { status: 401, renew: ["LEADS_WEBHOOK_SECRET"] });
  }

  @Query(() => Int, { nullable: true })
  bug(): number {
    throw new TypeError("Cannot read properties of undefined");
  }
  @Query(() => Int, { nullable: true })
  mistake(): number {
    throw badUserInput("Cannot list: first must be from 1 to 200, but got 0", "first");
  }
  @Query(() => Int, { nullable: true })
  undecided(): number {
    throw new DecisionError("DECISION_TIMEOUT", "sizes", "decision service did not answer in time", true);
  }
}

const logged: LogLine[] = [];
let subgraph: Subgraph;
let url: string;
beforeAll(async () => {
  const log = pino({ level: "debug" }, { write: (line: string) => logged.push(JSON.parse(line) as LogLine) });
  subgraph = await createSubgraph({ name: "things", resolvers: [ThingResolver], references: {} }, undefined, { log });
  url = await subgraph.listen();
});
afterAll(() => subgraph.close());
beforeEach(() => void logged.splice(0));

const internal = (...path: readonly (string | number)[]) => ({
  message: "Internal error",
  path,
  extensions: { code: "INTERNAL_SERVER_ERROR" },
});

describe("a value that does not fit its type", () => {
  it.each([
    ["age", ["thing", "age"], "Thing.age", "Int!"],
    ["half", ["thing", "half"], "Thing.half", "Int!"],
    ["country", ["thing", "country"], "Thing.country", "CountryCode!"],
    ["bornAt", ["thing", "bornAt"], "Thing.bornAt", "DateTime!"],
    ["size", ["thing", "size"], "Thing.size", "Size!"],
    ["mine: size", ["thing", "mine"], "Thing.size", "Size!"],
    ["sizes", ["thing", "sizes", 1], "Thing.sizes", "[Size!]!"],
    ["friends", ["thing", "friends"], "Thing.friends", "[ID!]!"],
  ])("is not in the response and not in the log: %s", async (selection, path, field, type) => {
    expect(await ask(url, `{ thing { ${selection} } }`)).toEqual({
      data: { thing: null },
      errors: [internal(...path)],
    });
    expect(logged).toMatchObject([
      { level: 50, msg: "a value does not fit its type", subgraph: "things", path, field, type },
    ]);
    expect(JSON.stringify(logged)).not.toMatch(/ann@|1\.5/);
  });
});

describe("an upstream's failure", () => {
  it.each([
    ["shared", "Cannot ask megaphone: it answered 502", "UPSTREAM_UNAVAILABLE", true],
    ["refused", "Cannot ask soundtrack: it answered 403", "UPSTREAM_UNAVAILABLE", false],
    ["timeout", "Cannot ask soundtrack: it did not answer in time", "UPSTREAM_TIMEOUT", true],
    ["unreachable", "Cannot ask soundtrack: it cannot be reached", "UPSTREAM_UNAVAILABLE", true],
    ["unexpected", "Cannot ask soundtrack: it answered unexpectedly", "UPSTREAM_UNEXPECTED", false],
  ])("has a message of the graph, not of the upstream: %s", async (field, message, code, retryable) => {
    const upstream = field === "shared" ? "megaphone" : "soundtrack";
    expect(await ask(url, `{ ${field} }`)).toEqual({
      data: { [field]: null },
      errors: [{ message, path: [field], extensions: { code, upstream, retryable } }],
    });
    expect(logged).toMatchObject([{ level: 40, upstream, msg: expect.stringContaining(PERSONAL) }]);
  });

  it("has the seconds until the upstream may be asked again", async () => {
    const { errors } = await ask(url, "{ busy }");
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true, retryAfter: 7200 } }]);
  });

  it("names what an operator has to renew once, at level error", async () => {
    await ask(url, "{ expired other: expired }");
    await ask(url, "{ expired }");
    expect(logged.filter(({ level }) => level === 50)).toMatchObject([
      { upstream: "crm", renew: ["LEADS_WEBHOOK_SECRET"], msg: expect.stringContaining("renew LEADS_WEBHOOK_SECRET") },
    ]);
  });

  it("is logged once with the request's id, however many fields it fails", async () => {
    const many = Array.from({ length: 60 }, (_, index) => `a${index}: shared`).join(" ");
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": "one-of-many" },
      body: JSON.stringify({ query: `{ ${many} }` }),
    });
    expect(await response.json()).toMatchObject({ errors: { length: 60 } });
    expect(logged).toMatchObject([{ upstream: "megaphone", failure: "STATUS", status: 502, requestId: "one-of-many" }]);
  });

  it("is logged for each request", async () => {
    await ask(url, "{ shared }");
    await ask(url, "{ shared }");
    expect(logged.map(({ upstream }) => upstream)).toEqual(["megaphone", "megaphone"]);
  });
});

it('a bug is logged with its stack, and is "Internal error" to clients', async () => {
  expect(await ask(url, "{ bug }")).toEqual({ data: { bug: null }, errors: [internal("bug")] });
  expect(logged).toMatchObject([
    {
      level: 50,
      msg: "unexpected error",
      path: ["bug"],
      requestId: expect.any(String),
      err: { type: "TypeError", message: "Cannot read properties of undefined", stack: expect.stringContaining("bug") },
    },
  ]);
});

it("a deliberate error reaches the client unchanged, and is not logged", async () => {
  const { errors } = await ask(url, "{ mistake undecided }");
  expect(errors).toEqual([
    {
      message: "Cannot list: first must be from 1 to 200, but got 0",
      path: ["mistake"],
      extensions: { code: "BAD_USER_INPUT", argument: "first" },
    },
    {
      message: "Cannot decide sizes: decision service did not answer in time",
      path: ["undecided"],
      extensions: { code: "DECISION_TIMEOUT", decision: "sizes", retryable: true },
    },
  ]);
  await ask(url, "{ nothing }");
  await ask(url, "query ($id: ID!) { thing(id: $id) { id } }");
  expect(logged).toEqual([]);
});

describe("the request id", () => {
  const idOf = async (header?: string): Promise<unknown> => {
    await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(header === undefined ? {} : { "x-request-id": header }) },
      body: JSON.stringify({ query: "{ shared }" }),
    });
    return logged.at(-1)?.["requestId"];
  };
  const FRESH = expect.stringMatching(/^[\da-f-]{36}$/);

  it.each(["a", "A-1_b.c", "x".repeat(128)])("is taken from the header: %s", async (id) => {
    expect(await idOf(id)).toBe(id);
  });

  it.each([undefined, "", "x".repeat(129), "two words", "a,b", "<b>", '"}', "é"])(
    "is a new one if the header is absent or invalid: %j",
    async (header) => {
      expect(await idOf(header)).toEqual(FRESH);
    },
  );
});
