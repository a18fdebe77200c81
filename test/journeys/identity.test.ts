/** Callers who have to be known: by several gateway processes, by the subgraphs that these ask, and by nobody else. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ANYBODY } from "../../subgraphs/platform/caller.ts";
import { encodeCaller } from "../../subgraphs/platform/signing/caller-header.ts";
import { HEADERS, createSigner } from "../../subgraphs/platform/signing/signature.ts";
import { keysCommand } from "../../subgraphs/records/access/keys.ts";
import { FACTS_KEPT, SUBGRAPHS, ask } from "../support/decibel.ts";
import { startDeployment } from "../support/start-deployment.ts";
import type { Answer } from "../support/decibel.ts";
import type { Deployment } from "../support/deployment.ts";
import { mutate } from "../support/mutations.ts";
import { SECRET, TOKENS, authorized } from "../support/tokens.ts";

const SUBGRAPH_SECRET = "the secret of gateways and subgraphs";
const SERVICE = "{ _service { sdl } }";
const ENTITIES = `query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }`;
const EPISODES = "{ episodes(first: 1) { nodes { id } } }";

let graph: Deployment;
let headers: Readonly<Record<string, string>>;
beforeAll(async () => {
  // The gateway processes have the system's clock.
  const variables = { ...TOKENS, ...FACTS_KEPT, GATEWAY_WORKERS: "2", SUBGRAPH_SECRET, OUTBOX_RETRY_SECONDS: "0" };
  graph = await startDeployment({ variables, now: Date.now });
  headers = await authorized(Date.now());
});
afterAll(() => graph.stop());

/** As the caller of the token, unless the test says otherwise. */
const query = <Data = unknown>(text: string, variables?: object, as = headers): Promise<Answer<Data>> =>
  ask(graph.decibel.url, text, variables, as);
const callersOf = (requestId: string): readonly unknown[] => [
  ...new Set(graph.logged.filter((line) => line["requestId"] === requestId).map(({ caller }) => caller)),
];

describe("a caller with a token", () => {
  it("is known to the subgraphs, whatever else its request says", async () => {
    const requestId = randomUUID();
    const forged = {
      [HEADERS.caller]: encodeCaller(ANYBODY),
      [HEADERS.signature]: "A".repeat(43),
      "x-decibel-role": "admin",
    };
    const text = "{ campaigns(first: 1) { nodes { targeting { verdict } } } }";
    const { errors } = await query(text, {}, { ...headers, ...forged, "x-request-id": requestId });
    expect(errors).toEqual([]);
    expect(callersOf(requestId)).toEqual(["token:ada"]);
  });

  it("is known where a mutation asks another subgraph", async () => {
    const { data } = await query<{ campaigns: { nodes: { id: string }[] }; episodes: { nodes: { id: string }[] } }>(
      "{ campaigns(first: 1, status: ACTIVE) { nodes { id } } episodes(first: 1) { nodes { id } } }",
    );
    const input = {
      campaignId: data.campaigns.nodes[0]?.id,
      episodeId: data.episodes.nodes[0]?.id,
      brand: "Northwind",
      productCategory: "apparel",
    };
    const submitted = await mutate({ query }, "submitSponsorship", input, "{ sponsorship { requestedBy status } }");
    expect(submitted).toEqual({
      data: { sponsorship: { requestedBy: "token:ada", status: expect.stringMatching(/^[A-Z]+$/) } },
      errors: [],
    });
  });

  it("keeps what it gets to itself", async () => {
    const url = `${graph.decibel.url}?query={campaigns(first:1){nodes{id name}}}`;
    const response = await fetch(url, { headers: { ...headers, accept: "application/json" } });
    expect(response.headers.get("cache-control")).toMatch(/^private, max-age=\d+$/);
    expect(response.headers.get("vary")?.toLowerCase()).toContain("accept, authorization, x-api-key");
  });
});

describe("a partner with a key", () => {
  it("is known to every process until the key is revoked, and to none from then on", async () => {
    const { database } = graph.decibel;
    const issued = await keysCommand(database, ["issue", "--name", "portal", "--scopes", "graph:read"]);
    const [key = "", , line = ""] = issued.split("\n");
    const [id = ""] = line.split("  ");
    const all = (): Promise<readonly Answer<unknown>[]> =>
      Promise.all(Array.from({ length: 4 }, () => query("{ __typename }", {}, { "x-api-key": key })));
    const requestId = randomUUID();
    await query(EPISODES, {}, { authorization: `Bearer ${key}`, "x-request-id": requestId });
    expect(await all()).toEqual(Array.from({ length: 4 }, () => ({ data: { __typename: "Query" }, errors: [] })));
    await keysCommand(database, ["revoke", id]);
    const refused = { message: "Cannot answer: the API key is not known, or was revoked" };
    await expect.poll(all, { interval: 1 }).toMatchObject(Array.from({ length: 4 }, () => ({ errors: [refused] })));
    const log = graph.logged.map((entry) => JSON.stringify(entry)).join("\n");
    for (const secret of [key, SECRET, SUBGRAPH_SECRET, headers["authorization"] ?? ""])
      expect(log).not.toContain(secret);
  });
});

describe.each(SUBGRAPHS)("the subgraph %s", (name) => {
  const url = (): string => graph.part(name).url;
  const post = (body: object, more: Readonly<Record<string, string>> = {}, to = url()): Promise<Response> =>
    fetch(to, {
      method: "POST",
      headers: { "content-type": "application/json", ...more },
      body: JSON.stringify(body),
    });

  it("answers nobody but its gateways", async () => {
    const requests = [
      post({ query: SERVICE }),
      post({ query: ENTITIES, variables: { of: [{ __typename: "Episode", id: "x" }] } }),
      post({ query: "{ __typename }" }, headers),
      post({ query: "{ __typename }" }, { [HEADERS.caller]: encodeCaller(ANYBODY) }),
      fetch(`${url()}?query=${encodeURIComponent(SERVICE)}`, { headers: { "apollo-require-preflight": "1" } }),
      fetch(url(), { headers: { accept: "text/html" } }),
      fetch(url(), { method: "OPTIONS" }),
      fetch(new URL("/nothing", url())),
    ];
    for (const answer of await Promise.all(requests)) {
      expect([answer.status, await answer.json()]).toEqual([
        401,
        {
          errors: [
            { message: "Cannot answer: it is not signed by a gateway", extensions: { code: "UNAUTHENTICATED" } },
          ],
        },
      ]);
    }
    for (const path of ["/health", "/metrics"]) expect((await fetch(new URL(path, url()))).status).toBe(200);
  });

  it("answers a signed request once, and only as it was signed", async () => {
    const sign = createSigner({ secret: SUBGRAPH_SECRET, now: Date.now })(name);
    const body = JSON.stringify({ query: SERVICE });
    const signed = sign({ method: "POST", path: "/graphql", headers: {}, body, caller: ANYBODY });
    const sent = { query: SERVICE };
    expect((await post({ ...sent, query: "{ __typename }" }, signed)).status).toBe(401);
    // Its nonce is spent.
    expect((await post(sent, signed)).status).toBe(401);
    const again = () => sign({ method: "POST", path: "/graphql", headers: {}, body, caller: ANYBODY });
    const good = again();
    expect((await post(sent, good)).status).toBe(200);
    expect((await post(sent, good)).status).toBe(401);
    const altered: readonly Readonly<Record<string, string>>[] = [
      { ...again(), [HEADERS.caller]: encodeCaller({ ...ANYBODY, id: "somebody" }) },
      { ...again(), "x-decibel-role": "admin" },
      { ...again(), "cache-control": "no-cache" },
      { ...again(), [HEADERS.time]: String(Date.now() + 1) },
    ];
    for (const forged of altered) expect((await post(sent, forged)).status).toBe(401);
    expect((await post(sent, again(), `${url()}?x=1`)).status).toBe(401);
    const other = SUBGRAPHS.find((each) => each !== name) ?? "";
    expect((await post(sent, again(), graph.part(other).url)).status).toBe(401);
  });
});
