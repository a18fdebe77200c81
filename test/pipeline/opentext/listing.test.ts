/** The model list: which formats are read, how pages follow each other, and what is refused. Over 200 lines of data. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOpenText } from "../../../subgraphs/pipeline/opentext/client.ts";
import type { OpenText } from "../../../subgraphs/pipeline/opentext/client.ts";
import { createSandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";

type Answer = (url: URL, page: number) => unknown;

let answer: Answer;
let asked: string[];
let origin: string;
let sandbox: Sandbox;
let client: OpenText;

beforeEach(async () => {
  asked = [];
  sandbox = createSandbox({
    name: "scripted",
    problem: () => ({}),
    routes(app) {
      app.addContentTypeParser("application/x-www-form-urlencoded", (_request, _body, done) => done(null));
      app.post("/tenants/sandbox/oauth2/token", () => ({ access_token: "a", expires_in: 3600 }));
      app.get("/*", (request, reply) => {
        const url = new URL(request.url, origin);
        asked.push(url.pathname === LIST ? url.search : url.pathname + url.search);
        return reply.type("application/json").send(JSON.stringify(answer(url, asked.length - 1)));
      });
    },
  });
  origin = await sandbox.listen();
  client = createOpenText({ baseUrl: origin, tenantId: "sandbox", clientId: "sandbox", clientSecret: "sandbox" });
});

afterEach(async () => {
  await client.close();
  await sandbox.close();
});

const LIST = "/decision/v1/runtime/decision-models";
const inTurn =
  (...bodies: readonly unknown[]): Answer =>
  (_url, page) =>
    bodies[page];
const models = Array.from({ length: 5 }, (_one, index) => ({ key: `key_${index}`, version: index + 1, id: index }));
const [one, two, three] = models;
const keys = async (): Promise<readonly string[]> => (await client.models()).map(({ key }) => key);
const ALL = ["key_0", "key_1", "key_2", "key_3", "key_4"];

describe("a model list on one page", () => {
  const list = [one, two];
  it.each([
    ["a bare list", list],
    ["HAL", { _embedded: { decisionModels: list }, page: { totalElements: 2, number: 0, size: 20 } }],
    ["HAL without pages", { _embedded: { models: list }, _links: { self: { href: "/x" } } }],
    ["an embedded list", { _embedded: list, page: { totalElements: 2 } }],
    ["Flowable", { data: list, total: 2, start: 0, sort: "name", order: "asc", size: 2 }],
    [
      "a page of Spring",
      {
        content: list,
        pageable: { offset: 0, pageNumber: 0, pageSize: 20 },
        last: true,
        totalPages: 1,
        totalElements: 2,
        size: 20,
        number: 0,
        first: true,
        numberOfElements: 2,
      },
    ],
    ["content", { content: list, totalElements: 2 }],
    ["decisionModels", { decisionModels: list }],
    ["items", { items: list, count: 2 }],
    ["value", { "@odata.context": "$metadata#models", "@odata.count": 2, value: list }],
    ["results", { results: list, count: 2, next: null, previous: null }],
    ["models", { models: list, total_count: "2" }],
    ["an object in data", { data: { models: list, total: 2 }, meta: { requestId: "x" } }],
    ["meta", { items: list, meta: { pagination: {}, total: 2, page: 1, per_page: 50 } }],
    ["links and an empty list", { items: list, links: [{ rel: "self", href: "/x" }], warnings: [] }],
  ])("is read as %s", async (_title, body) => {
    answer = inTurn(body);
    expect(await client.models()).toEqual([
      { key: "key_0", version: 1, namespace: [] },
      { key: "key_1", version: 2, namespace: [] },
    ]);
    expect(asked).toEqual([""]);
  });

  it.each([
    [[]],
    [{ data: [], total: 0 }],
    [{ items: [] }],
    [{ page: { totalElements: 0 } }],
    [{ _embedded: {}, page: { totalElements: 0 } }],
  ])("is read without models: %j", async (body) => {
    answer = inTurn(body);
    expect(await client.models()).toEqual([]);
  });

  it.each([
    ["nothing", null, "null"],
    ["a text", "models", "a text"],
    ["no field", {}, "an object without fields"],
    ["two lists", { old: [one], new: [two] }, "old: a list of 1, new: a list of 1"],
    ["two embedded lists", { _embedded: { a: [one], b: [two] } }, "_embedded: {a: a list of 1, b: a list of 1}"],
    ["a map of models", { key_0: { version: "secret" } }, "key_0: {version}"],
    ["a list of others", [{ name: "secret" }, "secret", null], "a list of 3, of which none has a key"],
    ["a list of other objects", { items: [{ name: "secret" }], total: 1 }, "items: a list of 1, total"],
  ])("is refused with %s, naming what was seen", async (_title, body, seen) => {
    answer = inTurn(body);
    await expect(client.models()).rejects.toMatchObject({
      failure: "UNEXPECTED",
      message: `Cannot ask opentext: it answered unexpectedly: (body): expected one list of models, got ${seen}`,
    });
  });
});

describe("a listed model", () => {
  const read = async (model: object): Promise<unknown> => {
    answer = inTurn([model]);
    return (await client.models())[0];
  };

  it.each([
    [7, 7],
    ["7", 7],
    ["007", 7],
    [0, 0],
  ])("has the version %j", async (version, number) => {
    expect(await read({ key: "a", version })).toEqual({ key: "a", version: number, namespace: [] });
  });

  it.each([
    [undefined, "nothing"],
    [null, "null"],
    ["", "a text"],
    ["v7", "a text"],
    ["1.0", "a text"],
    ["9".repeat(30), "a text"],
    [1.5, "a number"],
    [-1, "a number"],
    [true, "a boolean"],
    [[1], "a list"],
    [{ number: 1 }, "an object"],
  ])("has no version that can be read: %j", async (version, kind) => {
    expect(await read({ key: "a", version })).toEqual({
      key: "a",
      version: undefined,
      namespace: [],
      problem: `version: expected a whole number, got ${kind}`,
    });
  });

  it.each([
    [{}, []],
    [{ namespace: null }, []],
    [{ namespace: " " }, []],
    [{ namespace: "shops" }, ["shops"]],
    [{ namespace: 7 }, ["7"]],
    [{ namespace: { id: "1", name: "shops" } }, ["1", "shops"]],
    [{ namespaceId: "1", namespaceName: "shops" }, ["1", "shops"]],
    [{ namespace: "shops", namespaceId: "1" }, ["shops", "1"]],
    [{ namespace: ["shops"] }, ['["shops"]']],
  ])("has a namespace: %j", async (stated, namespace) => {
    expect(await read({ key: "a", version: 1, ...stated })).toMatchObject({ namespace });
  });

  it("without a key is none, and hides no other", async () => {
    answer = inTurn([{ version: 1 }, null, "a", 7, [], { key: "" }, { key: 7 }, one]);
    expect(await keys()).toEqual(["key_0"]);
  });
});

describe("a model list on several pages", () => {
  const page = (url: URL, base: number): number => Number(url.searchParams.get("page") ?? base) - base;
  const slice = (index: number, size = 2) => models.slice(index * size, (index + 1) * size);
  const next = (url: URL, size = 2): string | null => {
    const cursor = Number(url.searchParams.get("cursor") ?? 0) + 1;
    return cursor * size < models.length ? `${LIST}?cursor=${cursor}&x=1&x=2` : null;
  };
  const linked = (url: URL) => slice(Number(url.searchParams.get("cursor") ?? 0));

  it.each<readonly [string, Answer, readonly string[]]>([
    [
      "numbers from 0",
      (url) => ({ _embedded: { a: slice(page(url, 0)) }, page: { totalElements: 5, number: page(url, 0) } }),
      ["", "?page=1", "?page=2"],
    ],
    [
      "numbers from 1",
      (url) => ({ _embedded: { a: slice(page(url, 1)) }, page: { totalElements: 5, number: page(url, 1) + 1 } }),
      ["", "?page=2", "?page=3"],
    ],
    ["a total alone, from 0", (url) => ({ items: slice(page(url, 0)), totalCount: 5 }), ["", "?page=1", "?page=2"]],
    [
      "a total alone, from 1",
      (url) => ({ items: slice(page(url, 1)), totalCount: 5 }),
      ["", "?page=1", "?page=2", "?page=3"],
    ],
    [
      "numbers from 0 for requests from 1",
      (url) => ({ content: slice(page(url, 1)), totalElements: 5, number: page(url, 1) }),
      ["", "?page=1", "?page=2", "?page=3"],
    ],
    [
      "a number of pages",
      (url) => ({ content: slice(page(url, 0)), totalPages: 3, number: page(url, 0) }),
      ["", "?page=1", "?page=2"],
    ],
    [
      "the last page marked",
      (url) => ({ content: slice(page(url, 0)), last: page(url, 0) === 2, number: page(url, 0) }),
      ["", "?page=1", "?page=2"],
    ],
    [
      "a page that is not full",
      (url) => ({ items: slice(page(url, 1)), page: page(url, 1) + 1, pageSize: 2 }),
      ["", "?page=2", "?page=3"],
    ],
    [
      "an empty page",
      (url) => ({ items: slice(page(url, 1), 5), page: page(url, 1) + 1, pageSize: 5 }),
      ["", "?page=2"],
    ],
    ...["start", "offset"].map(
      (name) =>
        [
          `the index ${name}`,
          (url: URL) => {
            const index = Number(url.searchParams.get(name) ?? 0);
            return { data: models.slice(index, index + 2), total: 5, [name]: index };
          },
          ["", `?${name}=2`, `?${name}=4`],
        ] as const,
    ),
    ...[
      ["_links", (url: URL) => ({ _embedded: { a: linked(url) }, _links: { next: next(url) && { href: next(url) } } })],
      ["next", (url: URL) => ({ count: 5, results: linked(url), next: next(url) && `${url.origin}${next(url)}` })],
      ["nextLink", (url: URL) => ({ value: linked(url), "@odata.nextLink": next(url) })],
      [
        "a list of links",
        (url: URL) => ({ items: linked(url), links: next(url) ? [{ rel: "next", href: next(url) }] : [] }),
      ],
      ["a relative link", (url: URL) => ({ items: linked(url), next: next(url)?.replace(LIST, "") })],
    ].map(
      ([name, links]) =>
        [`links: ${String(name)}`, links as Answer, ["", "?cursor=1&x=1&x=2", "?cursor=2&x=1&x=2"]] as const,
    ),
    [
      "links to another path",
      (url) => (url.pathname === LIST ? { items: [one, two], next: "/more" } : { items: models.slice(2) }),
      ["", "/more"],
    ],
    [
      "links to another origin, and numbers",
      (url) => ({
        content: slice(page(url, 0)),
        totalElements: 5,
        number: page(url, 0),
        next: page(url, 0) < 2 ? "http://inside.example/models?page=9" : null,
      }),
      ["", "?page=1", "?page=2"],
    ],
    [
      "pages that overlap",
      (url) => ({
        data: models.slice(page(url, 0) * 2 - page(url, 0), page(url, 0) + 2),
        total: 5,
        number: page(url, 0),
      }),
      ["", "?page=1", "?page=2", "?page=3"],
    ],
  ])("is read by %s", async (_title, script, requests) => {
    answer = script;
    expect(await keys()).toEqual(ALL);
    expect(asked).toEqual(requests);
  });

  it.each<readonly [string, Answer, string, number]>([
    ["its first page for ever", () => ({ items: [one, two], total: 5 }), "it listed 2 of its 5 models", 3],
    ["its first index for ever", () => ({ data: [one, two], total: 5, start: 0 }), "it listed 2 of its 5 models", 2],
    ["its first link for ever", () => ({ items: [one, two], next: "?page=2" }), again(2), 2],
    ["full pages for ever", () => ({ items: [one, two], pageSize: 2 }), again(2), 3],
    ["a link to another origin", () => ({ items: [one], next: "https://inside.example/2" }), again(1), 3],
    ["a cursor that nobody knows", () => ({ items: [one], nextCursor: "abc" }), again(1), 3],
    [
      "too few models",
      inTurn({ data: [one], total: 2, start: 0 }, { data: [], total: 2, start: 1 }),
      "it listed 1 of its 2 models",
      2,
    ],
    [
      "pages that it skips",
      inTurn({ items: [one], page: 1, total: 9 }, { items: [three], page: 3, total: 9 }),
      "it answered page 3 of its models where page 2 follows",
      2,
    ],
    [
      "endless pages",
      (_url, index) => ({ items: [{ key: "a", version: index }], total: 1e6, number: index }),
      "it lists its models on more than 100 pages",
      100,
    ],
  ])("is refused where the service answers %s", async (_title, script, state, requests) => {
    answer = script;
    await expect(client.models()).rejects.toMatchObject({
      failure: "UNEXPECTED",
      message: `Cannot ask opentext: ${state}`,
    });
    expect(asked).toHaveLength(requests);
  });
});

function again(count: number): string {
  return `it answered the same ${count} models again where the next page was requested`;
}
