/**
 * A caller that may see some accounts gets nothing of others, by no path: an answer about what is not theirs is byte for byte
 * that about what never existed. Over 200 lines, because all tests share one started graph.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { buildSchema, getNamedType, getNullableType, isInputObjectType, isObjectType } from "graphql";
import type { GraphQLInputType } from "graphql";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SUPERGRAPH } from "../../schema/rover.ts";
import { advertiserId } from "../../schema/id.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";
import { subgraphs } from "../../subgraphs/registry.ts";
import {
  ARGUMENTS,
  CRAWL,
  LISTS,
  MUTATIONS,
  OF_NO_ACCOUNT,
  OTHERS,
  REFERENCES,
  WITHOUT_ID,
} from "../support/accounts-attacks.ts";
import type { Attack, Row } from "../support/accounts-attacks.ts";
import { KINDS, accountsWorld } from "../support/accounts-world.ts";
import type { AccountsWorld, IdKind } from "../support/accounts-world.ts";
import { asCallers, callerOf } from "../support/as-caller.ts";
import type { AsCaller } from "../support/as-caller.ts";
import { NOTHING } from "../support/contracts.ts";
import { FACTS_KEPT, startTestDecibel } from "../support/decibel.ts";
import type { TestDecibel } from "../support/decibel.ts";
import { statementsOf } from "../support/statements.ts";

const supergraph = buildSchema(readFileSync(join(projectRoot(), SUPERGRAPH), "utf8"), { assumeValidSDL: true });
let graph: TestDecibel;
let as: AsCaller;
let world: AccountsWorld;
const everybody = callerOf("everybody");
let caller: ReturnType<typeof callerOf>;
let owner: ReturnType<typeof callerOf>;

beforeAll(async () => {
  graph = await startTestDecibel({ variables: FACTS_KEPT });
  as = await asCallers(graph);
  world = await accountsWorld(graph, as);
  caller = callerOf("portal", world.accounts.own);
  owner = callerOf("owner", world.accounts.foreign);
}, 60_000);
afterAll(() => graph.stop());

type Asked = (who: typeof everybody, attack: Attack, id: string) => Promise<string>;
const attacks = (rows: Readonly<Record<string, Row>>): readonly (readonly [string, Attack])[] =>
  Object.entries(rows).flatMap(([name, row]) => (row === OF_NO_ACCOUNT ? [] : [[name, row] as const]));
const ofGateway: Asked = (who, { query, variables }, id) => as.ask(who, query, variables(id, world));
const ofPart =
  (name: string): Asked =>
  (who, { query, variables }, id) =>
    as.askPart(who, name.split(".")[0] ?? "", query, variables(id, world));
/** Statements about records, not those of the outbox, which has its own times. */
const OURS = /"(?:campaigns|decisions|locations|mutations|worklists)"\./;
/** The id of nothing. */
const unknownOf = (kind: IdKind): string => `${kind}_${NOTHING}`;
const without = (text: string, id: string): string => text.replaceAll(id, "<id>");
/** What is not the caller's: some of the other side, and what is nobody's. */
const notOwn = (kind: IdKind): readonly string[] => [
  ...world.ids(kind, "foreign").slice(0, 5),
  ...world.ids(kind, "nobody's").slice(0, 3),
];

interface Answered {
  /** For what is not the caller's; one for each different answer, without the id. */
  readonly others: readonly string[];
  /** For what never existed. */
  readonly unknown: string;
  /** For what is the caller's, and for what is the owner's. */
  readonly owners: readonly string[];
}

async function answered(ask: Asked, attack: Attack): Promise<Answered> {
  const { kind } = attack;
  const of = async (who: typeof everybody, id = ""): Promise<string> => without(await ask(who, attack, id), id);
  const others = await Promise.all(notOwn(kind).map((id) => of(caller, id)));
  return {
    others: [...new Set(others)],
    unknown: await of(caller, unknownOf(kind)),
    owners: [await of(caller, world.ids(kind, "own")[0]), await of(owner, world.ids(kind, "foreign")[0])],
  };
}

describe("every path of the graph", () => {
  it("that takes an id has a row", () => {
    const isId = (type: GraphQLInputType, name: string): boolean =>
      getNamedType(type).name === "ID" || name === "subject";
    // What a subscription tells is read by queries on these paths: see test/gateway/live.
    const others = new Set(["Mutation", "Subscription"]);
    const types = Object.keys(supergraph.getTypeMap()).filter((name) => !others.has(name) && !name.startsWith("__"));
    const paths = types.flatMap((name) =>
      fieldsOf(name).flatMap((field) =>
        field.args.filter((one) => isId(one.type, one.name)).map((one) => `${name}.${field.name}(${one.name})`),
      ),
    );
    expect(paths.toSorted()).toEqual(Object.keys(ARGUMENTS).toSorted());
  });

  it("that is a mutation has a row for each id in its input", () => {
    const idsIn = (type: GraphQLInputType, path: string): readonly string[] => {
      const named = getNamedType(getNullableType(type));
      if (!isInputObjectType(named)) return named.name === "ID" ? [path] : [];
      return Object.values(named.getFields()).flatMap((field) => idsIn(field.type, `${path}.${field.name}`));
    };
    const mutations = fieldsOf("Mutation");
    const paths = mutations.map(({ name, args }) => ({ name, ids: args.flatMap((one) => idsIn(one.type, name)) }));
    const without = paths.filter(({ ids }) => ids.length === 0).map(({ name }) => name);
    expect(without.toSorted()).toEqual(Object.keys(WITHOUT_ID).toSorted());
    expect(paths.flatMap(({ ids }) => ids).toSorted()).toEqual(Object.keys(MUTATIONS).toSorted());
  });

  it("that is a reference has a row", () => {
    const types = subgraphs.flatMap(({ name, entities }) => entities.map((type) => `${name}.${type}`));
    expect(types.toSorted()).toEqual(Object.keys(REFERENCES).toSorted());
  });

  it("that is a root field has a row", () => {
    const named = Object.keys(ARGUMENTS).flatMap((path) => /^Query\.(\w+)\(/.exec(path)?.[1] ?? []);
    const rows = new Set([...named, ...Object.keys(LISTS), ...OTHERS]);
    const fields = fieldsOf("Query").map(({ name }) => name);
    expect([...rows].toSorted()).toEqual(fields.filter((name) => !name.startsWith("_")).toSorted());
  });

  function fieldsOf(name: string) {
    const type = supergraph.getType(name);
    return isObjectType(type) ? Object.values(type.getFields()) : [];
  }
});

describe("what is not theirs is what never existed", () => {
  it.each(attacks(ARGUMENTS))("%s", async (_path, attack) => {
    const { others, unknown, owners } = await answered(ofGateway, attack);
    expect(others).toEqual([unknown]);
    // Otherwise it would prove nothing.
    expect(owners).not.toContain(unknown);
  });

  it.each(attacks(REFERENCES))("a reference to %s", async (path, attack) => {
    const { others, unknown, owners } = await answered(ofPart(path), attack);
    expect(others).toEqual([unknown]);
    expect(owners).not.toContain(unknown);
  });

  it("beside what is theirs, by aliases and in one batch of references", async () => {
    const [own = ""] = world.ids("campaign", "own");
    const ids = [own, ...notOwn("campaign"), unknownOf("campaign"), own];
    const fields = ids.map((id, index) => `a${index}: campaign(id: "${id}") { id name }`).join(" ");
    const { data } = JSON.parse(await as.ask(caller, `{ ${fields} }`)) as { data: Record<string, unknown> };
    expect(Object.values(data).map((one) => one !== null)).toEqual(ids.map((id) => id === own));
    const of = ids.map((id) => ({ __typename: "Campaign", id }));
    const query = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Campaign { id name } } }";
    const part = JSON.parse(await as.askPart(caller, "campaigns", query, { of })) as { data: { _entities: unknown[] } };
    expect(part.data._entities.map((one) => one !== null)).toEqual(ids.map((id) => id === own));
  });

  it("asks no upstream, and the database as often", async () => {
    const paths = [...attacks(ARGUMENTS), ...attacks(MUTATIONS)].filter(([, { kind }]) => kind !== "evaluation");
    for (const [path, attack] of paths) {
      const counted = async (id: string) => {
        for (const name of ["spotify-ads", "soundtrack"]) await graph.sandbox(name).forget();
        const statements = await statementsOf(OURS, () => ofGateway(caller, attack, id));
        const calls = await Promise.all(["spotify-ads", "soundtrack"].map((name) => graph.sandbox(name).calls()));
        return { path, statements: statements.length, requests: calls.map(({ requests }) => requests) };
      };
      await counted(unknownOf(attack.kind));
      const unknown = await counted(unknownOf(attack.kind));
      expect(unknown.requests).toEqual([0, 0]);
      for (const id of notOwn(attack.kind).slice(0, 1)) expect(await counted(id)).toEqual(unknown);
    }
  });

  it("also while upstreams do not answer", async () => {
    const down = ["spotify-ads", "soundtrack"].map((name) => graph.sandbox(name));
    for (const one of down) await one.misbehave({ status: 503 });
    try {
      for (const [, attack] of attacks({ ...ARGUMENTS, ...MUTATIONS })) {
        const unknown = unknownOf(attack.kind);
        const expected = without(await ofGateway(caller, attack, unknown), unknown);
        for (const id of notOwn(attack.kind).slice(0, 2)) {
          expect(without(await ofGateway(caller, attack, id), id)).toBe(expected);
        }
      }
    } finally {
      for (const one of down) await one.behave();
    }
  });
});

describe("a mutation of what is not theirs", () => {
  it.each(attacks(MUTATIONS))(
    "%s is refused as one of what never existed, and leaves no trace",
    async (_path, attack) => {
      const before = await rowsOf();
      // Twice: a stored key would change the second answer.
      const ids = notOwn(attack.kind).flatMap((id) => [id, id]);
      const unknown = unknownOf(attack.kind);
      const expected = without(await ofGateway(caller, attack, unknown), unknown);
      expect(expected).toContain('"errors"');
      for (const id of ids) expect(without(await ofGateway(caller, attack, id), id)).toBe(expected);
      expect(await rowsOf()).toEqual(before);
    },
  );

  it("shows nothing of an earlier one with the same key by another caller", async () => {
    const { query, variables } = MUTATIONS["openCase.campaignId"] as Attack;
    const [foreign = ""] = world.ids("campaign", "foreign");
    const by = (who: typeof everybody) => as.ask(who, query, variables(foreign, world));
    expect(await by(owner)).toContain('"__typename"');
    expect(await by(caller)).toContain(`there is no campaign ${foreign}`);
  });

  it("names a campaign where it opens a case: one about nothing would be nobody's", async () => {
    const { query, variables } = MUTATIONS["openCase.campaignId"] as Attack;
    const answer = await as.ask(
      caller,
      query,
      JSON.parse(JSON.stringify(variables("", world)).replace(',"campaignId":""', "")),
    );
    expect(answer).toContain("Cannot openCase: campaignId must name a campaign");
  });

  /** How many rows each table has, the outbox's too. */
  async function rowsOf(): Promise<Readonly<Record<string, number>>> {
    const { db } = graph.decibel.database;
    await as.ask(everybody, "{ evaluations(first: 1) { totalCount } }");
    const { rows } = await db.execute(sql`select schemaname as schema, tablename as table from pg_tables
      where schemaname in ('campaigns', 'decisions', 'episodes', 'listeners', 'locations', 'mutations', 'outbox')`);
    const tables = z.array(z.object({ schema: z.string(), table: z.string() })).parse(rows);
    const counts = await Promise.all(
      tables.map(async ({ schema, table }) => {
        const of = sql`${sql.identifier(schema)}.${sql.identifier(table)}`;
        return [`${schema}.${table}`, await db.$count(of)] as const;
      }),
    );
    expect(counts.length).toBeGreaterThan(15);
    return Object.fromEntries(counts);
  }
});

interface Page {
  readonly totalCount: number;
  readonly nodes: readonly { readonly id: string; readonly subject?: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly endCursor: string };
}

/** Lists of what is about something. */
const ABOUT: ReadonlySet<string> = new Set(["reviewQueue", "evaluations", "effects"]);

async function pageOf(who: typeof everybody, list: string, size: number, after?: string | null): Promise<Page> {
  const query = `query ($after: String) { list: ${list}(first: ${size}, after: $after) {
    totalCount nodes { id ${ABOUT.has(list) ? "subject" : ""} } pageInfo { hasNextPage hasPreviousPage endCursor }
  } }`;
  const { data, errors } = JSON.parse(await as.ask(who, query, { after })) as {
    data: { list: Page };
    errors?: unknown;
  };
  expect(errors).toBeUndefined();
  return data.list;
}

async function pagesOf(who: typeof everybody, list: string, size: number): Promise<readonly Page[]> {
  const pages = [await pageOf(who, list, size)];
  while (pages.at(-1)?.pageInfo.hasNextPage)
    pages.push(await pageOf(who, list, size, pages.at(-1)?.pageInfo.endCursor));
  return pages;
}

const idsIn = (pages: readonly Page[]): readonly string[] => pages.flatMap(({ nodes }) => nodes.map(({ id }) => id));

describe("a list", () => {
  const lists = Object.entries(LISTS).filter(([, kind]) => kind !== OF_NO_ACCOUNT);

  it.each(lists)("%s has what is theirs, in the same order, with its own total", async (list) => {
    const all = (await pagesOf(everybody, list, 200)).flatMap(({ nodes }) => nodes);
    const own = all.flatMap(({ id, subject = id }) => (world.sideOf.get(subject) === "own" ? [id] : []));
    const pages = await pagesOf(caller, list, 7);
    expect(idsIn(pages)).toEqual(own);
    expect(own.length).toBeGreaterThan(7);
    expect(own.length).toBeLessThan(all.length);
    expect(pages.map(({ totalCount }) => totalCount)).toEqual(pages.map(() => own.length));
    expect(pages.map(({ pageInfo }) => pageInfo.hasPreviousPage)).toEqual(pages.map((_page, index) => index > 0));
  });

  it.each(lists)("%s takes the cursor of another caller, and shows nothing of theirs", async (list) => {
    const own = new Set(idsIn(await pagesOf(caller, list, 200)));
    for (const who of [owner, everybody]) {
      for (const { pageInfo } of await pagesOf(who, list, 5)) {
        const page = await pageOf(caller, list, 5, pageInfo.endCursor);
        expect(page.nodes.filter(({ id }) => !own.has(id))).toEqual([]);
        expect(page.totalCount).toBe(own.size);
      }
    }
  });

  it("of a filter is theirs too", async () => {
    for (const list of ["campaigns(status: ACTIVE", 'locations(country: "DE"', "locations(storeType: RETAIL"]) {
      const [field = "", filter = ""] = list.split("(");
      const query = `{ list: ${field}(${filter}, first: 200) { totalCount nodes { id } } }`;
      const [all, own] = await Promise.all(
        [everybody, caller].map(
          async (who) => (JSON.parse(await as.ask(who, query)) as { data: { list: Page } }).data.list,
        ),
      );
      const expected = all?.nodes.filter(({ id }) => world.sideOf.get(id) === "own");
      expect(own?.nodes).toEqual(expected);
      expect(own?.totalCount).toBe(expected?.length);
    }
  });

  it("is empty for a caller whose accounts own nothing, malformed ones too", async () => {
    for (const accounts of [[], ["advertiser_nobody"], ["", "account_", "account_%", "Velmar Motors", "*"]]) {
      const nobody = callerOf("nobody", accounts);
      for (const [list] of lists) {
        expect(await pageOf(nobody, list, 200)).toMatchObject({ totalCount: 0, nodes: [] });
      }
    }
  });
});

interface Found {
  readonly data: { readonly evaluation: { readonly subject: string } | null };
}

describe("whatever a caller follows", () => {
  it("leads to its own: no id, name or text of others is in any answer", async () => {
    const answer = await as.ask(caller, CRAWL);
    expect(answer).not.toContain('"errors"');
    const found = new Set(answer.match(new RegExp(`\\b(?:${KINDS.join("|")})_[0-9A-Za-z~_-]+`, "g")));
    expect(found.size).toBeGreaterThan(300);
    // A decision may rest on an equal one of another's: its id says nothing, and leads nowhere.
    const others = [...found].filter((id) => world.sideOf.get(id) !== "own");
    expect(others.filter((id) => !id.startsWith("evaluation_"))).toEqual([]);
    for (const id of others) {
      const read = JSON.parse(await as.ask(caller, `{ evaluation(id: "${id}") { subject } }`)) as Found;
      const subject = read.data.evaluation?.subject;
      if (subject !== undefined) expect(world.sideOf.get(subject)).toBe("own");
    }
    for (const text of world.foreignTexts) expect(answer).not.toContain(text);
  });

  it("is everything for a caller that has all accounts by name, except what is nobody's", async () => {
    const all = callerOf("all", [...world.accounts.own, ...world.accounts.foreign]);
    for (const list of ["campaigns", "locations", "caseWorklist", "locationWorklist", "reviewQueue", "effects"]) {
      const everything = idsIn(await pagesOf(everybody, list, 200));
      expect(idsIn(await pagesOf(all, list, 200))).toEqual(
        everything.filter((id) => world.sideOf.get(id) !== "nobody's"),
      );
    }
  });
});

describe("what belongs to whom", () => {
  it("is a field of a campaign and of a location, in the words of a token", async () => {
    const [id = ""] = world.ids("campaign", "own");
    const query = "query ($id: ID!) { campaign(id: $id) { advertiser advertiserId } }";
    const { data } = JSON.parse(await as.ask(caller, query, { id })) as {
      data: { campaign: { advertiser: string; advertiserId: string } };
    };
    expect(data.campaign.advertiserId).toBe(advertiserId.encode(data.campaign.advertiser));
    expect(world.accounts.own).toContain(data.campaign.advertiserId);
  });

  it("costs callers with all accounts nothing: not one statement more", async () => {
    const query = "{ campaigns { nodes { id } } locations { nodes { id } } caseWorklist { nodes { id } } }";
    const statements = await statementsOf(/accounts/, () => as.ask(everybody, query));
    expect(statements).toEqual([]);
  });
});
