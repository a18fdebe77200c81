/**
 * Ids, pages, cursors, scalars, the routing of the supergraph, and rover.yaml. Over 200 lines, because it has a short
 * section for each of these.
 */
// Must come before any decorator.
import "reflect-metadata";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, property, string } from "fast-check";
import { GraphQLError, parse, visit } from "graphql";
import type { DocumentNode } from "graphql";
import { afterAll, describe, expect, it } from "vitest";
import { routed } from "../../gateway/supergraph.ts";
import { MAX_FIRST, connection, cursorsOf, pageSize } from "../../schema/connection.ts";
import { campaignId, episodeId, showId } from "../../schema/id.ts";
import { SUPERGRAPH, readRover } from "../../schema/rover.ts";
import { CountryCode, CurrencyCode, DateTime, Json } from "../../schema/scalars.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";

/** The error as the client gets it. */
function refusal(work: () => unknown): { readonly message: string; readonly extensions: object } {
  try {
    work();
  } catch (error) {
    if (error instanceof GraphQLError) return { message: error.message, extensions: error.extensions };
    throw error;
  }
  throw new Error("expected a refusal");
}
const badUserInput = (message: string, argument: string) => ({
  message,
  extensions: { code: "BAD_USER_INPUT", argument },
});

describe("an id", () => {
  it("consists of the type's name and the upstream ids", () => {
    expect(campaignId.encode("9f1c-2")).toBe("campaign_9f1c-2");
    expect(episodeId.encode("show", "one")).toBe("episode_show_one");
    expect([campaignId.decode("campaign_9f1c-2"), episodeId.decode("episode_show_one")]).toEqual([
      ["9f1c-2"],
      ["show", "one"],
    ]);
  });

  it("encodes and decodes any upstream id", () => {
    const part = string({ minLength: 1, maxLength: 30, unit: "grapheme" });
    assert(
      property(part, part, (parent, own) => {
        const id = episodeId.encode(parent, own);
        expect(id).toMatch(/^episode_[0-9A-Za-z~-]+_[0-9A-Za-z~-]+$/);
        expect(episodeId.decode(id)).toEqual([parent, own]);
      }),
    );
  });

  it.each([
    ["another type's", "show_9f1c"],
    ["one with a missing part", "episode_9f1c"],
    ["one with an extra part", "episode_a_b_c"],
    ["one with an empty part", "episode_a_"],
    ["one without its type", "9f1c"],
    ["a path", "episode_a_../b"],
    ["an address", "episode_a_b?draft=true"],
    ["one with a line break", "episode_a_b\n"],
    ["one in capitals", "EPISODE_a_b"],
    ["one with a needless escape", "episode_a_~62"],
    ["one with an escape in capitals", "episode_a_~2F"],
    ["one whose escapes are not UTF-8", "episode_a_~ff"],
    ["half an escape", "episode_a_~2"],
    ["empty", ""],
  ])("of an episode cannot be %s", (_what, id) => {
    expect(refusal(() => episodeId.decode(id))).toEqual(
      badUserInput(`Cannot read id: ${JSON.stringify(id)} is no episode id`, "id"),
    );
  });

  it("that is too long is refused, and cut in the message", () => {
    expect(refusal(() => showId.decode(`show_${"x".repeat(129)}`))).toEqual(
      badUserInput(`Cannot read id: "show_${"x".repeat(75)}…" is no show id`, "id"),
    );
    expect(showId.decode(`show_${"x".repeat(128)}`)).toEqual(["x".repeat(128)]);
  });

  it("names its argument in the error, also when it is only checked", () => {
    expect(refusal(() => campaignId.decode("x", "campaignId"))).toEqual(
      badUserInput('Cannot read campaignId: "x" is no campaign id', "campaignId"),
    );
    expect(refusal(() => campaignId.check("x", "campaignId"))).toEqual(
      badUserInput('Cannot read campaignId: "x" is no campaign id', "campaignId"),
    );
    expect(() => campaignId.check("campaign_1")).not.toThrow();
  });
});

describe("a page", () => {
  const page = (first: number | null) => ({ first, after: null });

  it("has 20 nodes by default, and up to 200", () => {
    expect([null, 1, 200].map((first) => pageSize(page(first)))).toEqual([20, 1, MAX_FIRST]);
  });

  it.each([0, -1, 201])("cannot have %i nodes", (first) => {
    expect(refusal(() => pageSize(page(first)))).toEqual(
      badUserInput(`Cannot list: first must be from 1 to 200, but got ${first}`, "first"),
    );
  });
});

describe("a cursor", () => {
  const isWhole = (value: unknown): number | undefined => (Number.isSafeInteger(value) ? Number(value) : undefined);
  const things = cursorsOf("things", isWhole);
  const after = (cursor: string | null) => ({ first: null, after: cursor });
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

  it("decodes to its position", () => {
    expect(things.decode(after(things.encode(7)))).toBe(7);
  });

  it("is absent for the first page", () => {
    expect(things.decode(after(null))).toBe(undefined);
  });

  it.each([
    ["of another list", cursorsOf("others", isWhole).encode(7)],
    ["with an invalid position", encoded(["things", "seven"])],
    ["without a position", encoded(["things"])],
    ["that is not an array", encoded({ list: "things", position: 7 })],
    ["that was truncated", things.encode(7).slice(0, -3)],
    ["that was made up", "MTIz"],
    ["that is not base64", "{}"],
    ["that is empty", ""],
  ])("%s is refused", (_what, cursor) => {
    expect(refusal(() => things.decode(after(cursor)))).toEqual(
      badUserInput("Cannot list: after is not a cursor of things", "after"),
    );
  });

  it("is at every edge of a connection, and at both ends of its page", () => {
    const made = connection({
      items: [
        { position: 3, node: "c" },
        { position: 4, node: "d" },
      ],
      cursors: things,
      hasNextPage: true,
      hasPreviousPage: false,
      totalCount: () => 9,
    });
    expect(made).toEqual({
      edges: [
        { cursor: things.encode(3), node: "c" },
        { cursor: things.encode(4), node: "d" },
      ],
      nodes: ["c", "d"],
      pageInfo: {
        hasNextPage: true,
        hasPreviousPage: false,
        startCursor: things.encode(3),
        endCursor: things.encode(4),
      },
      totalCount: expect.any(Function),
    });
  });

  it("is null for an empty page", () => {
    const { pageInfo } = connection({
      items: [],
      cursors: things,
      hasNextPage: false,
      hasPreviousPage: true,
      totalCount: () => 0,
    });
    expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([null, null]);
  });
});

describe("a scalar", () => {
  it("has its own name and description, without the library's additions", () => {
    const scalars = [DateTime, CountryCode, CurrencyCode, Json];
    expect(scalars.map(({ name, description, specifiedByURL }) => [name, description, specifiedByURL])).toEqual([
      ["DateTime", "RFC 3339, in UTC", undefined],
      ["CountryCode", "ISO 3166-1 alpha-2; `ZZ`, which is no country, in an answer where it is not known", undefined],
      ["CurrencyCode", "ISO 4217", undefined],
      ["JSON", "Any JSON value", undefined],
    ]);
    // What partners see says so here, once a subgraph is made.
    const added = scalars.flatMap(({ extensions }) => Object.keys(extensions));
    expect(added.filter((name) => name !== "directives")).toEqual([]);
  });

  it("DateTime parses any offset and serializes in UTC", () => {
    const read: unknown = DateTime.parseValue("2026-03-10T01:00:00+02:00");
    expect(read).toEqual(new Date("2026-03-09T23:00:00Z"));
    expect(JSON.stringify(DateTime.serialize(read))).toBe('"2026-03-09T23:00:00.000Z"');
  });

  it.each([
    [DateTime, ["2026-03-10", "2026-02-30T00:00:00Z", "2026-03-10T00:00:00", "tomorrow", ""]],
    [CountryCode, ["Germany", "DEU", "XX", ""]],
    [CurrencyCode, ["Euro", "XXXX", "€", ""]],
  ])("%s refuses invalid values", (scalar, values) => {
    for (const value of values) expect(() => scalar.parseValue(value)).toThrow(GraphQLError);
  });
});

describe("routing", () => {
  const supergraph = readFileSync(join(projectRoot(), SUPERGRAPH), "utf8");
  const urls = (sdl: string): Record<string, string> =>
    Object.fromEntries(Array.from(sdl.matchAll(/name: "(\w+)", url: "([^"]*)"/g), ([, name, url]) => [name, url]));
  const withoutUrls = (sdl: string): DocumentNode =>
    visit(parse(sdl, { noLocation: true }), {
      Argument: ({ name }) => (name.value === "url" ? null : undefined),
    });

  it("replaces the given URLs, and nothing else", () => {
    const before = urls(supergraph);
    const after = routed(supergraph, { episodes: 'http://[::1]:7/"graphql"' });
    expect(urls(routed(supergraph, { episodes: "http://elsewhere:7/graphql" }))).toEqual({
      ...before,
      episodes: "http://elsewhere:7/graphql",
    });
    expect(Object.keys(before).length).toBeGreaterThan(1);
    expect(withoutUrls(after)).toEqual(withoutUrls(supergraph));
  });

  it("changes nothing without URLs", () => {
    expect(parse(routed(supergraph, {}), { noLocation: true })).toEqual(parse(supergraph, { noLocation: true }));
  });

  it("refuses unknown subgraphs", () => {
    const strange = { campaigns: "http://a", strangers: "http://b", others: "http://c" };
    expect(() => routed(supergraph, strange)).toThrow(
      new Error("Cannot route: the supergraph has no subgraph strangers, others"),
    );
  });
});

describe("rover.yaml", () => {
  const folder = mkdtempSync(join(tmpdir(), "rover-"));
  const path = join(folder, "rover.yaml");
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (text: string, variables = {}) => {
    writeFileSync(path, text);
    return readRover(path, variables);
  };
  const problem = (text: string, variables = {}): string => {
    try {
      read(text, variables);
    } catch (error) {
      if (error instanceof Error) return error.message;
    }
    throw new Error("expected an error");
  };
  const things = (url: string, more = ""): string =>
    `subgraphs:\n  things:\n    routing_url: ${url}\n    schema:\n      file: things.graphql\n${more}`;

  it("lists the subgraphs with their URLs and schema files", () => {
    expect(read(things("https://things.example/graphql", "federation_version: =2.9.0\n"))).toEqual({
      subgraphs: [{ name: "things", routingUrl: "https://things.example/graphql", file: "things.graphql" }],
    });
  });

  it("may omit the federation's version, or give it as a number", () => {
    expect(read(things("http://a/graphql", "federation_version: 2\n"))).toEqual(read(things("http://a/graphql")));
  });

  it("may refer to environment variables", () => {
    const text = things("http://${env.THINGS_HOST}:${env.THINGS_PORT}/graphql");
    expect(read(text, { THINGS_HOST: "things", THINGS_PORT: "81" }).subgraphs[0]?.routingUrl).toBe(
      "http://things:81/graphql",
    );
    expect(problem(text, { THINGS_HOST: "things" })).toBe(
      `Cannot read ${path}: environment variable THINGS_PORT is not set`,
    );
  });

  it.each([
    ["a URL without its protocol", things("localhost:4001"), "Invalid URL\n  → at subgraphs.things.routing_url"],
    ["a URL of another protocol", things("ftp://things"), "Invalid URL\n  → at subgraphs.things.routing_url"],
    ["no URL", things('""'), "Invalid URL\n  → at subgraphs.things.routing_url"],
    [
      "a key of rover that is not supported",
      "subgraphs:\n  things:\n    routing_url: http://a\n    schema:\n      subgraph_url: http://a\n",
      'Unrecognized key: "subgraph_url"\n  → at subgraphs.things.schema\n' +
        "✖ Invalid input: expected string, received undefined\n  → at subgraphs.things.schema.file",
    ],
    [
      "an unknown key of a subgraph",
      `${things("http://a")}    routing: x\n`,
      'Unrecognized key: "routing"\n  → at subgraphs.things',
    ],
    ["an unknown key", things("http://a", "routing: x\n"), 'Unrecognized key: "routing"'],
    [
      "an invalid name",
      things("http://a").replace("things:", "Some Things:"),
      'Invalid key in record\n  → at subgraphs["Some Things"]',
    ],
    ["no subgraphs", "federation_version: 2\n", "Invalid input: expected record, received undefined\n  → at subgraphs"],
    ["no content", "", "Invalid input: expected object, received null"],
  ])("with %s is refused", (_what, text, expected) => {
    expect(problem(text)).toBe(`Cannot read ${path}: ✖ ${expected}`);
  });

  it("that is not YAML is refused with its path", () => {
    expect(problem("subgraphs: [\n")).toMatch(`Cannot read ${path}: Flow sequence in block collection`);
  });
});
