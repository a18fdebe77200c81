/** Plans are kept, and so are the refusals of operations that the planner cannot live with. */
import { GraphQLError, GraphQLSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { createPlanner } from "../../../gateway/engine/planner.ts";

const schema = new GraphQLSchema({});

describe("a plan", () => {
  it("is made once for an operation, also for two requests at the same time", async () => {
    let calls = 0;
    const planner = createPlanner({
      schema,
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
    const planner = createPlanner({
      schema,
      plan: async () => {
        calls += 1;
        if (calls === 1) throw new Error("planted");
        return { kind: "QueryPlan" };
      },
    });
    await expect(planner.plan("{ a }")).rejects.toThrow("planted");
    expect(await planner.plan("{ a }")).toBeUndefined();
  });

  it("that is refused is logged once, and not begun again", async () => {
    let calls = 0;
    const logged: unknown[] = [];
    const planner = createPlanner({
      schema,
      log: { error: (...line: readonly unknown[]) => void logged.push(line) },
      plan: async () => {
        calls += 1;
        throw new GraphQLError("planted");
      },
    });
    for (const _time of [1, 2]) await expect(planner.plan("{ a }")).rejects.toThrow("planted");
    expect(calls).toBe(1);
    expect(logged).toEqual([
      [{ err: expect.any(GraphQLError), document: "{ a }" }, "the planner failed on an operation"],
    ]);
  });
});
