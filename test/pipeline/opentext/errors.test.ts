/** Messages of the service are logged, facts never. */
import { describe, expect, it } from "vitest";
import { readErrorMessage } from "../../../subgraphs/pipeline/opentext/errors.ts";

const NAME = 'Björn "Bear" O\'Hara & sons';

describe("a message of the service", () => {
  it.each([
    ["as it is", NAME],
    ["escaped as JSON", JSON.stringify(NAME).slice(1, -1)],
    ["escaped as ASCII", NAME.replace("ö", "\\u00f6")],
    ["in capital letters", NAME.toUpperCase()],
    ["encoded for a URL", encodeURIComponent(NAME)],
    ["encoded for HTML", NAME.replace("&", "&amp;").replaceAll('"', "&quot;").replaceAll("'", "&#39;")],
    ["decomposed", NAME.normalize("NFD")],
    ["with doubled blanks", NAME.replaceAll(" ", "  ")],
    ["cut", `${NAME.slice(0, 12)}…`],
  ])("does not show a text that was sent: %s", (_how, repeated) => {
    const message = readErrorMessage({ message: `cannot read ${repeated}: wrong` }, [NAME]);
    expect(message).not.toMatch(/bj|bear|hara|sons/i);
    expect(message).toBeDefined();
  });

  it.each(["4321", "4,321", "4.321E3", "4321.0"])("does not show a number that was sent: %s", (repeated) => {
    expect(readErrorMessage({ message: `got ${repeated}` }, [4321])).not.toContain("321");
  });

  it("is shown where it repeats nothing", () => {
    expect(readErrorMessage({ message: "Unknown input 'amount' of campaign 42" }, [4, NAME, "web", true])).toBe(
      "Unknown input 'amount' of campaign 42",
    );
  });
});
