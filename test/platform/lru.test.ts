import { describe, expect, it } from "vitest";
import { createLru } from "../../subgraphs/platform/lru.ts";

describe("a map of what was used last", () => {
  it("holds at most its maximum, and drops first what was used longest ago", () => {
    const kept = createLru<string, { readonly of: string }>(3);
    for (const name of ["a", "b", "c"]) kept.set(name, { of: name });
    kept.get("a");
    kept.set("d", { of: "d" });
    expect([...kept.keys()].toSorted()).toEqual(["a", "c", "d"]);
    expect(kept.size).toBe(3);
  });

  it("takes no memory for entries that it does not have", () => {
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    const many = Array.from({ length: 20 }, () => createLru<number, true>(1_000_000));
    const grown = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before;
    expect(many).toHaveLength(20);
    expect(grown).toBeLessThan(10_000_000);
  });
});
