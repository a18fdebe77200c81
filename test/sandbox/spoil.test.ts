/** The fault of a changed field, which every sandbox has. */
import { afterEach, describe, expect, it } from "vitest";
import { createSandbox } from "../../subgraphs/sandbox/sandbox.ts";
import { spoiled } from "../../subgraphs/sandbox/spoil.ts";
import { behave, misbehave } from "../support/sandbox-control.ts";

const BODY = {
  total: 2,
  items: [
    { id: "a", tags: ["x"] },
    { id: "b", tags: null },
  ],
};
const sandbox = createSandbox({
  name: "shop",
  problem: () => ({}),
  routes(app) {
    app.get("/orders", () => BODY);
    app.get("/page", (_request, reply) => reply.type("text/plain").send("no JSON"));
  },
});
afterEach(() => behave(sandbox));

describe("a spoilt field", () => {
  it.each([
    [{ path: "total" }, { items: BODY.items }],
    [
      { path: "total", value: null },
      { ...BODY, total: null },
    ],
    [
      { path: "items.1.id", value: 7 },
      { ...BODY, items: [BODY.items[0], { id: 7, tags: null }] },
    ],
    [{ path: "items.*.tags" }, { ...BODY, items: [{ id: "a" }, { id: "b" }] }],
    [{ path: "items.0" }, { ...BODY, items: [BODY.items[1]] }],
    [
      { path: "items.0.tags.0", value: {} },
      { ...BODY, items: [{ id: "a", tags: [{}] }, BODY.items[1]] },
    ],
    [{ path: "items.5.id", value: 7 }, BODY],
    [{ path: "total.of.nothing", value: 7 }, BODY],
  ])("%j changes that field alone", async (spoil, expected) => {
    expect(spoiled(BODY, spoil)).toEqual(expected);
    await misbehave(sandbox, { spoil });
    expect((await sandbox.app.inject("/orders")).json()).toEqual(expected);
  });

  it("is only in JSON, and is gone without the fault", async () => {
    await misbehave(sandbox, { spoil: { path: "total" } });
    expect((await sandbox.app.inject("/page")).body).toBe("no JSON");
    expect((await sandbox.app.inject("/sandbox/faults")).json()).toEqual({ spoil: { path: "total" } });
    await behave(sandbox);
    expect((await sandbox.app.inject("/orders")).json()).toEqual(BODY);
  });
});
