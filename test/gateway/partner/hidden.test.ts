/** What partners do not see does not exist for them: asking for it is answered as asking for what never existed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildASTSchema, buildClientSchema, getIntrospectionQuery, parse, printSchema } from "graphql";
import type { IntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPublicSchema } from "../../../gateway/engine/engine.ts";
import { PARTNER_SUPERGRAPH, SUPERGRAPH } from "../../../schema/rover.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { accountsWorld, KINDS } from "../../support/accounts-world.ts";
import type { AccountsWorld } from "../../support/accounts-world.ts";
import { asCallers } from "../../support/as-caller.ts";
import { asPartner, partnerOf } from "../../support/as-partner.ts";
import type { AsPartner } from "../../support/as-partner.ts";
import { NOTHING } from "../../support/contracts.ts";
import { FACTS_KEPT, startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";
import { hiddenNames } from "../../support/hidden-names.ts";
import type { HiddenName } from "../../support/hidden-names.ts";

const read = (file: string): string => readFileSync(join(projectRoot(), file), "utf8");
const options = { assumeValid: true, assumeValidSDL: true };
/** With what is hidden from every client. */
const whole = buildASTSchema(parse(read(SUPERGRAPH)), options);
const hidden = hiddenNames(whole, readPublicSchema(read(PARTNER_SUPERGRAPH)));
/** Of subgraphs: no supergraph has them. */
const OF_FEDERATION = ["_entities", "_service", "_Entity", "_Any", "_Service", "sdl", "federation__FieldSet"];
const UNKNOWN = /^400 .*"code":"GRAPHQL_VALIDATION_FAILED"/;

let graph: TestDecibel;
let partner: AsPartner;
let world: AccountsWorld;
let listeners: readonly string[];
beforeAll(async () => {
  graph = await startTestDecibel({ variables: FACTS_KEPT });
  partner = await asPartner(graph);
  world = await accountsWorld(graph, await asCallers(graph));
  const { data } = await graph.query<{ listeners: { nodes: readonly { id: string }[] } }>(
    "{ listeners(first: 3) { nodes { id } } }",
  );
  listeners = data.listeners.nodes.map(({ id }) => id);
}, 60_000);
afterAll(() => graph.stop());

/** As long, so that it stands where the other one does, and no name of anything. */
function neverNamed(name: string): string {
  const never = "Zqxjwvkz".repeat(10).slice(0, name.length);
  if (name === name.toUpperCase()) return never.toUpperCase();
  return /^[A-Z]/.test(name) ? never : never.toLowerCase();
}

type Ask = (document: string) => Promise<string>;

/** Names of the same length share what they are compared with. */
function remembered(ask: Ask): Ask {
  const known = new Map<string, Promise<string>>();
  return (document) => {
    const answer = known.get(document) ?? ask(document);
    known.set(document, answer);
    return answer;
  };
}

/** Those whose answer is not that for a name that never existed, but for the name. */
async function told({ name, documents }: HiddenName, ask: Ask): Promise<readonly string[]> {
  const never = neverNamed(name);
  const found = await Promise.all(
    documents.map(async (document) => {
      const [answer, expected] = await Promise.all([ask(document(name)), ask(document(never))]);
      return answer === expected.replaceAll(never, name) ? [] : [`${document(name)}\n  ${answer}\n  ${expected}`];
    }),
  );
  return found.flat();
}

describe("a name that partners do not see", { timeout: 60_000 }, () => {
  it("is any of the whole graph that is not theirs", () => {
    const names = (kind: HiddenName["kind"]) => hidden.filter((one) => one.kind === kind).map(({ name }) => name);
    expect(names("type")).toEqual(
      expect.arrayContaining(["Listener", "Mutation", "EpisodeFacts", "Review", "DecisionOrigin", "Decision", "Show"]),
    );
    expect(names("field")).toEqual(expect.arrayContaining(["facts", "origin", "totalCount", "listener", "queue"]));
    expect(names("argument")).toEqual(expect.arrayContaining(["status", "input", "showId"]));
    expect(names("enum value")).toEqual(expect.arrayContaining(["EQUIVALENT", "ACTIVE", "IN_REVIEW"]));
    expect(names("directive")).toEqual(expect.arrayContaining(["cost", "requiresScopes", "join__field"]));
    expect(hidden.length).toBeGreaterThan(300);
  });

  it("is refused as one that never existed, by its document alone", async () => {
    const ways = ["text", "hash", "id"] as const;
    for (const way of ways) {
      const ask = remembered((document) => partner.ask(document, way));
      for (const one of hidden) expect(await told(one, ask)).toEqual([]);
    }
    expect(await partner.ask("{ listeners { nodes { id } } }")).toBe(
      '400 {"errors":[{"message":"Cannot execute: it is not a trusted document of this endpoint","extensions":{"code":"DOCUMENT_NOT_TRUSTED"}}]}',
    );
    expect(partner.calls()).toBe(0);
  });

  it.each(["type", "field", "argument", "enum value", "directive"] as const)(
    "is refused as one that never existed, even if any document was executed: %s",
    async (kind) => {
      const names = hidden.filter((one) => one.kind === kind);
      const ask = remembered((document) => partner.askAny(document));
      for (const one of names) expect(await told(one, ask)).toEqual([]);
      // Nothing was planned for any of them: neither takes longer.
      expect(partner.calls()).toBe(0);
    },
  );

  it.each(OF_FEDERATION)("is refused too where it is one of subgraphs: %s", async (name) => {
    const documents = [(one: string) => `{ ${one} }`, (one: string) => `{ ... on ${one} { __typename } }`];
    expect(await told({ kind: "field", name, documents }, (document) => partner.askAny(document))).toEqual([]);
    expect(await partner.askAny(`{ ${name} }`)).toMatch(UNKNOWN);
  });

  it("is never suggested, and neither is one of theirs", async () => {
    for (const document of [
      "{ campaignz { id } }",
      "{ campaigns(frist: 1) { nodes { id } } }",
      "{ ... on Campain { id } }",
    ])
      expect(await partner.askAny(document)).not.toMatch(/did you mean/i);
  });
});

describe("introspection for partners", () => {
  it("needs a trusted document as any operation", async () => {
    expect(await partner.ask(getIntrospectionQuery())).toMatch(/^400 .*DOCUMENT_NOT_TRUSTED/);
  });

  it("shows their graph alone", async () => {
    const answer = await partner.askAny(getIntrospectionQuery());
    const { data } = JSON.parse(answer.slice("200 ".length)) as { data: IntrospectionQuery };
    expect(printSchema(buildClientSchema(data))).toBe(printSchema(partner.schema));
  });
});

describe("an id of what partners do not see", () => {
  const PATHS = [
    "query ($id: ID!) { campaign(id: $id) { id name asOf activation { verdict reasons { code message } } } }",
    "query ($id: ID!) { episode(id: $id) { id title asOf publishing { verdict reasons { code message } } } }",
    "query ($id: ID!) { location(id: $id) { id name asOf playback { verdict reasons { code message } } } }",
    "query ($id: ID!) { episodes(first: 2) { nodes { id placement(campaignId: $id) { verdict reasons { code } } } } }",
  ];
  const asked = async (query: string, id: string): Promise<string> => {
    partner.calls();
    const answer = await partner.askAny(query, { id }, { caller: partnerOf(world.accounts.own) });
    const text = `${answer} after ${partner.calls()} calls`;
    // In a message a long id is cut.
    return text.replaceAll(id, "<id>").replaceAll(`${id.slice(0, 80)}…`, "<id>");
  };

  it.each(PATHS)("is answered as one that never existed: %s", async (query) => {
    for (const kind of KINDS) {
      const unknown = await asked(query, `${kind}_${NOTHING}`);
      const some = [...world.ids(kind, "foreign").slice(0, 3), ...world.ids(kind, "nobody's").slice(0, 2)];
      expect(some.length).toBeGreaterThan(0);
      for (const id of some) expect(await asked(query, id)).toBe(unknown);
    }
    for (const id of listeners) expect(await asked(query, id)).toBe(await asked(query, `listener_${NOTHING}`));
  });

  it("is not one of theirs, which they see", async () => {
    const [campaign = ""] = world.ids("campaign", "own");
    const [location = ""] = world.ids("location", "own");
    expect(await asked(PATHS[0] ?? "", campaign)).toMatch(/^200 {"data":{"campaign":{"id":"<id>".*"verdict":/);
    expect(await asked(PATHS[2] ?? "", location)).toMatch(/^200 {"data":{"location":{"id":"<id>".*"verdict":/);
  });

  it("is in no list, and counted nowhere", async () => {
    const lists = "{ campaigns(first: 200) { nodes { id name } } locations(first: 200) { nodes { id name } } }";
    const answer = await partner.askAny(lists, {}, { caller: partnerOf(world.accounts.own) });
    expect(answer).toMatch(/^200 /);
    expect(world.foreignTexts.filter((text) => answer.includes(JSON.stringify(text)))).toEqual([]);
  });
});
