/** Worklists: ranked pages that stay correct while items come, go and move. */
// Must come before any decorator.
import "reflect-metadata";
import { GraphQLError } from "graphql";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cursorsOf } from "../../schema/connection.ts";
import type { Connection } from "../../schema/connection.ts";
import { worklistOf } from "../../schema/worklist.ts";
import type { Ranked } from "../../schema/worklist.ts";

type Item = Ranked<readonly ["number", "string"], string>;

const worklist = worklistOf("things to do", ["number", "string"]);

/** `"1 a x"`: rank 1 and a, id x; the node is the text itself. */
function items(...texts: readonly string[]): readonly Item[] {
  return texts.map((node) => {
    const [priority = "", name = "", id = ""] = node.split(" ");
    return { rank: [Number(priority), name], id, node };
  });
}

function page(from: readonly Item[], first: number | null, after: string | null = null): Promise<Connection<string>> {
  return worklist({ first, after }, async () => from);
}

async function refusal(asked: Promise<unknown>): Promise<object> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GraphQLError)) throw new Error("expected a refusal");
  return { message: error.message, extensions: error.extensions };
}

describe("a worklist", () => {
  it("orders items by rank, and items of the same rank by id", async () => {
    const all = items("2 a x", "1 b z", "1 a y", "1 b a", "10 a b");
    expect((await page(all, null)).nodes).toEqual(["1 a y", "1 b a", "1 b z", "2 a x", "10 a b"]);
  });

  it("has a total, and says whether there are pages before and after", async () => {
    const all = items("1 a p", "2 a q", "3 a r");
    const first = await page(all, 2);
    expect([first.nodes, first.pageInfo.hasNextPage, first.pageInfo.hasPreviousPage]).toEqual([
      ["1 a p", "2 a q"],
      true,
      false,
    ]);
    expect(first.totalCount()).toBe(3);
    const last = await page(all, 2, first.pageInfo.endCursor);
    expect([last.nodes, last.pageInfo.hasNextPage, last.pageInfo.hasPreviousPage]).toEqual([["3 a r"], false, true]);
    expect(last.totalCount()).toBe(3);
  });

  it("may be empty, also after a cursor", async () => {
    const { pageInfo } = await page(items("1 a p"), 1);
    for (const after of [null, pageInfo.endCursor]) {
      const { nodes, pageInfo: info, totalCount } = await page([], 1, after);
      expect([nodes, info.endCursor, info.hasNextPage, info.hasPreviousPage, totalCount()]).toEqual([
        [],
        null,
        false,
        false,
        0,
      ]);
    }
  });

  it("continues after an item that is gone", async () => {
    const { pageInfo } = await page(items("1 a p", "2 a q", "3 a r"), 2);
    expect((await page(items("1 a p", "3 a r"), 2, pageInfo.endCursor)).nodes).toEqual(["3 a r"]);
  });

  it("does not show a new item that ranks before the cursor", async () => {
    const { pageInfo } = await page(items("2 a q", "3 a r"), 1);
    expect((await page(items("1 a new", "2 a q", "3 a r"), 1, pageInfo.endCursor)).nodes).toEqual(["3 a r"]);
  });

  it("repeats or misses an item only if its own rank changes", async () => {
    const { pageInfo } = await page(items("1 a p", "2 a q", "3 a r"), 2);
    expect((await page(items("2 a q", "3 a r", "4 a p"), 5, pageInfo.endCursor)).nodes).toEqual(["3 a r", "4 a p"]);
    expect((await page(items("0 a r", "1 a p", "2 a q"), 5, pageInfo.endCursor)).nodes).toEqual([]);
  });

  it("shows each item whose rank stays exactly once, whatever happens to others between pages", async () => {
    const rank = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom("", "a", "B", "é"));
    const set = fc.uniqueArray(fc.tuple(rank, fc.string({ maxLength: 3 })), {
      selector: ([, id]) => id,
      maxLength: 12,
    });
    const toItems = (set: readonly (readonly [readonly [number, string], string])[]): readonly Item[] =>
      set.map(([own, id]) => ({ rank: own, id, node: id }));
    await fc.assert(
      fc.asyncProperty(set, set, fc.integer({ min: 1, max: 4 }), async (staying, coming, size) => {
        const names = new Set(staying.map(([, id]) => id));
        const others = coming.filter(([, id]) => !names.has(id));
        const seen: string[] = [];
        for (let after: string | null = null, turn = 0, more = true; more && turn < 50; turn += 1) {
          // The others exist for every second page only, each time with other ranks.
          const moved = others.map(([[priority, name], id]) => [[(priority + turn) % 4, name], id] as const);
          const found: Connection<string> = await page(
            toItems([...staying, ...(turn % 2 === 0 ? moved : [])].toReversed()),
            size,
            after,
          );
          seen.push(...found.nodes.filter((id) => names.has(id)));
          [after, more] = [found.pageInfo.endCursor ?? after, found.pageInfo.hasNextPage];
        }
        expect(seen.toSorted()).toEqual([...names].toSorted());
      }),
    );
  });

  it.each([0, -1, 201])("refuses a page of %i before it ranks anything", async (first) => {
    let ranked = 0;
    const asked = worklist({ first, after: null }, async () => {
      ranked += 1;
      return [];
    });
    expect(await refusal(asked)).toEqual({
      message: `Cannot list: first must be from 1 to 200, but got ${first}`,
      extensions: { code: "BAD_USER_INPUT", argument: "first" },
    });
    expect(ranked).toBe(0);
  });

  const encoded = (position: unknown): string => cursorsOf("things to do", (value) => value).encode(position);
  it.each([
    ["of another worklist", cursorsOf("other things", (value) => value).encode([1, "a", "x"])],
    ["of too few parts", encoded([1, "x"])],
    ["of too many parts", encoded([1, "a", "x", "y"])],
    ["whose number is a text", encoded(["1", "a", "x"])],
    ["whose text is a number", encoded([1, 2, "x"])],
    ["whose id is a number", encoded([1, "a", 3])],
    ["with null", encoded([null, "a", "x"])],
    ["that is not an array", encoded({ 0: 1, 1: "a", 2: "x", length: 3 })],
    ["that was truncated", encoded([1, "a", "x"]).slice(0, -2)],
    ["that was made up", "MTIz"],
    ["that is empty", ""],
  ])("refuses a cursor %s before it ranks anything", async (_what, after) => {
    let ranked = 0;
    const asked = worklist({ first: 1, after }, async () => {
      ranked += 1;
      return [];
    });
    expect(await refusal(asked)).toEqual({
      message: "Cannot list: after is not a cursor of things to do",
      extensions: { code: "BAD_USER_INPUT", argument: "after" },
    });
    expect(ranked).toBe(0);
  });

  it.each([Infinity, -Infinity, Number.NaN])("refuses the rank %d, which a cursor cannot hold", async (number) => {
    const invalid = [{ rank: [number, "a"], id: "x", node: "x" }] as const;
    await expect(worklist({ first: 1, after: null }, async () => invalid)).rejects.toThrow(
      new RangeError(`a rank must be of finite numbers but got ${number} for x`),
    );
  });
});
