/** What the log has of an error. */
import { expect, it } from "vitest";
import { shownError } from "../../subgraphs/platform/log.ts";
import { UpstreamError } from "../../subgraphs/platform/upstream-error.ts";

it("is its words and its codes", () => {
  const error = new UpstreamError("crm", "STATUS", "it answered 500", { status: 500, detail: "come back later" });
  expect(shownError(error)).toMatchObject({
    type: "UpstreamError",
    message: expect.stringContaining("it answered 500"),
    status: 500,
    detail: "come back later",
    stack: expect.stringContaining("log.test"),
  });
});

it("is nothing that hangs on it, such as a connection", () => {
  const client = { user: "decibel", secretKey: 42 };
  const error = Object.assign(new Error("terminated"), { code: "57P01", client, own: new Error("planted") });
  const shown = shownError(new AggregateError([error], "all of them"));
  expect(shown).toMatchObject({
    message: expect.stringContaining("all of them"),
    aggregateErrors: [{ code: "57P01" }],
  });
  expect(shownError({ message: "terminated", client })).toEqual({ message: "terminated" });
  expect(JSON.stringify((shown as { aggregateErrors: unknown }).aggregateErrors)).not.toMatch(/secretKey|planted/);
});

it("is not the values of a row that the database has refused", () => {
  const refused = { severity: "ERROR", code: "23514", detail: "Failing row contains (planted)", where: "planted" };
  const shown = shownError(Object.assign(new Error("violates a check"), refused));
  expect(shown).toMatchObject({ severity: "ERROR", code: "23514" });
  expect(JSON.stringify(shown)).not.toContain("planted");
});
