/** Documents that clients name: trusted ones, and those that they have sent before. */
import { createHash, randomUUID } from "node:crypto";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { buildSchema } from "graphql";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf } from "../../../gateway/documents.ts";
import { readPublicSchema } from "../../../gateway/engine/engine.ts";
import { createDocuments } from "../../../gateway/limits/documents.ts";
import { hashOf, readTrustedDocuments } from "../../../gateway/limits/manifest.ts";
import { MAX_PERSISTED, NEW_BY_HOUR, createPersistedDocuments } from "../../../gateway/limits/persisted.ts";
import { readWeights } from "../../../gateway/limits/weights.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { redisForTests } from "../../support/redis.ts";
import { smallSupergraph, startSmallGateway } from "../../support/small-gateway.ts";
import type { SmallGateway } from "../../support/small-gateway.ts";

const execute = promisify(execFile);
const LONG = { timeout: 120_000 };
const folder = mkdtempSync(join(tmpdir(), "decibel-documents-"));
const BOOK = 'query Book { book(id: "b1") { title } }';
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const log = pino({ enabled: false });
const redis = await redisForTests();

function fileOf(content: unknown): string {
  const file = join(folder, `${randomUUID()}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}
const own = (...texts: readonly string[]) => ({
  version: 1,
  documents: Object.fromEntries(texts.map((text) => [sha256(text), { text }])),
});

let gateway: SmallGateway;
beforeAll(async () => {
  gateway = await startSmallGateway({ trustedDocuments: fileOf(own(BOOK)) });
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

interface Answered {
  readonly status: number;
  readonly body: {
    readonly data?: unknown;
    readonly errors?: readonly { message: string; extensions: { code: string } }[];
  };
}
async function post(body: object, accept = "application/graphql-response+json"): Promise<Answered> {
  const headers = { "content-type": "application/json", accept };
  const response = await fetch(gateway.url, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Answered["body"] };
}
const persisted = (hash: string) => ({ persistedQuery: { version: 1, sha256Hash: hash } });
const DUNE = { data: { book: { title: "Dune" } } };

describe("a trusted document", () => {
  it("is named by documentId", async () => {
    expect(await post({ documentId: `sha256:${sha256(BOOK)}` })).toEqual({ status: 200, body: DUNE });
  });

  it("is named by the hash of a persisted query, which nobody has sent", async () => {
    expect(await post({ extensions: persisted(sha256(BOOK)) })).toEqual({ status: 200, body: DUNE });
  });

  it("is named by GET too", async () => {
    const url = `${gateway.url}?${new URLSearchParams({ documentId: `sha256:${sha256(BOOK)}` })}`;
    const response = await fetch(url, { headers: { "apollo-require-preflight": "true" } });
    expect(await response.json()).toEqual(DUNE);
  });

  it.each<[string, object, number, string]>([
    ["that is unknown", { documentId: `sha256:${sha256("x")}` }, 400, "DOCUMENT_NOT_TRUSTED"],
    ["with another prefix", { documentId: `md5:${sha256(BOOK)}` }, 400, "BAD_REQUEST"],
    ["in capitals", { documentId: `sha256:${sha256(BOOK).toUpperCase()}` }, 400, "BAD_REQUEST"],
    ["together with a query", { documentId: `sha256:${sha256(BOOK)}`, query: BOOK }, 400, "BAD_REQUEST"],
    ["as a number", { documentId: 1 }, 400, "BAD_REQUEST"],
  ])("%s is refused", async (_what, body, status, code) => {
    const answer = await post(body);
    expect([answer.status, answer.body.errors?.[0]?.extensions.code]).toEqual([status, code]);
  });
});

describe("a file of trusted documents", () => {
  const endpoints = new Map([["/graphql", readPublicSchema(smallSupergraph())]]);
  const read = (content: unknown) => readTrustedDocuments(fileOf(content), endpoints);

  it("may be Apollo's or Relay's", () => {
    const apollo = {
      format: "apollo-persisted-query-manifest",
      version: 1,
      operations: [{ id: "other", name: "Book", type: "query", body: BOOK }],
    };
    for (const content of [own(BOOK), apollo, { "5f4": BOOK }]) {
      expect([...read(content)]).toEqual([[sha256(BOOK), { text: BOOK, name: "Book", endpoints: ["/graphql"] }]]);
    }
  });

  it.each<[string, unknown, RegExp]>([
    ["is not JSON", "{", /^Cannot read TRUSTED_DOCUMENTS \(.*\): it is not JSON$/],
    ["is something else", { version: 2 }, /: it is no manifest of Decibel, Apollo or Relay$/],
    [
      "has a wrong hash",
      { version: 1, documents: { abc: { text: BOOK } } },
      /: abc is not the SHA-256 of its document$/,
    ],
    ["has a broken document", { broken: "{" }, /not valid: broken at \/graphql: Syntax Error/],
    [
      "has a document that does not fit",
      { version: 1, documents: { [sha256("{ nothing }")]: { name: "Nothing", text: "{ nothing }" } } },
      /not valid: Nothing at \/graphql: Cannot query field "nothing" on type "Query"\.$/,
    ],
  ])("that %s is refused at start", (_what, content, message) => {
    expect(() => read(content)).toThrow(message);
  });

  it("that is missing is refused at start", async () => {
    await expect(startSmallGateway({ trustedDocuments: join(folder, "none.json") })).rejects.toThrow(
      /^Cannot read TRUSTED_DOCUMENTS \(.*none\.json\): it cannot be opened$/,
    );
  });
});

describe("the manifest of documents", () => {
  const sdl = smallSupergraph();
  const partner = buildSchema("type Query { book(id: ID!): Book } type Book { title: String }");
  const endpoints = new Map([
    ["/graphql", readPublicSchema(sdl)],
    ["/partner/graphql", partner],
  ]);
  const weights = readWeights(sdl);
  const PRICE = 'query Price { book(id: "b1") { title price } }';

  it("is made of a folder with all below it, and each operation's cost is printed", LONG, async () => {
    const documents = join(folder, "documents");
    const out = join(folder, "made.json");
    mkdirSync(join(documents, "more"), { recursive: true });
    const board = "query Board($first: Int = 10) { campaigns(first: $first) { nodes { targeting { verdict } } } }";
    writeFileSync(join(documents, "board.graphql"), board);
    writeFileSync(join(documents, "more", "one.gql"), "query One { campaigns(first: 1) { totalCount } }");
    writeFileSync(join(documents, "readme.md"), "none of them");
    const run = (...args: readonly string[]) =>
      execute("npm", ["run", "--silent", "documents", "--", ...args], { cwd: projectRoot() });
    const { stdout } = await run(documents, "--out", out);
    expect(stdout.trim().split("\n")).toEqual([
      `${sha256(board).slice(0, 12)}  Board  /graphql  cost 401  OpenText calls 200`,
      expect.stringMatching(/^[0-9a-f]{12} {2}One {2}\/graphql.* {2}cost 1 {2}OpenText calls 0$/),
    ]);
    expect(JSON.parse(readFileSync(out, "utf8"))).toMatchObject({
      version: 1,
      documents: { [sha256(board)]: { name: "Board", cost: { fieldCost: 401, openTextCalls: 200 }, text: board } },
    });
    await expect(run(join(folder, "missing"))).rejects.toMatchObject({
      stderr: expect.stringContaining("Cannot make the manifest"),
    });
  });

  it("says where each is valid and what it costs", () => {
    const files = [BOOK, PRICE].map((text, index) => ({ file: `${index}.graphql`, text }));
    const cost = { fieldCost: 1, openTextCalls: 0 };
    expect(manifestOf(files, { endpoints, weights })).toEqual({
      version: 1,
      documents: {
        [sha256(BOOK)]: { name: "Book", endpoints: ["/graphql", "/partner/graphql"], cost, text: BOOK },
        [sha256(PRICE)]: { name: "Price", endpoints: ["/graphql"], cost, text: PRICE },
      },
    });
  });

  it("names each file that is not valid where it has to be", () => {
    const files = [
      { file: "price.graphql", text: PRICE },
      { file: "two.graphql", text: "query A { __typename } query B { __typename }" },
    ];
    expect(() => manifestOf(files, { endpoints, weights, required: "/partner/graphql" })).toThrow(
      'Cannot make the manifest:\n  price.graphql: Cannot query field "price" on type "Book".\n' +
        "  two.graphql: it has several operations, or none",
    );
  });
});

describe("where only trusted documents are executed", () => {
  const trusted = new Map([[sha256(BOOK), { text: BOOK, name: "Book", endpoints: ["/partner/graphql"] }]]);
  const none = { query: undefined, persistedHash: undefined, trustedHash: undefined };
  const documents = createDocuments({ endpoint: "/partner/graphql", trusted, documents: "required" });

  it("one is named by either hash, or sent as it is", async () => {
    const hash = sha256(BOOK);
    for (const one of [{ persistedHash: hash }, { trustedHash: hash }, { query: BOOK }])
      expect(await documents.textOf({ ...none, ...one })).toBe(BOOK);
  });

  it("any other is refused, and one of another endpoint", async () => {
    const refused = { extensions: { code: "DOCUMENT_NOT_TRUSTED" } };
    const other = createDocuments({ endpoint: "/graphql", trusted, documents: "required" });
    await expect(documents.textOf({ ...none, query: `${BOOK} ` })).rejects.toMatchObject(refused);
    await expect(documents.textOf({ ...none, persistedHash: sha256("x") })).rejects.toMatchObject(refused);
    await expect(other.textOf({ ...none, query: BOOK })).rejects.toMatchObject(refused);
  });
});

describe("a persisted query", () => {
  it("is asked for once, and then named by its hash", async () => {
    const query = `query Once { echo(text: "${randomUUID()}") }`;
    const extensions = persisted(sha256(query));
    const unknown = {
      errors: [{ message: "PersistedQueryNotFound", extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }],
    };
    expect(await post({ extensions })).toEqual({ status: 400, body: unknown });
    expect(await post({ extensions }, "application/json")).toEqual({ status: 200, body: unknown });
    const sent = await post({ query, extensions });
    expect(sent.status).toBe(200);
    expect(await post({ extensions })).toEqual(sent);
  });

  it("whose hash is another is refused, and not kept", async () => {
    const hash = sha256(randomUUID());
    const answer = await post({ query: BOOK, extensions: persisted(hash) });
    expect([answer.status, answer.body.errors?.[0]?.message]).toEqual([
      400,
      "Cannot read the request: sha256Hash is not the hash of query",
    ]);
    expect((await post({ extensions: persisted(hash) })).status).toBe(400);
  });

  it("that is not valid is not kept", async () => {
    const query = `{ none_${randomUUID().replaceAll("-", "")} }`;
    const extensions = persisted(sha256(query));
    expect((await post({ query, extensions })).status).toBe(400);
    expect((await post({ extensions })).body.errors?.[0]?.extensions.code).toBe("PERSISTED_QUERY_NOT_FOUND");
  });

  it.each([[{ version: 2, sha256Hash: sha256(BOOK) }], [{ version: 1, sha256Hash: "x" }], [{ version: 1 }], ["x"]])(
    "named in another way is refused: %j",
    async (persistedQuery) => {
      expect((await post({ extensions: { persistedQuery } })).status).toBe(400);
    },
  );

  it("works with Apollo Client", async () => {
    const asked: string[] = [];
    const link = ApolloLink.from([
      new PersistedQueryLink({ sha256 }),
      new HttpLink({
        uri: gateway.url,
        fetch(url, init) {
          asked.push(JSON.stringify(init?.body).includes('\\"query\\":') ? "text" : "hash");
          return fetch(url, init);
        },
      }),
    ]);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const query = gql`
      query FromApollo {
        book(id: "b1") {
          id
          price
        }
      }
    `;
    for (let time = 0; time < 2; time += 1) {
      const { data } = await client.query({ query, fetchPolicy: "network-only" });
      expect(data).toMatchObject({ book: { id: "b1", price: 2 } });
    }
    expect(asked).toEqual(["hash", "text", "hash"]);
  });
});

describe("persisted documents", () => {
  it("are kept up to a size, and up to a number of new ones by caller and hour", async () => {
    let now = 0;
    const documents = createPersistedDocuments({ cacheUrl: undefined, log, now: () => now });
    const keep = async (text: string, caller: string): Promise<boolean> => {
      await documents.keep(hashOf(text), text, caller);
      return (await documents.find(hashOf(text))) === text;
    };
    expect(await keep("x".repeat(MAX_PERSISTED + 1), "a")).toBe(false);
    for (let index = 0; index < NEW_BY_HOUR; index += 1) expect(await keep(`a${index}`, "a")).toBe(true);
    expect(await keep("one more", "a")).toBe(false);
    expect(await keep("another caller's", "b")).toBe(true);
    now += 3_600_000;
    expect(await keep("one more", "a")).toBe(true);
  });

  it.skipIf(!redis)("are shared by processes", async () => {
    const options = { cacheUrl: redis?.href, log };
    const [left, right] = [createPersistedDocuments(options), createPersistedDocuments(options)];
    const text = `{ shared_${randomUUID()} }`;
    await left.keep(hashOf(text), text, "a");
    // A first connection may take longer than an operation waits.
    await expect.poll(() => right.find(hashOf(text))).toBe(text);
    await Promise.all([left.close(), right.close()]);
  });
});
