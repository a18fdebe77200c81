/** The pages and the rate limit of the sandbox of Megaphone. */
import { describe, expect, it } from "vitest";
import { createMegaphoneSandbox } from "../../../subgraphs/sandbox/megaphone/server.ts";
import type { Sandbox } from "../../../subgraphs/sandbox/sandbox.ts";
import { today, open, world, episodesOf, first, second } from "../../support/megaphone-client.ts";

describe("Megaphone's sandbox", () => {
  const token = { authorization: 'Token token="sandbox"' };
  const path = (): string => `/api/networks/sandbox/podcasts/${first}/episodes`;

  async function ask(url: string, sandbox: Sandbox = createMegaphoneSandbox({ world, now: () => today })) {
    open.push(sandbox);
    return sandbox.app.inject({ url, headers: { ...token, host: "cms.test" } });
  }

  it.each([
    [1, ["last=3", "next=2"]],
    [2, ["first=1", "prev=1", "last=3", "next=3"]],
    [3, ["first=1", "prev=2"]],
    [4, ["first=1", "prev=3"]],
  ])("links page %d to %o", async (page, expected) => {
    const reply = await ask(`${path()}?page=${page}&per_page=20`);
    const links = String(reply.headers["link"]).matchAll(/<([^>]+)>; rel="(\w+)"/g);
    expect(Array.from(links, ([, url = "", rel]) => `${rel}=${new URL(url).searchParams.get("page")}`)).toEqual(
      expected,
    );
    expect([reply.headers["x-page"], reply.headers["x-per-page"], reply.headers["x-total"]]).toEqual([
      String(page),
      "20",
      "48",
    ]);
  });

  it.each([
    ["", "1", "100"],
    ["?per_page=1000", "1", "500"],
    ["?page=0&per_page=-1", "1", "100"],
    ["?page=x&per_page=y", "1", "100"],
  ])("takes %j for page %s of %s", async (query, page, perPage) => {
    const { headers } = await ask(`${path()}${query}`);
    expect([headers["x-page"], headers["x-per-page"], headers["link"]]).toEqual([page, perPage, undefined]);
  });

  it("finds an episode by its external id", async () => {
    const [known] = episodesOf(first);
    const reply = await ask(`${path()}?externalId=${known?.externalId}`);
    expect(reply.json<{ id: string }[]>().map(({ id }) => id)).toEqual([known?.id]);
  });

  it("has a route for one podcast", async () => {
    const reply = await ask(`/api/networks/sandbox/podcasts/${second}`);
    expect(reply.json()).toMatchObject({ id: second, networkId: "sandbox", explicit: "no", episodesCount: 44 });
  });

  it.each([
    ["an unknown network", "/api/networks/other/podcasts", "Network not found"],
    ["an unknown podcast", "/api/networks/sandbox/podcasts/x", "Podcast not found"],
    ["an unknown podcast's list", "/api/networks/sandbox/podcasts/x/episodes", "Podcast not found"],
    ["an unknown path", "/api/nowhere", "Not found"],
  ])("answers 404 to %s", async (_title, url, detail) => {
    const reply = await ask(url);
    expect([reply.statusCode, reply.json()]).toEqual([404, { errors: [{ code: "404", detail }] }]);
  });

  it("allows 60 requests a minute, and answers when the next one is allowed", async () => {
    let at = today;
    const sandbox = createMegaphoneSandbox({ world, now: () => at });
    const url = "/api/networks/sandbox/podcasts";
    const statuses = async (count: number): Promise<ReadonlySet<number>> => {
      const replies = await Promise.all(Array.from({ length: count }, () => ask(url, sandbox)));
      return new Set(replies.map(({ statusCode }) => statusCode));
    };
    expect(await statuses(30)).toEqual(new Set([200]));
    at += 20_000;
    expect(await statuses(30)).toEqual(new Set([200]));
    at += 500;
    const refused = await ask(url, sandbox);
    expect([refused.statusCode, refused.headers["retry-after"], refused.json()]).toEqual([
      429,
      "40",
      { errors: [{ code: "429", detail: "Too many requests" }] },
    ]);
    at = today + 60_000;
    expect(await statuses(30)).toEqual(new Set([200]));
    expect(await statuses(1)).toEqual(new Set([429]));
  });
});
