/** Plans are kept, and an operation that the planner does not end with is refused without keeping another thread. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildASTSchema, parse } from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { createPlanner } from "../../../gateway/engine/planner.ts";
import type { Supergraph } from "../../../gateway/engine/engine.ts";
import { SUPERGRAPH } from "../../../schema/rover.ts";
import { projectRoot } from "../../../subgraphs/platform/environment.ts";

let supergraph: Supergraph;
beforeAll(async () => {
  const sdl = await readFile(join(projectRoot(), SUPERGRAPH), "utf8");
  supergraph = { sdl, schema: buildASTSchema(parse(sdl), { assumeValid: true, assumeValidSDL: true }) };
});

describe("a plan", () => {
  it("is made once for an operation, also for two requests at the same time", async () => {
    let calls = 0;
    const planner = createPlanner(supergraph, {
      plan: async () => {
        calls += 1;
        return { kind: "QueryPlan" };
      },
    });
    await Promise.all([planner.plan("{ a }"), planner.plan("{ a }")]);
    await planner.plan("{ a }");
    expect(calls).toBe(1);
    await planner.plan("{ b }");
    expect(calls).toBe(2);
  });

  it("is made anew after a failure", async () => {
    let calls = 0;
    const planner = createPlanner(supergraph, {
      plan: async () => {
        calls += 1;
        if (calls === 1) throw new Error("planted");
        return { kind: "QueryPlan" };
      },
    });
    await expect(planner.plan("{ a }")).rejects.toThrow("planted");
    expect(await planner.plan("{ a }")).toBeUndefined();
  });

  it("that does not end is refused, and not begun again", async () => {
    let calls = 0;
    const planner = createPlanner(supergraph, {
      deadlineMs: 20,
      plan: () => {
        calls += 1;
        return new Promise(() => {});
      },
    });
    for (const _time of [1, 2]) {
      await expect(planner.plan("{ a }")).rejects.toMatchObject({
        message: "Cannot execute: the operation takes longer to plan than 20 ms",
        extensions: { code: "LIMIT_EXCEEDED" },
      });
    }
    expect(calls).toBe(1);
  });

  it("is refused for what the supergraph does not have", async () => {
    await expect(createPlanner(supergraph).plan("{ nothing }")).rejects.toThrow("nothing");
  });
});
