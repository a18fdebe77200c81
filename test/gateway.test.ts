import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestDecibel } from "./decibel.ts";
import type { TestDecibel } from "./decibel.ts";

let graph: TestDecibel;
beforeAll(async () => {
  graph = await startTestDecibel();
});
afterAll(() => graph.stop());

async function post(
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(graph.decibel.url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text };
}
const send = (query: string) => post(JSON.stringify({ query }));

describe("the gateway", () => {
  it("plans with the native planner where this platform has it", () => {
    expect(graph.decibel.engine).toBe("rust");
  });

  it("says data: null where the query ran and gave nothing, and no data where it never ran", async () => {
    const ran = await send("{ campaigns(first: 0) { totalCount } }");
    expect(ran.body).toMatchObject({
      data: null,
      errors: [{ path: ["campaigns"], extensions: { code: "BAD_USER_INPUT", argument: "first" } }],
    });
    const neverRan = await send("{ nothing }");
    expect(neverRan.body).toEqual({
      errors: [expect.objectContaining({ message: 'Cannot query field "nothing" on type "Query".' })],
    });
  });

  it("answers null for an entity that is not there, beside one that is", async () => {
    const { data } = await graph.query(
      '{ a: campaign(id: "campaign_00000000-0000-4000-8000-000000000000") { id } b: campaigns(first: 1) { nodes { id } } }',
    );
    expect(data).toEqual({ a: null, b: { nodes: [{ id: expect.stringMatching(/^campaign_/) }] } });
  });

  it("shows what a client may ask for, and nothing that subgraphs tell each other", async () => {
    const { data } = await graph.query<{ __type: { fields: readonly { name: string }[] } }>(
      '{ __type(name: "Episode") { fields { name } } }',
    );
    const fields = new Set(data.__type.fields.map(({ name }) => name));
    expect([fields.has("placement"), fields.has("facts")]).toEqual([true, false]);
  });

  it.each([
    ["no JSON", "not json", 400],
    ["no query", "{}", 200],
    ["a query that does not parse", JSON.stringify({ query: "{" }), 200],
  ])("refuses %s with an error it can read", async (_title, body, status) => {
    const answer = await post(body);
    expect([answer.status, answer.body]).toEqual([
      status,
      { errors: [expect.objectContaining({ message: expect.any(String) })] },
    ]);
  });

  it("serves a browser a page that needs no other host and opens with a query that runs", async () => {
    const page = await (await fetch(graph.decibel.url, { headers: { accept: "text/html" } })).text();
    expect(page.match(/<(?:script|link|img)[^>]*(?:src|href)=["']?https?:[^>]*>/g)).toBeNull();
    const query = /"defaultQuery":("(?:[^"\\]|\\.)*")/.exec(page)?.[1] ?? '""';
    const { errors, data } = await graph.query<{ episodes: { nodes: readonly unknown[] } }>(
      JSON.parse(query) as string,
    );
    expect([errors, data.episodes.nodes.length]).toEqual([[], 100]);
  });

  it.each(["/health", "/ready"])("answers %s", async (path) => {
    expect((await fetch(new URL(path, graph.decibel.url))).status).toBe(200);
  });

  it("hands a client's request id on, so that every part logs the same one", async () => {
    await post(JSON.stringify({ query: "{ campaigns(first: 1) { nodes { targeting { verdict } } } }" }), {
      "x-request-id": "from-the-client",
    });
    expect(graph.logged.filter(({ msg }) => msg === "decided").map(({ requestId }) => requestId)).toContain(
      "from-the-client",
    );
  });
});
