/** Worklists: ranked pages that stay correct while items come, go and move. */
// Must come before any decorator.
import "reflect-metadata";
import { GraphQLError } from "graphql";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cursorsOf } from "../../schema/connection.ts";
import type { Connection } from "../../schema/connection.ts";
import { worklistOf } from "../../schema/worklist.ts";
import type { Placed } from "../../schema/worklist.ts";
import { ranked } from "../support/memory-worklists.ts";

type Item = Placed<string>;

const worklist = worklistOf("things to do");

/** `"1 5 x"`: priority 1, time 5, id x; the node is the text itself. */
function items(...texts: readonly string[]): readonly Item[] {
  return texts.map((node) => {
    const [priority = "", time = "", id = ""] = node.split(" ");
    return { position: { priority: Number(priority), time: Number(time), id }, node };
  });
}

function page(from: readonly Item[], first: number | null, after: string | null = null): Promise<Connection<string>> {
  return worklist({ first, after }, async () => ({ asOf: null, ...ranked(() => from) }));
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
    const all = items("2 1 x", "1 2 z", "1 1 y", "1 2 a", "10 1 b");
    expect((await page(all, null)).nodes).toEqual(["1 1 y", "1 2 a", "1 2 z", "2 1 x", "10 1 b"]);
  });

  it("has a total, and says whether there are pages before and after", async () => {
    const all = items("1 1 p", "2 1 q", "3 1 r");
    const first = await page(all, 2);
    expect([first.nodes, first.pageInfo.hasNextPage, first.pageInfo.hasPreviousPage]).toEqual([
      ["1 1 p", "2 1 q"],
      true,
      false,
    ]);
    expect(await first.totalCount()).toBe(3);
    const last = await page(all, 2, first.pageInfo.endCursor);
    expect([last.nodes, last.pageInfo.hasNextPage, last.pageInfo.hasPreviousPage]).toEqual([["3 1 r"], false, true]);
    expect(await last.totalCount()).toBe(3);
  });

  it("may be empty, also after a cursor", async () => {
    const { pageInfo } = await page(items("1 1 p"), 1);
    for (const after of [null, pageInfo.endCursor]) {
      const { nodes, pageInfo: info, totalCount } = await page([], 1, after);
      expect([nodes, info.endCursor, info.hasNextPage, info.hasPreviousPage, await totalCount()]).toEqual([
        [],
        null,
        false,
        false,
        0,
      ]);
    }
  });

  it("continues after an item that is gone", async () => {
    const { pageInfo } = await page(items("1 1 p", "2 1 q", "3 1 r"), 2);
    expect((await page(items("1 1 p", "3 1 r"), 2, pageInfo.endCursor)).nodes).toEqual(["3 1 r"]);
  });

  it("does not show a new item that ranks before the cursor", async () => {
    const { pageInfo } = await page(items("2 1 q", "3 1 r"), 1);
    expect((await page(items("1 1 new", "2 1 q", "3 1 r"), 1, pageInfo.endCursor)).nodes).toEqual(["3 1 r"]);
  });

  it("repeats or misses an item only if its own rank changes", async () => {
    const { pageInfo } = await page(items("1 1 p", "2 1 q", "3 1 r"), 2);
    expect((await page(items("2 1 q", "3 1 r", "4 1 p"), 5, pageInfo.endCursor)).nodes).toEqual(["3 1 r", "4 1 p"]);
    expect((await page(items("0 1 r", "1 1 p", "2 1 q"), 5, pageInfo.endCursor)).nodes).toEqual([]);
  });

  it("shows each item whose rank stays exactly once, whatever happens to others between pages", async () => {
    const rank = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom(-1, 0, 0.5, Number.MAX_SAFE_INTEGER));
    const set = fc.uniqueArray(fc.tuple(rank, fc.string({ unit: "grapheme-ascii", maxLength: 3 })), {
      selector: ([, id]) => id,
      maxLength: 12,
    });
    const toItems = (set: readonly (readonly [readonly [number, number], string])[]): readonly Item[] =>
      set.map(([[priority, time], id]) => ({ position: { priority, time, id }, node: id }));
    await fc.assert(
      fc.asyncProperty(set, set, fc.integer({ min: 1, max: 4 }), async (staying, coming, size) => {
        const names = new Set(staying.map(([, id]) => id));
        const others = coming.filter(([, id]) => !names.has(id));
        const seen: string[] = [];
        for (let after: string | null = null, turn = 0, more = true; more && turn < 50; turn += 1) {
          // The others exist for every second page only, each time with other ranks.
          const moved = others.map(([[priority, time], id]) => [[(priority + turn) % 4, time], id] as const);
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
    let opened = 0;
    const asked = worklist({ first, after: null }, async () => {
      opened += 1;
      return { asOf: null, ...ranked(() => []) };
    });
    expect(await refusal(asked)).toEqual({
      message: `Cannot list: first must be from 1 to 200, but got ${first}`,
      extensions: { code: "BAD_USER_INPUT", argument: "first" },
    });
    expect(opened).toBe(0);
  });

  const encoded = (position: unknown): string => cursorsOf("things to do", (value) => value).encode(position);
  const PLACE = { priority: 1, time: 1, id: "x" };
  it.each([
    ["of another worklist", cursorsOf("other things", (value) => value).encode(PLACE)],
    ["of too few parts", encoded({ priority: 1, id: "x" })],
    ["of too many parts", encoded({ ...PLACE, more: 1 })],
    ["whose number is a text", encoded({ ...PLACE, priority: "1" })],
    [
      "whose number is infinite",
      Buffer.from('["things to do",{"priority":1e999,"time":1,"id":"x"}]').toString("base64url"),
    ],
    ["whose id is a number", encoded({ ...PLACE, id: 3 })],
    ["whose id no database holds", encoded({ ...PLACE, id: "x\0" })],
    ["with null", encoded({ ...PLACE, time: null })],
    ["that is an array", encoded([1, 1, "x"])],
    ["that was truncated", encoded(PLACE).slice(0, -2)],
    ["that was made up", "MTIz"],
    ["that is empty", ""],
  ])("refuses a cursor %s before it ranks anything", async (_what, after) => {
    let opened = 0;
    const asked = worklist({ first: 1, after }, async () => {
      opened += 1;
      return { asOf: null, ...ranked(() => []) };
    });
    expect(await refusal(asked)).toEqual({
      message: "Cannot list: after is not a cursor of things to do",
      extensions: { code: "BAD_USER_INPUT", argument: "after" },
    });
    expect(opened).toBe(0);
  });

  it("leaves out what does not exist any more, and goes on after it", async () => {
    const gone = { position: { priority: 1, time: 1, id: "p" }, node: null };
    const open = async () => ({ asOf: null, ...ranked<string>(() => [gone, ...items("1 2 q", "2 1 r")]) });
    const first = await worklist({ first: 2, after: null }, open);
    expect([first.nodes, first.pageInfo.hasNextPage]).toEqual([["1 2 q"], true]);
    const last = await worklist({ first: 2, after: first.pageInfo.endCursor }, open);
    expect([last.nodes, last.pageInfo.hasNextPage]).toEqual([["2 1 r"], false]);
  });
});
