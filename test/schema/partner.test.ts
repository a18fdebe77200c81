/** Partners see what is listed here, and nothing else: whoever shows them more has to change this list. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, isEnumType, isObjectType, isScalarType, isSpecifiedScalarType, printSchema } from "graphql";
import type { GraphQLNamedType, GraphQLSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { readPublicSchema } from "../../gateway/engine/engine.ts";
import { PARTNER_CONTRACT, PARTNER_SUPERGRAPH } from "../../schema/rover.ts";
import { projectRoot } from "../../subgraphs/platform/environment.ts";

const DECISION = [
  "verdict: Verdict!",
  "eligible: Boolean!",
  "reasons: [Reason!]!",
  "decidedAt: DateTime!",
  "expiresAt: DateTime",
];
const CONNECTION = (node: string) => [`nodes: [${node}!]!`, "pageInfo: PageInfo!"];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  DateTime: ["scalar"],
  Verdict: ["ALLOW", "REVIEW", "DENY"],
  Query: [
    "campaign(id: ID!): Campaign",
    "campaigns(after: String, first: Int = 20): CampaignConnection!",
    "episode(id: ID!): Episode",
    "episodes(after: String, first: Int = 20): EpisodeConnection!",
    "location(id: ID!): Location",
    "locations(after: String, first: Int = 20): LocationConnection!",
  ],
  CampaignConnection: CONNECTION("Campaign"),
  EpisodeConnection: CONNECTION("Episode"),
  LocationConnection: CONNECTION("Location"),
  PageInfo: ["hasNextPage: Boolean!", "hasPreviousPage: Boolean!", "startCursor: String", "endCursor: String"],
  Campaign: ["id: ID!", "name: String!", "asOf: DateTime!", "activation: ActivationDecision"],
  Episode: [
    "id: ID!",
    "title: String!",
    "asOf: DateTime!",
    "publishing: PublishingDecision",
    "placement(campaignId: ID!): PlacementDecision",
  ],
  Location: ["id: ID!", "name: String!", "asOf: DateTime!", "playback: PlaybackDecision"],
  ActivationDecision: DECISION,
  PlacementDecision: DECISION,
  PublishingDecision: DECISION,
  PlaybackDecision: DECISION,
  Reason: ["code: String!", "message: String!", "verdict: Verdict!"],
};

/** Of each type: its fields or values, in the order of their names. */
function listed(schema: GraphQLSchema): Readonly<Record<string, readonly string[]>> {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith("__") && !isSpecifiedScalarType(type),
  );
  return Object.fromEntries(types.map((type) => [type.name, partsOf(type).toSorted()]));
}

function partsOf(type: GraphQLNamedType): readonly string[] {
  if (isScalarType(type)) return ["scalar"];
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  if (!isObjectType(type) || type.getInterfaces().length > 0) return ["of a kind that partners do not see"];
  return Object.values(type.getFields()).map(({ name, args, type: given }) => {
    const sent = args.map((one) => {
      const standard = one.defaultValue === undefined ? "" : ` = ${JSON.stringify(one.defaultValue)}`;
      return `${one.name}: ${String(one.type)}${standard}`;
    });
    return `${name}${sent.length > 0 ? `(${sent.join(", ")})` : ""}: ${String(given)}`;
  });
}

const read = (file: string): string => readFileSync(join(projectRoot(), file), "utf8");
const schemas: readonly (readonly [string, GraphQLSchema])[] = [
  ["the gateway serves them", readPublicSchema(read(PARTNER_SUPERGRAPH))],
  ["their tools read", buildSchema(read(PARTNER_CONTRACT))],
];

describe.each(schemas)("the graph for partners, as %s", (_how, schema) => {
  it("has exactly what is allowed", () => {
    const allowed = Object.entries(ALLOWED).map(([name, parts]) => [name, parts.toSorted()] as const);
    expect(listed(schema)).toEqual(Object.fromEntries(allowed));
  });

  it("has no mutations and no subscriptions", () => {
    expect([schema.getMutationType(), schema.getSubscriptionType()]).toEqual([undefined, undefined]);
  });

  it("describes nothing else", () => {
    const described = printSchema(schema).match(/"""[^"]*"""/g) ?? [];
    expect(described.length).toBeGreaterThan(10);
    expect(described.filter((text) => /listener|ledger|facts?\b|effect|evaluation|mutation/i.test(text))).toEqual([]);
  });

  it("has only the directives of GraphQL and @defer", () => {
    const names = schema.getDirectives().map(({ name }) => name);
    const known = new Set(["skip", "include", "deprecated", "specifiedBy", "oneOf", "defer"]);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});
