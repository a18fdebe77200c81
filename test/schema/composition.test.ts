/** The composed graph: up to date, accepted by a second composer, and without facts for clients. */
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { composeServices as composeWithApollo } from "@apollo/composition";
import { assertCompositionSuccess, composeServices } from "@theguild/federation-composition";
import { GraphQLObjectType, buildSchema, parse } from "graphql";
import type { GraphQLSchema } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { compose, composeFiles, staleFiles } from "../../schema/compose.ts";
import { PARTNER_CONTRACT, PARTNER_SUPERGRAPH, SUPERGRAPH, readRover } from "../../schema/rover.ts";
import { subgraphs } from "../../subgraphs/registry.ts";
import { printRegistered } from "../../subgraphs/compose.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";

const root = projectRoot();
const federation = readRover(join(root, "rover.yaml"));

let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  files = await composeFiles(federation, printRegistered);
});

function services() {
  return federation.subgraphs.map(({ name, routingUrl, file }) => ({
    name,
    url: routingUrl,
    typeDefs: parse(files.get(file) ?? ""),
  }));
}

/** The schema for clients. */
function publicSchema(): GraphQLSchema {
  const composed = composeServices(services());
  assertCompositionSuccess(composed);
  return buildSchema(composed.publicSdl);
}

describe("the committed schemas", () => {
  it("equal what the code composes (otherwise: npm run compose)", async () => {
    expect(await staleFiles(root, files)).toEqual([]);
  });

  it("are one of each subgraph, the supergraph, and what partners see of it", () => {
    const ofSubgraphs = subgraphs.map(({ name }) => `schema/${name}.graphql`);
    expect([...files.keys()]).toEqual([...ofSubgraphs, SUPERGRAPH, PARTNER_SUPERGRAPH, PARTNER_CONTRACT]);
  });

  it("are stale if one differs or is missing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "schemas-"));
    try {
      const [changed = "", missing, ...same] = files.keys();
      for (const name of [changed, ...same]) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), name === changed ? `${files.get(name)} ` : (files.get(name) ?? ""));
      }
      expect(await staleFiles(folder, files)).toEqual([changed, missing]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the supergraph", () => {
  it("is accepted by a second composer without hints", () => {
    const { errors = [], hints = [], supergraphSdl } = composeWithApollo(services());
    // An interface needs what any of its types needs: decisions on listeners need more.
    const expected = /^Directive @requiresScopes is applied to "Decision\.\w+" in multiple subgraphs/;
    const others = hints.map(({ message }) => message).filter((message) => !expected.test(message));
    expect([errors.map(({ message }) => message), others]).toEqual([[], []]);
    const subgraphs = Array.from((supergraphSdl ?? "").matchAll(/@join__graph\(name: "([^"]+)"/g), ([, name]) => name);
    expect(new Set(subgraphs)).toEqual(new Set(federation.subgraphs.map(({ name }) => name)));
  });

  it("contains every subgraph of rover.yaml with its URL", () => {
    for (const { name, routingUrl } of federation.subgraphs) {
      expect(files.get(SUPERGRAPH)).toContain(`@join__graph(name: "${name}", url: "${routingUrl}")`);
    }
  });

  it("hides facts from clients, and nothing else", () => {
    const internal = new Set(
      [...files.values()].flatMap((sdl) => Array.from(sdl.matchAll(/^type (\w+)/gm), ([, name]) => name)),
    );
    const external = publicSchema().getTypeMap();
    const hidden = [...internal].filter((name = "") => !(name in external));
    expect(hidden).toContain("EpisodeFacts");
    expect(hidden).toEqual([...internal].filter((name) => name?.endsWith("Facts")));
    const types = Object.values(external).filter((type) => type instanceof GraphQLObjectType);
    // The ledger shows the facts of an evaluation, and those of a case are invented.
    expect(types.filter((type) => "facts" in type.getFields()).map(({ name }) => name)).toEqual([
      "Evaluation",
      "DecisionCase",
    ]);
  });

  it("joins the fields of an entity from several subgraphs", () => {
    const episode = publicSchema().getType("Episode");
    expect(episode instanceof GraphQLObjectType && Object.keys(episode.getFields())).toEqual(
      expect.arrayContaining(["title", "publishing", "placement"]),
    );
  });
});

describe("composing", () => {
  const withEpisodes = (change: (sdl: string) => string): ReadonlyMap<string, string> => {
    const file = "schema/episodes.graphql";
    const sdl = files.get(file) ?? "";
    expect(change(sdl)).not.toBe(sdl);
    return new Map(files).set(file, change(sdl));
  };

  it("lists every error", () => {
    const changed = withEpisodes((sdl) => sdl.replace("  facts: EpisodeFacts @inaccessible\n", ""));
    expect(() => compose(federation, changed)).toThrow(
      new Error(`Cannot compose the supergraph:
  Field "Episode.facts" is marked @external on all the subgraphs in which it is listed (subgraph "campaigns").
  Type "EpisodeFacts" is @inaccessible but is referenced by "Episode.facts", which is in the API schema.`),
    );
  });

  it("names the subgraph with an invalid schema", () => {
    const changed = withEpisodes((sdl) => sdl.replace("  durationMs: Int!", "  durationMs: Milliseconds!"));
    expect(() => compose(federation, changed)).toThrow(
      new Error("Cannot compose the supergraph:\n  [episodes] Unknown type Milliseconds"),
    );
  });

  it("names a required fact that no subgraph has", () => {
    const changed = withEpisodes((sdl) => sdl.replace(/^ {2}sensitiveTopics: .*\n/m, ""));
    expect(() => compose(federation, changed)).toThrow(
      new Error(`Cannot compose the supergraph:
  Field "EpisodeFacts.sensitiveTopics" is marked @external on all the subgraphs in which it is listed (subgraph "campaigns").`),
    );
  });

  it("names an unknown subgraph of rover.yaml", async () => {
    const subgraphs = [
      ...federation.subgraphs,
      { name: "nobody", routingUrl: "http://nobody", file: "nobody.graphql" },
    ];
    await expect(composeFiles({ ...federation, subgraphs }, printRegistered)).rejects.toThrow(
      new Error("Cannot compose: rover.yaml names the subgraph nobody, but there is none"),
    );
  });
});
