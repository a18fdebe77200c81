/** What partners learn from errors: what is wrong with their request, and nothing about what stands behind their graph. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GraphQLError } from "graphql";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { javaScriptEngine } from "../../../gateway/engine/engine.ts";
import { createPartnerErrors } from "../../../gateway/partner/errors.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";
import { SCOPES } from "../../../schema/scope.ts";
import { asPartner, partnerOf } from "../../support/as-partner.ts";
import type { AsPartner } from "../../support/as-partner.ts";
import { SANDBOXES, startTestDecibel } from "../../support/decibel.ts";
import type { TestDecibel } from "../../support/decibel.ts";

let graph: TestDecibel;
let partner: AsPartner;
beforeAll(async () => {
  graph = await startTestDecibel({ variables: { OPENTEXT_RECOVERY_MS: "1" } });
  partner = await asPartner(graph);
});
afterEach(async () => {
  for (const name of SANDBOXES) await graph.sandbox(name).behave();
});
afterAll(() => graph.stop());

const ACTIVATION = "{ campaigns(first: 1) { nodes { activation { verdict } } } }";
const AT = { path: ["campaigns", "nodes", 0, "activation"] };

async function errorsOf(query: string, variables?: object): Promise<unknown> {
  const answer = await partner.askAny(query, variables);
  return (JSON.parse(answer.slice("200 ".length)) as { errors?: unknown }).errors;
}

describe("an error for partners", () => {
  it("of a decision says that there is none, and not who decides what", async () => {
    await graph.sandbox("opentext").misbehave({ status: 503 });
    expect(await errorsOf(ACTIVATION)).toEqual([
      {
        message: "Cannot decide: no decision can be made now",
        ...AT,
        extensions: { code: "DECISION_UNAVAILABLE", retryable: true },
      },
    ]);
  });

  it("of an upstream does not name it", async () => {
    await graph.sandbox("spotify-ads").misbehave({ status: 500 });
    expect(await errorsOf(ACTIVATION)).toEqual([
      {
        message: "Cannot answer: it is not known now",
        path: ["campaigns"],
        extensions: { code: "UNAVAILABLE", retryable: true },
      },
    ]);
  });

  it("of an argument of theirs says what is wrong with it", async () => {
    expect(await errorsOf("{ campaigns(first: 201) { nodes { id } } }")).toEqual([
      {
        message: "Cannot list: first must be from 1 to 200, but got 201",
        path: ["campaigns"],
        extensions: { code: "BAD_USER_INPUT", argument: "first" },
      },
    ]);
    expect(await errorsOf("query ($a: Int) { campaigns(first: $a) { nodes { id } } }", { a: "x" })).toMatchObject([
      { message: 'Variable "$a" got invalid value "x"; Int cannot represent non-integer value: "x"' },
    ]);
  });

  it("of a limit names it and its value", async () => {
    const aliases = Array.from({ length: 60 }, (_none, index) => `a${index}: placement(campaignId: "a") { verdict }`);
    expect(await errorsOf(`{ episodes(first: 200) { nodes { ${aliases.join(" ")} } } }`)).toMatchObject([
      {
        message: expect.stringContaining("LIMIT_OPENTEXT_CALLS allows 10000"),
        extensions: { code: "LIMIT_EXCEEDED", cost: { openTextCalls: 12_000 } },
      },
    ]);
  });

  it("keeps nothing of what subgraphs say, by any code of the source", () => {
    const files = globSync("{gateway,schema,subgraphs}/**/*.ts", { cwd: projectRoot() });
    const codes = new Set(
      files.flatMap((file) =>
        Array.from(
          readFileSync(join(projectRoot(), file), "utf8").matchAll(/"([A-Z]+(?:_[A-Z]+)+)"/g),
          ([, code = ""]) => code,
        ),
      ),
    );
    expect(codes).toContain("UPSTREAM_UNEXPECTED");
    const asPartnerError = createPartnerErrors(partner.schema);
    const planted = { service: "planted", upstream: "planted", decision: "planted", item: "planted", field: "planted" };
    const kept = [...codes, undefined].filter((code) => {
      const extensions = { ...planted, ...(code !== undefined && { code }), argument: "planted" };
      return JSON.stringify(asPartnerError(new GraphQLError("planted", { extensions }))).includes("planted");
    });
    expect(kept).toEqual([]);
  });
});

describe("beside the data, partners get", () => {
  it("what the operation costs, where they ask for it", async () => {
    expect(await partner.askAny(ACTIVATION, {}, { asksCost: true })).toMatch(
      /^200 {"data":.*,"extensions":{"cost":{"fieldCost":\d+,"openTextCalls":1}}}$/,
    );
    expect(await partner.askAny(ACTIVATION)).not.toContain("extensions");
  });

  it("no explanation, whatever scopes they have", async () => {
    partner.calls();
    const caller = { ...partnerOf(), scopes: new Set(SCOPES) };
    expect(await partner.askAny(ACTIVATION, {}, { asksExplain: true, caller })).toBe(
      '403 {"errors":[{"message":"Cannot explain: plans are not for partners","extensions":{"code":"FORBIDDEN"}}]}',
    );
    expect(partner.calls()).toBe(0);
  });

  it("nothing without the scope of partners, whatever other scopes they have", async () => {
    const caller = { ...partnerOf(), scopes: new Set(SCOPES.filter((scope) => scope !== "eligibility:read")) };
    partner.calls();
    expect(await partner.askAny("{ __typename }", {}, { caller })).toBe(
      '403 {"errors":[{"message":"Cannot answer: the caller needs the scope eligibility:read","extensions":{"code":"FORBIDDEN"}}]}',
    );
    expect(partner.calls()).toBe(0);
  });
});

describe("the graph for partners", () => {
  it("is answered alike by both engines", async () => {
    const placement =
      "{ episodes(first: 3) { nodes { title placement(campaignId: $id) { verdict reasons { code } } } } }";
    const { data } = await graph.query<{ campaigns: { nodes: { id: string }[] } }>(
      "{ campaigns(first: 1) { nodes { id } } }",
    );
    const query = `query ($id: ID!) ${placement}`;
    const answer = await partner.askAny(query, { id: data.campaigns.nodes[0]?.id });
    expect(answer).toMatch(/^200 {"data":.*"verdict":"/);
    const other = await asPartner(graph, javaScriptEngine());
    expect(await other.askAny(query, { id: data.campaigns.nodes[0]?.id })).toBe(answer);
  });
});
