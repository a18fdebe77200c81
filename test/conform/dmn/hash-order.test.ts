/** Orders that the public engine gave. */
import { describe, expect, it } from "vitest";
import { hashOrder } from "./hash-order.ts";

const order = (...numbers: readonly number[]): readonly number[] =>
  hashOrder(numbers.map((number) => ({ number }))).map(({ number }) => number);
const first = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("the order of a hash map", () => {
  it.each([12, 13, 16, 24, 25, 40])("is that of the table for the first %i rules", (count) => {
    expect(order(...first(count))).toEqual(first(count));
  });

  it("is by the number modulo 16, then as in the table", () => {
    expect(order(1, 17, 33, 49)).toEqual([1, 17, 33, 49]);
    expect(order(1, 2, 16, 17, 33)).toEqual([16, 1, 17, 33, 2]);
    expect(order(10, 13, 14, 15, 16, 17, 20)).toEqual([16, 17, 20, 10, 13, 14, 15]);
  });

  it("is by the number modulo 32 from 13 matches on", () => {
    const numbers = [4, 5, 6, 20, 21, 22, 36, 37, 38, 53, 54, 69, 70];
    expect(order(...numbers)).toEqual([4, 36, 5, 37, 69, 6, 38, 70, 20, 21, 53, 22, 54]);
  });

  it("is by the number modulo 32 where nine rules share a bucket", () => {
    const numbers = [1, 17, 33, 49, 65, 81, 97, 113, 129];
    expect(order(...numbers)).toEqual([1, 33, 65, 97, 129, 17, 49, 81, 113]);
  });
});
