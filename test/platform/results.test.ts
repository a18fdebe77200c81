/** Results of a batch: values and errors, aligned with the keys. */
import { describe, expect, it } from "vitest";
import { results, requireAll } from "../../subgraphs/platform/results.ts";

describe("results", () => {
  const failure = new Error("away");

  it("has each value and each error at its index", async () => {
    const work = [Promise.resolve(1), Promise.reject(failure), Promise.resolve(undefined)];
    expect(await results(work)).toEqual([1, failure, undefined]);
    expect(await results([])).toEqual([]);
  });

  it("gives all results at the same moment: a failure waits for the slowest", async () => {
    const slow = Promise.withResolvers<number>();
    let isDone = false;
    const work = results([Promise.reject(failure), slow.promise]).finally(() => (isDone = true));
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(isDone).toBe(false);
    slow.resolve(2);
    expect(await work).toEqual([failure, 2]);
  });

  it("wraps a thrown value that is not an Error", async () => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the case under test
    const [thrown] = await results([Promise.reject("a text")]);
    expect(thrown).toEqual(new Error("Cannot answer: the thrown value is not an Error", { cause: "a text" }));
  });
});

describe("requireAll", () => {
  it("gives all values", () => {
    expect(requireAll([1, null, 2])).toEqual([1, null, 2]);
  });

  it("throws the first error", () => {
    const failures = [new Error("first"), new Error("second")];
    expect(() => requireAll([1, ...failures])).toThrow(failures[0]);
  });
});
