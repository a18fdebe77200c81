/**
 * The contract of every subgraph: entities, lists, look-ups and decisions, from one table. Over 200 lines, because the
 * suite runs over every row of that table.
 */
import { buildSubgraphSchema } from "@apollo/subgraph";
import { validateSubgraph } from "@theguild/federation-composition";
import { GraphQLInterfaceType, GraphQLObjectType, getNamedType, isNonNullType, parse, print } from "graphql";
import type { GraphQLSchema } from "graphql";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { subgraphs } from "../../subgraphs/registry.ts";
import { CONTRACTS, NOTHING, nodes } from "../support/contracts.ts";
import type { Entity, Fields } from "../support/contracts.ts";
import { startTestDecibel } from "../support/decibel.ts";
import type { Entities, GraphError, Part, TestDecibel } from "../support/decibel.ts";

interface Page {
  readonly totalCount: number;
  readonly nodes: readonly { readonly id: string }[];
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}
/** A malformed representation, and the expected error. */
type Wrong = readonly [representation: unknown, message: string, argument: string];

let decibel: TestDecibel;
beforeAll(async () => {
  decibel = await startTestDecibel();
});
afterAll(() => decibel.stop());

it("every subgraph has a contract with all its entities", () => {
  const declared = subgraphs.map(({ name, entities }) => [name, entities.toSorted()] as const);
  const tested = CONTRACTS.map(({ name, entities }) => [name, entities.map(({ type }) => type).toSorted()] as const);
  expect(new Map(tested)).toEqual(new Map(declared));
});

describe.each(CONTRACTS)("the subgraph $name", ({ name, entities, lists, lookups }) => {
  const part = (): Part => decibel.part(name);
  const types = entities.map(({ type }) => type);

  it("has a valid schema", async () => {
    const typeDefs = parse(await printed(name));
    expect(validateSubgraph({ name, typeDefs })).toEqual([]);
  });

  it("returns its schema in _service", async () => {
    const { data } = await part().query<{ service: { sdl: string } }>("{ service: _service { sdl } }");
    const expected = print(parse(await printed(name)));
    // Apollo appends the definitions of federation.
    expect(print(parse(data.service.sdl)).slice(0, expected.length)).toBe(expected);
  });

  it("answers /health", async () => {
    const response = await fetch(new URL("/health", part().url));
    expect([response.status, await response.json()]).toEqual([200, { status: "ok", subgraph: name }]);
  });

  it("resolves references to exactly the types with a resolvable key", async () => {
    // A type with an unresolvable key is resolved by its owner.
    const own = /^type (\w+) .*@key(?!.*resolvable: false)/gm;
    const keyed = Array.from((await printed(name)).matchAll(own), ([, type]) => type);
    expect(new Set(keyed)).toEqual(new Set(types));
  });

  it.each(entities)("resolves each reference to $type", async ({ type, references, selection }) => {
    const known = await references(decibel, 2);
    const answer = await part().entities(referring(type, known), `... on ${type} { ${selection} }`);
    expect(answer).toEqual({ entities: known.map(({ id }) => entity(type, id)), errors: [] });
    expect(answer.entities.map(hasNulls)).toEqual(known.map(() => false));
  });

  it.each(entities.filter((each) => !each.resolvesAnyId))(
    "resolves a reference to an unknown $type to null",
    async (each) => {
      const { type, references, unknown, selection } = each;
      const [known = {}] = await references(decibel, 1);
      const asked = referring(type, [known, { id: unknown }, known]);
      const there = entity(type, known["id"]);
      expect(await part().entities(asked, `... on ${type} { ${selection} }`)).toEqual({
        entities: [there, null, there],
        errors: [],
      });
    },
  );

  it.each(entities)("answers an error for each malformed reference to $type, and resolves the others", async (each) => {
    const [known = {}] = await each.references(decibel, 1);
    const wrong = wrongReferences(each, known, types);
    const asked = wrong.flatMap(([representation]) => [representation, { __typename: each.type, ...known }]);
    const answer = await part().entities(asked, `... on ${each.type} { ${each.selection} }`);
    expect(answer.entities).toEqual(wrong.flatMap(() => [null, entity(each.type, known["id"])]));
    // Errors come in any order; the path has the index of the reference.
    expect(answer.errors.toSorted((left, right) => Number(left.path?.[1]) - Number(right.path?.[1]))).toEqual(
      wrong.map(([, message, argument], index) => badUserInput(message, ["entities", index * 2], argument)),
    );
  });

  it.each(lookups)("answers null to %s with an unknown id", async (field, id) => {
    expect(await part().query(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id })).toEqual({
      data: { [field]: null },
      errors: [],
    });
  });

  it.each(lookups)("refuses %s with an invalid id", async (field, id) => {
    expect(await part().query(`{ ${field}(id: "../1") { id } }`)).toEqual({
      data: { [field]: null },
      errors: [badUserInput(`Cannot read id: "../1" is no ${typeIn(id)} id`, [field], "id")],
    });
  });

  it.each(lists)("lists each node of $field once, page by page", async ({ field, total, pageSize }) => {
    const ids: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page: Page = await pageOf(part(), field, pageSize, after);
      ids.push(...page.nodes.map(({ id }) => id));
      expect(page.edges.map(({ node }) => node)).toEqual(page.nodes);
      expect(page.totalCount).toBe(total);
      expect(page.pageInfo).toEqual({
        hasNextPage: ids.length < total,
        hasPreviousPage: after !== null,
        startCursor: page.edges[0]?.cursor,
        endCursor: page.edges.at(-1)?.cursor,
      });
      [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
    }
    expect([ids.length, new Set(ids).size]).toEqual([total, total]);
  });

  it.each(lists)("lists 20 $field by default", async ({ field }) => {
    const found = [await nodes(part(), field, "id"), await nodes(part(), `${field}(first: null, after: null)`, "id")];
    expect(found.map(({ length }) => length)).toEqual([20, 20]);
  });

  it.each(lists.flatMap(({ field }) => [0, 201, -1].map((first) => [field, first] as const)))(
    "refuses %s(first: %i)",
    async (field, first) => {
      expect(await part().query(`{ ${field}(first: ${first}) { totalCount } }`)).toEqual({
        data: null,
        errors: [badUserInput(`Cannot list: first must be from 1 to 200, but got ${first}`, [field], "first")],
      });
    },
  );

  it.each(
    lists.flatMap(({ field, cursorName = field }) => [
      [field, "of another list", cursor("strangers", 1), cursorName] as const,
      [field, "with an invalid position", cursor(cursorName, -1), cursorName] as const,
      [field, "with a null position", cursor(cursorName, null), cursorName] as const,
      [field, "that is malformed", "x", cursorName] as const,
      [field, "that is empty", "", cursorName] as const,
    ]),
  )("refuses %s after a cursor %s", async (field, _what, after, cursorName) => {
    expect(await part().query(`query ($after: String) { ${field}(after: $after) { totalCount } }`, { after })).toEqual({
      data: null,
      errors: [badUserInput(`Cannot list: after is not a cursor of ${cursorName}`, [field], "after")],
    });
  });

  it("has only nullable decisions", async () => {
    const decisions = decisionFields(buildSubgraphSchema(parse(await printed(name))));
    const declared = entities.flatMap(({ type, decisions: own = [] }) => own.map(({ field }) => `${type}.${field}`));
    expect(decisions.filter(([, nullable]) => nullable !== "nullable")).toEqual([]);
    expect(decisions.map(([field]) => field)).toEqual(expect.arrayContaining(declared));
  });
});

const DECISIONS = CONTRACTS.flatMap(({ name, entities }) =>
  entities.flatMap((of) => (of.decisions ?? []).map((decision) => ({ name, of, decision, key: decision.key }))),
);

describe.each(DECISIONS)("the decision $key", ({ name, of, decision: { key, field, args } }) => {
  /** Its own graph: decisions of other tests would be cache hits. */
  let fresh: TestDecibel;
  beforeAll(async () => {
    fresh = await startTestDecibel();
  });
  afterEach(() => fresh.sandbox("opentext").behave());
  afterAll(() => fresh.stop());

  async function decided(count: number): Promise<Entities> {
    const known = await of.references(fresh, count);
    const decision = `${field}${(await args?.(fresh)) ?? ""} { model { key } verdict eligible }`;
    return fresh.part(name).entities(referring(of.type, known), `... on ${of.type} { ${of.selection} ${decision} }`);
  }

  it.each([
    [{ rows: "empty" }, "DECISION_UNDETERMINED", "no rule matched, or the evaluation failed", false],
    [{ status: 503 }, "DECISION_UNAVAILABLE", "decision service answered 503", true],
    [{ status: 422 }, "DECISION_REJECTED", "decision service answered 422", false],
    [{ body: "malformed" }, "DECISION_UNAVAILABLE", "decision service answered unexpectedly", true],
  ] as const)(
    "is null if OpenText fails with %j, without effect on its siblings",
    async (fault, code, state, retryable) => {
      await fresh.sandbox("opentext").misbehave(fault);
      const { entities, errors } = await decided(1);
      const { [field]: made, ...around } = entities[0] as Fields;
      expect([made, around]).toEqual([null, entity(of.type, expect.any(String))]);
      expect(hasNulls(around)).toBe(false);
      expect(errors).toEqual([
        {
          message: `Cannot decide ${key}: ${state}`,
          path: ["entities", 0, field],
          extensions: { code, decision: key, retryable },
        },
      ]);
    },
  );

  it("is one batch for all references of a request", async () => {
    const before = fresh.logged.length;
    const { entities, errors } = await decided(40);
    expect([entities.length, errors]).toEqual([40, []]);
    expect(entities.map((each) => (each as Record<string, Fields>)[field]?.["model"])).toEqual(
      entities.map(() => ({ key })),
    );
    const batches = fresh.logged.slice(before).filter(({ msg }) => msg === "decided");
    expect(batches.map(({ decisions }) => decisions)).toEqual([[key]]);
  });
});

describe("a failing upstream", () => {
  let started: TestDecibel;
  beforeAll(async () => {
    started = await startTestDecibel();
  });
  afterEach(() =>
    Promise.all(["megaphone", "spotify-ads", "spotify-web"].map((name) => started.sandbox(name).behave())),
  );
  afterAll(() => started.stop());

  const idOf = async (list: string): Promise<string> => (await nodes<{ id: string }>(started, list, "id"))[0]?.id ?? "";
  const campaign = () => idOf("campaigns(first: 1)");
  const episode = () => idOf("episodes(first: 1, status: PUBLISHED)");
  const fail = (name: string) => started.sandbox(name).misbehave({ status: 500 });
  const unavailable = (upstream: string, path: readonly (string | number)[], service?: string) => ({
    message: `Cannot ask ${upstream}: it answered 500`,
    path,
    extensions: { code: "UPSTREAM_UNAVAILABLE", upstream, retryable: true, ...(service && { service }) },
  });

  it("fails only its own entities: without Megaphone no episode, but campaigns", async () => {
    const id = await campaign();
    await fail("megaphone");
    const answer = await started.query(
      `{ episode(id: "episode_${NOTHING}_1") { title } campaign(id: "${id}") { id tier targeting { verdict } } }`,
    );
    expect(answer).toEqual({
      data: { episode: null, campaign: { id, tier: expect.any(String), targeting: { verdict: expect.any(String) } } },
      errors: [unavailable("megaphone", ["episode"], "episodes")],
    });
  });

  it("is an error at each reference that needs it", async () => {
    await fail("megaphone");
    const references = ["1", "2"].map((own) => ({ id: `episode_${NOTHING}_${own}` }));
    const part = started.part("episodes");
    expect(await part.entities(referring("Episode", references), "... on Episode { title }")).toEqual({
      entities: [null, null],
      errors: [0, 1].map((index) => unavailable("megaphone", ["entities", index])),
    });
  });

  it("spotify-web fails the decisions that need its data, and nothing else of an episode", async () => {
    const [id, campaignId] = [await episode(), await campaign()];
    const ask = (fields: string) => started.query(`{ episode(id: "${id}") { ${fields} } }`);
    // Fetches the token from another upstream, which does not fail.
    await ask("explicit");
    await fail("spotify-web");
    const { data, errors } = await ask(
      `id status publishing { verdict } placement(campaignId: "${campaignId}") { verdict }`,
    );
    expect(data).toEqual({ episode: { id, status: "PUBLISHED", publishing: null, placement: null } });
    expect(errors.toSorted(byPath)).toEqual([
      // Its facts are hidden from clients, and failed.
      unavailable("spotify-web", ["episode", "placement"], "episodes"),
      unavailable("spotify-web", ["episode", "publishing"], "episodes"),
    ]);
  });

  it("costs nothing if other upstreams have the requested fields", async () => {
    const id = await episode();
    await fail("spotify-web");
    expect(await started.query(`{ episode(id: "${id}") { id explicit languages } }`)).toEqual({
      data: { episode: { id, explicit: expect.any(Boolean), languages: expect.any(Array) } },
      errors: [],
    });
  });

  it("spotify-ads fails only the placement of an episode", async () => {
    const [id, campaignId] = [await episode(), await campaign()];
    await fail("spotify-ads");
    const placement = `placement(campaignId: "${campaignId}") { verdict }`;
    expect(await started.query(`{ episode(id: "${id}") { id explicit ${placement} publishing { id } } }`)).toEqual({
      data: {
        episode: { id, explicit: expect.any(Boolean), placement: null, publishing: { id: expect.any(String) } },
      },
      errors: [unavailable("spotify-ads", ["episode", "placement"], "campaigns")],
    });
  });

  it("is called again once it recovers", async () => {
    const id = await campaign();
    const ask = () => started.query(`{ campaign(id: "${id}") { id category } }`);
    await fail("spotify-ads");
    const failed = await ask();
    await started.sandbox("spotify-ads").behave();
    expect([failed, await ask()]).toEqual([
      { data: { campaign: null }, errors: [unavailable("spotify-ads", ["campaign"], "campaigns")] },
      { data: { campaign: { id, category: expect.any(String) } }, errors: [] },
    ]);
  });

  it("is logged by name as a warning", () => {
    const failures = started.logged.flatMap(({ level, upstream, failure, status }) =>
      upstream === undefined ? [] : [{ level, upstream, failure, status }],
    );
    expect(new Set(failures.map((failure) => JSON.stringify(failure)))).toEqual(
      new Set(
        ["megaphone", "spotify-web", "spotify-ads"].map((upstream) =>
          JSON.stringify({ level: 40, upstream, failure: "STATUS", status: 500 }),
        ),
      ),
    );
  });
});

describe("episodes of a show", () => {
  const ask = (showId: string) =>
    decibel.part("episodes").query("query ($showId: ID) { episodes(showId: $showId) { totalCount } }", { showId });

  it.each(["", "x", "episode_1_2"])(
    "are refused for the invalid show %j, and not listed for all shows",
    async (showId) => {
      expect(await ask(showId)).toEqual({
        data: null,
        errors: [badUserInput(`Cannot read showId: ${JSON.stringify(showId)} is no show id`, ["episodes"], "showId")],
      });
    },
  );

  it("are an empty list for an unknown show", async () => {
    expect(await ask(`show_${NOTHING}`)).toEqual({ data: { episodes: { totalCount: 0 } }, errors: [] });
  });
});

it("the placement of an unknown campaign is a NOT_FOUND error", async () => {
  const [known] = await nodes(decibel, "episodes(first: 1)", "id");
  const answer = await decibel.query(
    `query ($id: ID!) { episode(id: $id) { id placement(campaignId: "campaign_${NOTHING}") { verdict } } }`,
    known,
  );
  expect(answer).toEqual({
    data: { episode: { ...known, placement: null } },
    errors: [
      {
        message: `Cannot decide placement_review: there is no campaign campaign_${NOTHING}`,
        path: ["episode", "placement"],
        extensions: { code: "NOT_FOUND", service: "campaigns" },
      },
    ],
  });
});

function printed(name: string): Promise<string> {
  const row = subgraphs.find((each) => each.name === name);
  if (!row) throw new RangeError(`there is no subgraph ${name}`);
  return row.print();
}

function referring(type: string, references: readonly Fields[]): readonly Fields[] {
  return references.map((reference) => Object.assign({ __typename: type }, reference));
}

function entity(type: string, id: unknown): unknown {
  return expect.objectContaining({ __typename: type, id });
}

function hasNulls(found: unknown): boolean {
  return JSON.stringify(found).includes(":null");
}

function badUserInput(message: string, path: readonly (string | number)[], argument: string): GraphError {
  return { message, path, extensions: { code: "BAD_USER_INPUT", argument } };
}

/** Every way in which a reference can be malformed. */
function wrongReferences(each: Entity, known: Fields, types: readonly string[]): readonly Wrong[] {
  const { type, unknown, malformed = [] } = each;
  const word = typeIn(unknown);
  const bad = (fields: Fields): Fields => ({ __typename: type, ...known, ...fields });
  const field = (name: string): string => `Cannot resolve ${type}: its representation's ${name} is malformed`;
  const none = `Cannot resolve a representation: its __typename is none of ${types.join(", ")}`;
  return [
    ...[undefined, null, 7, [known["id"]]].map((id): Wrong => [bad({ id }), field("id"), "representations"]),
    ...["stranger_1", `${word}_`, `${word}_../x`].map((id): Wrong => [
      bad({ id }),
      `Cannot read id: "${id}" is no ${word} id`,
      "id",
    ]),
    ...malformed.map(([more, name]): Wrong => [bad(more), field(name), "representations"]),
    ...["Stranger", "Query", "__proto__", 7, null].map((typename): Wrong => [
      bad({ __typename: typename }),
      none,
      "representations",
    ]),
    ...[known, "text", 7, []].map((representation): Wrong => [representation, none, "representations"]),
  ];
}

/** The type in an id: `playlist-request` in `playlist-request_1`. */
function typeIn(id: string): string {
  return id.split("_")[0] ?? "";
}

async function pageOf(part: Part, field: string, first: number, after: string | null): Promise<Page> {
  const { data, errors } = await part.query<{ page: Page }>(
    `query ($first: Int, $after: String) {
      page: ${field}(first: $first, after: $after) {
        totalCount
        nodes { id }
        edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }`,
    { first, after },
  );
  expect(errors).toEqual([]);
  return data.page;
}

/** A cursor with a position that the graph would not encode. */
function cursor(list: string, position: unknown): string {
  return Buffer.from(JSON.stringify([list, position])).toString("base64url");
}

/** Fields of decision types, and whether they are nullable. */
function decisionFields(schema: GraphQLSchema): readonly (readonly [field: string, nullable: string])[] {
  const decision = schema.getType("Decision");
  if (!(decision instanceof GraphQLInterfaceType)) return [];
  const decisions = new Set([decision, ...schema.getPossibleTypes(decision)].map(({ name }) => name));
  return Object.values(schema.getTypeMap())
    .filter((type) => type instanceof GraphQLObjectType)
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ field, name: `${type.name}.${field.name}` })))
    .filter(({ field }) => decisions.has(getNamedType(field.type).name))
    .map(({ field, name }) => [name, isNonNullType(field.type) ? "never null" : "nullable"]);
}

function byPath(left: GraphError, right: GraphError): number {
  return String(left.path) < String(right.path) ? -1 : 1;
}
