/** A partner's way: a key, a trusted document, and its answer, at either port and from every process of the gateway. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashOf } from "../../gateway/limits/manifest.ts";
import { keysCommand } from "../../subgraphs/records/access/keys.ts";
import { FACTS_KEPT } from "../support/decibel.ts";
import { STARTING, startDeployment } from "../support/start-deployment.ts";
import type { Deployment } from "../support/deployment.ts";
import { TOKENS, authorized } from "../support/tokens.ts";

const ELIGIBILITY = "query Eligibility { campaigns(first: 3) { nodes { id name activation { verdict } } } }";
const OTHER = "query Whole { listeners(first: 1) { nodes { id } } }";
const folder = mkdtempSync(join(tmpdir(), "decibel-partners-"));
const PLACES = ["gateway", "partners"] as const;

let graph: Deployment;
let key: string;
beforeAll(async () => {
  const file = join(folder, "documents.json");
  const documents = Object.fromEntries([ELIGIBILITY, OTHER].map((text) => [hashOf(text), { text }]));
  writeFileSync(file, JSON.stringify({ version: 1, documents }));
  const variables = { ...TOKENS, ...FACTS_KEPT, GATEWAY_WORKERS: "2", PARTNER_PORT: "0", TRUSTED_DOCUMENTS: file };
  graph = await startDeployment({ variables, now: Date.now });
  key = await issue("eligibility:read");
}, STARTING.timeout);
afterAll(async () => {
  await graph.stop();
  rmSync(folder, { recursive: true });
});

async function issue(scopes: string, ...more: readonly string[]): Promise<string> {
  const request = ["issue", "--name", "portal", "--scopes", scopes, ...more];
  return (await keysCommand(graph.decibel.database, request)).split("\n")[0] ?? "";
}

const originOf = (place: string): string => {
  const url = new Map(graph.decibel.parts).get(place);
  if (url === undefined) throw new RangeError(`there is no part ${place}`);
  return new URL(url).origin;
};
const send = (place: string, init: RequestInit = {}, path = "/partner/graphql"): Promise<Response> =>
  fetch(`${originOf(place)}${path}`, init);
const post = (place: string, body: object, headers: Readonly<Record<string, string>> = { "x-api-key": key }) =>
  send(place, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const byId = { documentId: `sha256:${hashOf(ELIGIBILITY)}` };

describe.each(PLACES)("at the port of the %s", (place) => {
  it("a partner gets what a trusted document asks for, from every process", async () => {
    const answers = await Promise.all(
      [byId, byId, { query: ELIGIBILITY }, byId].map(async (body) => {
        const response = await post(place, body, { "x-api-key": key, connection: "close" });
        return [response.status, await response.json()];
      }),
    );
    const nodes = Array.from({ length: 3 }, () => ({
      id: expect.stringMatching(/^campaign_/),
      name: expect.any(String),
      activation: { verdict: expect.stringMatching(/^(?:ALLOW|REVIEW|DENY)$/) },
    }));
    expect(answers).toEqual(answers.map(() => [200, { data: { campaigns: { nodes } } }]));
  });

  it.each([
    ["of nobody", {}, 401],
    ["of somebody else", { "x-api-key": "decibel_0000" }, 401],
  ])("a request %s is refused", async (_whose, headers, status) => {
    expect((await post(place, byId, headers)).status).toBe(status);
  });

  it("a key without the scope of partners is refused", async () => {
    const response = await post(place, byId, { "x-api-key": await issue("graph:read audit:read") });
    expect([response.status, await response.json()]).toMatchObject([
      403,
      { errors: [{ extensions: { code: "FORBIDDEN" } }] },
    ]);
  });

  it("a token is as good as a key", async () => {
    const headers = await authorized(Date.now(), { scope: "eligibility:read" });
    expect((await post(place, byId, headers)).status).toBe(200);
  });

  it("a key of no account sees nothing", async () => {
    const response = await post(place, byId, { "x-api-key": await issue("eligibility:read", "--accounts", "nobody") });
    expect(await response.json()).toEqual({ data: { campaigns: { nodes: [] } } });
  });

  it("a document of another endpoint is refused as one that nobody knows", async () => {
    const answers = [OTHER, "query Never { never }"].map(async (text) => {
      const response = await post(place, { documentId: `sha256:${hashOf(text)}` });
      return [response.status, await response.text()];
    });
    const [known, unknown] = await Promise.all(answers);
    expect(known).toEqual(unknown);
    expect(known?.[1]).toContain("DOCUMENT_NOT_TRUSTED");
  });

  it("there is no page for browsers", async () => {
    const response = await send(place, { headers: { accept: "text/html", "x-api-key": key } });
    expect([response.status, response.headers.get("content-type")]).toEqual([406, "application/json; charset=utf-8"]);
    expect((await send(place, { headers: { accept: "text/html" } })).status).toBe(401);
  });

  it("health and readiness are answered", async () => {
    expect(await (await send(place, {}, "/health")).json()).toEqual({ status: "ok" });
    expect(await (await send(place, {}, "/ready")).json()).toEqual({ status: "ready" });
  });
});

describe("at the port of partners", () => {
  it.each(["GET", "POST", "PUT", "DELETE", "OPTIONS"])("nothing else is answered: %s", async (method) => {
    const headers = { "x-api-key": key, "apollo-require-preflight": "1", "content-type": "application/json" };
    const init = { method, headers, ...(method === "POST" && { body: '{"query":"{ __typename }"}' }) };
    const answered = async (path: string): Promise<unknown> => {
      const response = await send("partners", init, path);
      return [response.status, await response.text()];
    };
    for (const path of ["/graphql", "/graphql?query={__typename}", "/metrics", "/"])
      expect(await answered(path)).toEqual(await answered("/nothing"));
  });
});
