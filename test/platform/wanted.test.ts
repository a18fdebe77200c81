/** What nobody waits for any more is not begun, and what somebody waits for is. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { DEADLINE, deadlineHeader, readDeadline } from "../../subgraphs/platform/deadline.ts";
import { createFacts } from "../../subgraphs/platform/facts/facts.ts";
import type { Kind } from "../../subgraphs/platform/facts/kind.ts";
import { createToken } from "../../subgraphs/platform/token.ts";
import { createUpstream } from "../../subgraphs/platform/upstream.ts";
import type { Upstream } from "../../subgraphs/platform/upstream.ts";
import { wantedHere, whileWanted } from "../../subgraphs/platform/wanted.ts";

describe("the deadline of a request to a subgraph", () => {
  it("is what is left, whatever the clocks of the two say", () => {
    const sent = deadlineHeader(5300.7, () => 5000);
    expect([sent, readDeadline(sent, () => 7)]).toEqual([{ [DEADLINE]: "300" }, 307]);
    expect(deadlineHeader(4000, () => 5000)).toEqual({ [DEADLINE]: "0" });
  });

  it.each([undefined, "", "-1", "1e3", "soon", "99999999999", ["1", "2"]])("is none where it is %j", (header) => {
    expect(readDeadline({ [DEADLINE]: header })).toBe(Infinity);
  });
});

describe("what requests share", () => {
  const pages: string[] = [];
  let page: PromiseWithResolvers<void>;
  let reads: number;
  let kind: Kind<string>;
  const server = createServer((request, response) => {
    pages.push(request.url ?? "");
    void page.promise.then(() => response.end("{}"));
  });
  let upstream: Upstream;
  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    upstream = createUpstream({ name: "things", baseUrl: `http://127.0.0.1:${port}` });
  });
  afterAll(async () => {
    await upstream.close();
    server.close();
  });
  beforeEach(() => {
    pages.length = 0;
    reads = 0;
    page = Promise.withResolvers();
    const facts = createFacts({ now: () => 1000, log: pino({ enabled: false }) });
    kind = facts.of("things", { id: "ours" }).kind<string>({
      entity: "thing",
      shape: 1,
      freshForMs: 1000,
      staleForMs: 0,
      max: 10,
      load: async (keys) => {
        reads += 1;
        for (const number of [1, 2, 3]) await upstream.request({ path: `/${reads}/${number}`, reply: z.unknown() });
        return keys.map((key) => `${key} of read ${reads}`);
      },
    });
  });
  const asker = (): { isWaiting: boolean; isWanted: () => boolean } => {
    const one = { isWaiting: true, isWanted: () => one.isWaiting };
    return one;
  };

  it("ends with the page that is on its way once nobody waits", async () => {
    const [one, other] = [asker(), asker()];
    const answers = [one, other].map(({ isWanted }) => kind.get(["a"], false, isWanted));
    await expect.poll(() => pages).toEqual(["/1/1"]);
    one.isWaiting = other.isWaiting = false;
    page.resolve();
    for (const [answer] of await Promise.all(answers))
      expect(answer).toMatchObject({ failure: "ABORTED", message: "Cannot ask things: nobody waits for it any more" });
    expect(pages).toEqual(["/1/1"]);
  });

  it("goes on while one of its askers waits", async () => {
    const [one, other] = [asker(), asker()];
    const answers = [one, other].map(({ isWanted }) => kind.get(["a"], false, isWanted));
    await expect.poll(() => pages.length).toBe(1);
    one.isWaiting = false;
    page.resolve();
    expect(await Promise.all(answers)).toMatchObject([[{ value: "a of read 1" }], [{ value: "a of read 1" }]]);
    expect([pages.length, reads]).toEqual([3, 1]);
  });

  it("is begun anew by who asks after all others have gone", async () => {
    const gone = asker();
    const left = kind.get(["a"], false, gone.isWanted);
    await expect.poll(() => pages.length).toBe(1);
    gone.isWaiting = false;
    const stays = kind.get(["a"]);
    page.resolve();
    expect(await stays).toMatchObject([{ value: "a of read 2" }]);
    expect(await left).toMatchObject([{ failure: "ABORTED" }]);
    expect(kind.peek("a")).toMatchObject({ value: "a of read 2" });
  });

  it("is a token that others need too", async () => {
    const token = createToken(async () => {
      await upstream.request({ path: "/token", reply: z.unknown() });
      return { accessToken: "secret", expiresIn: 60 };
    });
    page.resolve();
    expect(
      await whileWanted(
        () => false,
        () => token.authorization(),
      ),
    ).toBe("Bearer secret");
  });

  it("is wanted where nothing says otherwise", () => {
    expect(wantedHere()()).toBe(true);
  });
});
