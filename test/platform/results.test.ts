import { describe, expect, it } from "vitest";
import { results, requireAll } from "../../subgraphs/platform/results.ts";

describe("what is settled", () => {
  const failure = new Error("away");

  it("is each answer at its place, and each failure", async () => {
    const work = [Promise.resolve(1), Promise.reject(failure), Promise.resolve(undefined)];
    expect(await results(work)).toEqual([1, failure, undefined]);
    expect(await results([])).toEqual([]);
  });

  it("is one moment for all of them: the failed wait for the slow", async () => {
    const slow = Promise.withResolvers<number>();
    let isSettled = false;
    const settled = results([Promise.reject(failure), slow.promise]).finally(() => (isSettled = true));
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(isSettled).toBe(false);
    slow.resolve(2);
    expect(await settled).toEqual([failure, 2]);
  });

  it("has an Error even where something else was thrown", async () => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- which is what it is about
    const [thrown] = await results([Promise.reject("a text")]);
    expect(thrown).toEqual(new Error("Cannot answer: something was thrown that is no error", { cause: "a text" }));
  });
});

describe("requireAll", () => {
  it("is all of it", () => {
    expect(requireAll([1, null, 2])).toEqual([1, null, 2]);
  });

  it("is the first failure where there is one", () => {
    const failures = [new Error("first"), new Error("second")];
    expect(() => requireAll([1, ...failures])).toThrow(failures[0]);
  });
});
