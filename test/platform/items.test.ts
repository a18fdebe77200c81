/** Lists of an upstream whose items are parsed one by one. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ItemError, byId, itemsOf, orNull, readable } from "../../subgraphs/platform/items.ts";

const items = itemsOf("shop");
const Order = z.object({ id: z.string(), total: z.number() });
const Orders = items.list("order", Order, { owner: "customer" });

describe("a list of items", () => {
  it("has an error in the place of a bad item, which names upstream, item and field, and not its values", () => {
    const [good, bad] = Orders.parse([
      { id: "a", total: 1 },
      { id: "b", total: "a secret", customer: "c1" },
    ]);
    expect(good).toEqual({ id: "a", total: 1 });
    expect(bad).toBeInstanceOf(ItemError);
    expect(bad).toMatchObject({
      message:
        "Cannot ask shop: it answered unexpectedly: order b: total: Invalid input: expected number, received string",
      upstream: "shop",
      failure: "UNEXPECTED",
      item: "order b",
      field: "total",
      id: "b",
      ownerId: "c1",
    });
  });

  it.each([[{ total: 1 }], [{ id: 7, total: 1 }], [{ id: "<script>", total: "x" }], [null], ["text"]])(
    "names %j by its place",
    (raw) => {
      expect(Orders.parse([raw])).toMatchObject([{ item: "order #0", id: undefined, ownerId: undefined }]);
    },
  );

  it("that is no list is unexpected as a whole", () => {
    expect(Orders.safeParse({}).success).toBe(false);
  });
});

describe("items by their ids", () => {
  const idOf = ({ id }: z.infer<typeof Order>): string => id;

  it("have the error of a bad one at its id", () => {
    const found = byId(Orders.parse([{ id: "a", total: 1 }, { id: "b" }]), idOf);
    expect([found.get("a"), found.get("b"), found.get("c")]).toMatchObject([
      { id: "a" },
      { item: "order b" },
      undefined,
    ]);
  });

  it("have the error of a nameless one at each id that is missing", () => {
    const found = byId(Orders.parse([{ id: "a", total: 1 }, {}]), idOf);
    expect([found.get("a"), found.get("b")]).toMatchObject([{ id: "a" }, { item: "order #1" }]);
  });
});

describe("a list that is shown without its bad items", () => {
  it("logs each of them once, in one line", () => {
    const lines: unknown[] = [];
    const log = { warn: (...line: readonly unknown[]) => void lines.push(line) };
    const orders = Orders.parse([{ id: "a", total: 1 }, { id: "b" }, { total: 2 }]);
    expect([readable(log, orders), readable(log, orders)]).toEqual([[{ id: "a", total: 1 }], [{ id: "a", total: 1 }]]);
    expect(lines).toEqual([
      [
        { upstream: "shop", items: ["order b: total", "order #2: id"], leftOut: 2 },
        expect.stringMatching(/^shown without what cannot be read: Cannot ask shop: .* order b: total: /),
      ],
    ]);
  });
});

it("what a reader can do without is null if it is missing or of another type", () => {
  const Total = z.object({ total: orNull(z.number()) });
  expect([{}, { total: null }, { total: "7" }, { total: 7 }].map((raw) => Total.parse(raw).total)).toEqual([
    null,
    null,
    null,
    7,
  ]);
});
