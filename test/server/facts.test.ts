/** What subgraphs declare to be facts of upstreams exists in their schemas. */
import { isObjectType } from "graphql";
import { expect, it } from "vitest";
import { campaigns } from "../../subgraphs/campaigns/index.ts";
import { decisions } from "../../subgraphs/decisions/index.ts";
import { episodes } from "../../subgraphs/episodes/index.ts";
import { listeners } from "../../subgraphs/listeners/index.ts";
import { locations } from "../../subgraphs/locations/index.ts";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { printSubgraph } from "../../subgraphs/server/subgraph.ts";

it.each([campaigns, episodes, locations, listeners, decisions])("of $name", async (definition) => {
  const schema = buildSubgraphSchema(parse(await printSubgraph(definition)));
  for (const [type, fields] of Object.entries(definition.facts ?? {})) {
    const declared = schema.getType(type);
    expect(isObjectType(declared) && fields.filter((field) => !declared.getFields()[field])).toEqual([]);
  }
});

it("and none is of a person", () => {
  expect([listeners.facts, decisions.facts]).toEqual([undefined, undefined]);
});
